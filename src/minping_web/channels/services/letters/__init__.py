"""Letters, posters, link cards and paper forms as PDF: data in, Typst sets, nothing of a text is markup.

Lists of letters are set in pieces and joined while they are written, so that 10,000 of them take no more
memory than a few hundred. Links lie in memory only, never in a file of ours.
"""

from minping_web.channels.services.letters.making import letter_pages, make_letters
from minping_web.channels.services.letters.rows import (
    LetterRow,
    LetterWording,
    day_on_letters,
    standard_wording,
)
from minping_web.channels.services.letters.sheets import (
    LinkCard,
    PaperItem,
    PaperQuestionnaire,
    link_card,
    make_paper_forms,
    make_poster,
)

__all__ = [
    "LetterRow",
    "LetterWording",
    "LinkCard",
    "PaperItem",
    "PaperQuestionnaire",
    "day_on_letters",
    "letter_pages",
    "link_card",
    "make_letters",
    "make_paper_forms",
    "make_poster",
    "standard_wording",
]
