"""What a correction changed, as the public may know it: figures of places that both releases show.

In: two bulletins as data (`bulletin.<language>.json`). Out: rows (place, what, before, after). Nobody's
score is in a bulletin, so none is in a difference (G1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Figures = Mapping[tuple[str, str], str]
Page = Mapping[str, Any]


@dataclass(frozen=True)
class Changed:
    """A figure that is another one now; empty = not shown."""

    place: str
    what: str
    before: str
    after: str


def changes(before: Page, after: Page) -> list[Changed]:
    """All figures that differ, in the order of the newer page."""
    old, new = dict(_figures(before)), dict(_figures(after))
    keys = [*new, *(key for key in old if key not in new)]
    return [Changed(*key, old.get(key, ""), new.get(key, "")) for key in keys if old.get(key) != new.get(key)]


def _figures(page: Page) -> Iterator[tuple[tuple[str, str], str]]:
    for name, number, _note in page["figures"]:
        yield ("", name), number
    for question in page["questions"]:
        yield ("", question["short"]), question["points"]
    for picture in (page["streets"], *page["streets_by_item"]):
        for strip in picture["strips"] if picture else ():
            yield (strip["name"], picture["title"]), strip["text"]
    for table in page["communities"]:
        for name, cells in table["rows"]:
            for what, (mean, _half) in zip(table["heads"], cells, strict=True):
                yield (f"{table['street']} {name}".strip(), what), mean
