"""A page made of sections (fairness, outcomes), as data: the template writes it and computes nothing.

All texts are ready; `pictures` are SVG made by `figures`, whose texts are escaped there. Built by
`fairness` and `outcomes.page`, written by `templates/sections.html.j2`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A table: the first `names` columns are words, the others numbers."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: int = 1


@dataclass(frozen=True)
class Section:
    """One question: what was found in one sentence, the evidence, and what to do."""

    key: str
    title: str
    lead: str
    finding: str
    action: str
    tables: tuple[Table, ...] = ()
    pictures: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DistrictPart:
    """All sections of one district; `name` is empty where there is only one."""

    name: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class SectionPage:
    """The whole page; `empty` says why there is nothing."""

    language: str
    title: str
    heading: str
    period: str
    demo_notes: tuple[str, ...]
    note: str
    empty: str
    warnings: tuple[str, ...]
    districts: tuple[DistrictPart, ...]
    check: str
    words: dict[str, str]
