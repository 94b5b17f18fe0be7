"""What both papers read: outcomes with points, changes and proposals by assessee, names instead of ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from minping_engine.assessment.result import Result
from minping_engine.assessment.scored.places import read_places
from minping_engine.reporting.numbers import DASH, points_text
from minping_engine.reporting.outcomes.reasons import GradeReasons
from minping_engine.reporting.texts import texts
from minping_engine.scheme import Indicator, LoadedScheme, Titled, band_lists, nodes_of
from minping_engine.scheme.describe import ProposalWords, proposal_words
from minping_engine.snapshot import Snapshot
from minping_engine.terms import MeasureState, NotAssessed, label

Row = Mapping[str, Any]


@dataclass(frozen=True)
class View:
    """A result as an office reads it."""

    result: Result
    scheme: LoadedScheme
    snapshot: Snapshot
    language: str

    @cached_property
    def words(self) -> dict[str, str]:
        """Words of these papers."""
        return texts("outcomes", self.language)

    @cached_property
    def outcomes(self) -> list[Row]:
        """In order of group and id, which is no ranking."""
        rows: list[Row] = self.result["outcomes"].to_pylist()
        return sorted(rows, key=lambda row: (row["group"], row["assessee_id"]))

    @cached_property
    def assessed(self) -> list[Row]:
        """Those with a score."""
        return [row for row in self.outcomes if row["score"] is not None]

    @cached_property
    def nodes(self) -> tuple[Indicator, ...]:
        """All nodes of the tree."""
        return tuple(nodes_of(self.scheme.scheme.indicators))

    @cached_property
    def points(self) -> dict[tuple[str, str], Row]:
        """Rows of `nodes` by assessee and node."""
        return {(row["assessee_id"], row["node"]): row for row in self.result["nodes"].to_pylist()}

    @cached_property
    def titles(self) -> dict[str, str]:
        """Titles of everything that has an id."""
        scheme = self.scheme.scheme
        parts: list[Titled] = [*scheme.facts, *scheme.measures, *self.nodes, *scheme.adjustments]
        parts += [*scheme.over_periods, *scheme.vetoes, *scheme.cards]
        made = {part.id: part.title.of(self.language) for part in parts}
        return made | {use.id: use.text.of(self.language) for use in scheme.use}

    @cached_property
    def grades(self) -> dict[str, str]:
        """Labels of grades, best first."""
        rows = [band for bands in band_lists(self.scheme.scheme).values() for band in bands]
        ordered = sorted(rows, key=lambda band: -band.from_points)
        return {band.grade: band.label.of(self.language) for band in ordered}

    @cached_property
    def decimals(self) -> int:
        """How many decimals scores are rounded to."""
        scheme = self.scheme.scheme
        return 2 if not scheme.has_tree or scheme.total.round is None else scheme.total.round

    def score(self, value: float | None) -> str:
        """A score as the scheme rounds it."""
        return points_text(value, self.decimals)

    @cached_property
    def reasons(self) -> GradeReasons:
        """Why grades are not those of the bands."""
        return GradeReasons(self.scheme.scheme, read_places(self.snapshot), self.words, self.language)

    @cached_property
    def proposals(self) -> dict[str, list[Row]]:
        """Proposals by assessee, in the order of the scheme's uses."""
        made: dict[str, list[Row]] = {}
        order = {use.id: place for place, use in enumerate(self.scheme.scheme.use)}
        for row in sorted(self.result["proposals"].to_pylist(), key=lambda row: order[row["use"]]):
            made.setdefault(row["assessee_id"], []).append(row)
        return made

    @cached_property
    def spoken(self) -> ProposalWords:
        """Rules of proposals in words."""
        return proposal_words(self.scheme, self.language)

    @cached_property
    def rules(self) -> dict[str, str]:
        """The rule of each use in words."""
        return {use.id: self.spoken.rule(use.id) for use in self.scheme.scheme.use}

    def grade(self, name: str | None) -> str:
        """Label of a grade."""
        return "" if name is None else self.grades.get(name, name)

    def named(self, ids: str) -> str:
        """Titles of ids that stand in one text."""
        return "、".join(self.titles.get(name, name) for name in ids.split())

    def reason(self, name: str | None) -> str:
        """A state in words."""
        if name is None:
            return ""
        word: Any = NotAssessed(name) if name in set(NotAssessed) else MeasureState(name)
        return label(word, self.language)

    def name(self, row: Row) -> str:
        """Name, with the id where both differ."""
        return str(row["name"])

    def places(self, row: Row) -> str:
        """Place, or the range of places that errors allow."""
        if row["rank"] is None:
            return ""
        low, high = row["rank_low"], row["rank_high"]
        if low is None:
            return DASH
        return f"{low}" if low == high else f"{low}–{high}"

    @cached_property
    def demo_notes(self) -> list[str]:
        """What a reader must know before anything else."""
        notes = [self.words["demo_data"]] if self.snapshot.manifest.get("synthetic") else []
        notes += [self.words["demo_values"]] if self.scheme.uses_demo_values else []
        if self.scheme.scheme.example_only:
            notes.append(self.words["example_only"] + self.scheme.scheme.example_only.of(self.language))
        return notes

    def unit(self, name: str) -> str:
        """A unit in words; one that expressions do not know as it is written."""
        return self.words.get(f"unit_{name}", name)


def change_text(change: int | None) -> str:
    """Steps risen or fallen."""
    if not change:
        return "" if change is None else "="
    return f"↑{change}" if change > 0 else f"↓{-change}"
