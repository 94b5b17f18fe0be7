"""What a frozen scheme asks for beside ballots: rater groups with items and scales, facts, visits, cases.

In: a loaded scheme. Out: plain values in one language for pages, imports and the closing of the evidence.
The greatest mark of an item is where the scheme gives full points; a fact that a veto, a deduction or an exit
reads costs somebody something, and only two persons bring it in (D11, S94).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from minping_engine.assessment import case_columns, items_asked, visit_windows
from minping_engine.scheme import (
    AppraisalMean,
    AppraisalShare,
    Bilingual,
    Fact,
    Formula,
    LoadedScheme,
    RaterGroup,
    nodes_of,
)
from minping_web.appraisals.rules.numbers import MILLI, written

USUAL_MOST = 100 * MILLI
OVERALL = "overall"
"""The item of a group for which the scheme names none."""
NUMERIC_WORDS = frozenset({"text"})
COSTLY_USES = frozenset({"exit", "card", "rectification"})
YUAN = "yuan"


@dataclass(frozen=True)
class AskedItem:
    """What raters of a group mark; `most_milli` is full marks. Yes-or-no items have nothing between."""

    id: str
    title: str
    most_milli: int
    is_yes_no: bool = False
    anchors: tuple[tuple[str, str], ...] = ()
    """(marks, words) as the scheme describes its scale, best first."""

    @property
    def most(self) -> str:
        """Full marks, as people write them."""
        return written(self.most_milli)


@dataclass(frozen=True)
class AskedGroup:
    """A rater group; `shares`: (kind, at least per cent, at most per cent)."""

    id: str
    title: str
    source: str
    minimum: int
    maximum: int | None
    shares: tuple[tuple[str, int, int], ...]
    items: tuple[AskedItem, ...]

    def item(self, name: str) -> AskedItem | None:
        """The item of that id."""
        return next((one for one in self.items if one.id == name), None)


@dataclass(frozen=True)
class AskedFact:
    """A fact; `is_costly`: it costs somebody points, grade or post."""

    id: str
    title: str
    unit: str
    is_costly: bool
    may_be_absent: bool
    choices: tuple[str, ...]
    basis: str

    @property
    def is_text(self) -> bool:
        """Whether it is a word."""
        return self.unit == "text"


@dataclass(frozen=True)
class Asked:
    """All of it. `windows`: `period`, `year`; `has_ballots`: costs per outcome can be told."""

    groups: tuple[AskedGroup, ...]
    facts: tuple[AskedFact, ...]
    windows: tuple[str, ...]
    has_cases: bool
    has_ballots: bool

    @property
    def is_anything(self) -> bool:
        """Whether the scheme reads anything beside ballots."""
        return bool(self.groups or self.facts or self.windows or self.has_cases)

    def group(self, name: str) -> AskedGroup | None:
        """The group of that id."""
        return next((one for one in self.groups if one.id == name), None)

    def fact(self, name: str) -> AskedFact | None:
        """The fact of that id."""
        return next((one for one in self.facts if one.id == name), None)


def asked_by(loaded: LoadedScheme, language: str) -> Asked:
    """What the scheme asks, in words of one language."""
    costly = _costly(loaded)
    items = items_asked(loaded)
    return Asked(
        groups=tuple(
            _group(loaded, group, items[group.id], language)
            for group in loaded.scheme.raters
            if group.id in items
        ),
        facts=tuple(_fact(fact, costly, language) for fact in loaded.scheme.facts),
        windows=visit_windows(loaded),
        has_cases=case_columns(loaded) is not None,
        has_ballots=bool(loaded.scheme.instruments),
    )


def _group(
    loaded: LoadedScheme, group: RaterGroup, items: dict[str, Bilingual | None], language: str
) -> AskedGroup:
    named = items or {OVERALL: group.title}
    return AskedGroup(
        group.id,
        group.title.of(language),
        group.source,
        group.minimum,
        group.maximum,
        tuple((one.kind, one.at_least_percent, one.at_most_percent) for one in group.shares),
        tuple(_item(loaded, group.id, name, title, language) for name, title in named.items()),
    )


def _item(loaded: LoadedScheme, group: str, name: str, title: Bilingual | None, language: str) -> AskedItem:
    for measure in loaded.scheme.measures:
        if isinstance(measure, AppraisalShare) and (measure.raters, measure.item) == (group, name):
            words = title or measure.title
            return AskedItem(name, words.of(language), int(measure.from_points * MILLI), is_yes_no=True)
    means = [m for m in loaded.scheme.measures if isinstance(m, AppraisalMean) and m.raters == group]
    reading = [m for m in means if name in m.items] or [m for m in means if not m.items]
    most = _full_marks(loaded, reading[0]) if reading else None
    told = f"{reading[0].title.of(language)} · {name}" if reading else name
    anchors = _anchors(reading[0], language) if reading else ()
    return AskedItem(name, title.of(language) if title else told, most or USUAL_MOST, anchors=anchors)


def _anchors(measure: AppraisalMean, language: str) -> tuple[tuple[str, str], ...]:
    """(from which mark on, words), where the scheme describes its scale."""
    return tuple((written(int(one.from_ * MILLI)), one.text.of(language)) for one in measure.anchors)


def _full_marks(loaded: LoadedScheme, measure: AppraisalMean) -> int | None:
    """Where an indicator gives all its points, shared by the items that are added up."""
    for node in nodes_of(loaded.scheme.indicators):
        top = getattr(node.criterion, "to", None) if node.measure == measure.id else None
        if isinstance(top, Fraction) and top > 0:
            return int(top * MILLI / max(len(measure.items), 1))
    return None


def _fact(fact: Fact, costly: frozenset[str], language: str) -> AskedFact:
    return AskedFact(
        fact.id, fact.title.of(language), fact.unit.value, fact.id in costly,
        fact.if_absent is not None, fact.choices, fact.basis,
    )  # fmt: skip


def _costly(loaded: LoadedScheme) -> frozenset[str]:
    """Facts that a veto, a deduction or the end of somebody's work reads, through formulas too."""
    names: set[str] = set()
    for place in _costly_places(loaded):
        rule = loaded.rules.get(place)
        names |= rule.names if rule else set()
    formulas = {one.id for one in loaded.scheme.measures if isinstance(one, Formula)}
    waiting = names & formulas
    while waiting:
        rule = loaded.rules.get(f"measures.{waiting.pop()}.value")
        found = (rule.names if rule else frozenset()) - names
        names |= found
        waiting |= found & formulas
    numeric = {fact.id for fact in loaded.scheme.facts if fact.unit.value not in NUMERIC_WORDS}
    return frozenset(names & numeric)


def _costly_places(loaded: LoadedScheme) -> Iterator[str]:
    for veto in loaded.scheme.vetoes:
        yield f"vetoes.{veto.id}.when"
    for one in loaded.scheme.adjustments:
        if one.kind == "deduction":
            yield from (f"adjustments.{one.id}.points", f"adjustments.{one.id}.when")
    for use in loaded.scheme.use:
        if use.kind in COSTLY_USES and use.money is None:
            yield f"use.{use.id}.when"
