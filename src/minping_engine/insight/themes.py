"""Themes of comments by words that stand in a list (S14): how many speak of what, never what they say.

In: redacted comments. Out: counts by theme, and only those that reach a least number. A list of words sees
neither irony nor new topics; it is the same for everybody, can be read in `themes.yaml`, and costs nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

FEWEST = 5
"""Fewer comments than this on a theme could be told by who wrote them (design 6)."""


@dataclass(frozen=True)
class Theme:
    """A theme with its title and the words that point at it."""

    name: str
    titles: tuple[tuple[str, str], ...]
    words: tuple[str, ...]

    def title(self, language: str) -> str:
        """The title in a language."""
        return dict(self.titles)[language]


@cache
def themes() -> tuple[Theme, ...]:
    """All themes of the list."""
    import yaml

    text = (resources.files(__package__) / "themes.yaml").read_text("utf-8")
    return tuple(
        Theme(name, tuple(one["title"].items()), tuple(map(str, one["words"])))
        for name, one in yaml.safe_load(text).items()
    )


def themes_of(comment: str) -> frozenset[str]:
    """Names of the themes that a comment speaks of.

    >>> sorted(themes_of("电梯坏了没人通知"))
    ['buildings', 'information']
    """
    return frozenset(theme.name for theme in themes() if any(word in comment for word in theme.words))


def count_themes(comments: Iterable[str], *, fewest: int = FEWEST) -> tuple[tuple[Theme, int], ...]:
    """(theme, comments) from `fewest` on, most first."""
    counted = Counter(name for comment in comments for name in themes_of(comment))
    shown = [(theme, counted[theme.name]) for theme in themes() if counted[theme.name] >= fewest]
    return tuple(sorted(shown, key=lambda pair: -pair[1]))
