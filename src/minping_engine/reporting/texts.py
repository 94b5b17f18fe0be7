"""Words of cards, workbook and bulletin in Chinese and English, from the YAML files beside.

In: the name of a file in `texts/` and a language. Out: key -> text. `{name}` in a text is filled
by the caller. Every key has both languages; a test holds that. Words of a scheme (titles, items,
advice) come from the scheme, closed lists (modes, statuses) from `terms`.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Literal

Language = Literal["zh", "en"]


@cache
def both_languages(name: str) -> dict[str, dict[str, str]]:
    """All texts of `texts/<name>.yaml`: key -> language -> text."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    file = resources.files(__package__) / "texts" / f"{name}.yaml"
    entries: dict[str, dict[str, str]] = yaml.load(file.read_text("utf-8"), Loader=loader)
    return entries


def texts(name: str, language: str) -> dict[str, str]:
    """Texts of one language."""
    return {key: entry[language] for key, entry in both_languages(name).items()}
