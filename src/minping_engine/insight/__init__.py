"""What comments may show: free text with everything hidden that leads to a person (docs/method/redaction.md).

In: a comment, names that are known. Out: a redacted copy with marks. No model, no download, no state: the
same text gives the same copy everywhere. The original stays sealed. Themes are counted by a list of words.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.insight.cleaning import Cleaned, clean_text
    from minping_engine.insight.kinds import Kind, Mark, Redacted
    from minping_engine.insight.names import NameList
    from minping_engine.insight.redaction import COMMENT_LIMIT, redact
    from minping_engine.insight.themes import Theme, count_themes

__all__ = [
    "COMMENT_LIMIT",
    "Cleaned",
    "Kind",
    "Mark",
    "NameList",
    "Redacted",
    "Theme",
    "clean_text",
    "count_themes",
    "redact",
]

__getattr__ = lazy_front(
    __name__,
    {
        "COMMENT_LIMIT": "redaction",
        "Cleaned": "cleaning",
        "Kind": "kinds",
        "Mark": "kinds",
        "NameList": "names",
        "Redacted": "kinds",
        "Theme": "themes",
        "clean_text": "cleaning",
        "count_themes": "themes",
        "redact": "redaction",
    },
)
