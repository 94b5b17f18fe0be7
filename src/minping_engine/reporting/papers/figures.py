"""Figures of a span: scores of people and places by period, their means, changes beyond the error.

In: `PaperSpan`. Out: plain values. A mean over periods counts each period once (S2, S14); its interval
joins those of the periods, whose samples are drawn apart. A change is called one only if the interval of
the difference leaves out 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from minping_engine.assessment import Result
from minping_engine.reporting.numbers import Z
from minping_engine.reporting.papers.span import PaperSpan
from minping_engine.reporting.place_report.ruled import ruled_groups
from minping_engine.reporting.published import shown_siblings
from minping_engine.snapshot import TOTAL
from minping_engine.terms import AreaLevel, Status

Row = Mapping[str, Any]
LEVELS = (AreaLevel.DISTRICT, AreaLevel.STREET, AreaLevel.COMMUNITY)


@dataclass(frozen=True)
class Point:
    """A value with its interval; `low` is None where no error is known."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def half(self) -> float | None:
        """Half the interval."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


Points = tuple[Point | None, ...]
"""One for each period of the span; None where there is nothing to show."""


def mean_of(points: Iterable[Point | None]) -> Point | None:
    """Mean over the periods that have a value."""
    known = [point for point in points if point is not None]
    if not known:
        return None
    value = sum(point.value for point in known) / len(known)
    halves = [point.half for point in known if point.half is not None]
    if len(halves) < len(known):
        return Point(value)
    half = math.sqrt(sum(each * each for each in halves)) / len(known)
    return Point(value, value - half, value + half)


def change(points: Points) -> tuple[float, int | None] | None:
    """(last minus first, its sign): 0 if the errors do not tell, None if they are not known."""
    known = [point for point in points if point is not None]
    if len(known) < 2:
        return None
    first, last = known[0], known[-1]
    difference = last.value - first.value
    if first.half is None or last.half is None:
        return difference, None
    clear = abs(difference) > math.hypot(first.half, last.half)
    return difference, (1 if difference > 0 else -1) if clear else 0


class PlaceFigures:
    """Means of places by period, as far as they may be shown."""

    def __init__(self, span: PaperSpan) -> None:
        self.span = span
        self.rows = [self._groups(result) for result in span.results]
        left_out = [span.left_out.get(period, frozenset()) for period in span.periods]
        self.shown = [self._shown(rows) - out for rows, out in zip(self.rows, left_out, strict=True)]

    def _groups(self, result: Result) -> Mapping[tuple[str, str], Row]:
        """Means of places; where rules make the score they stand in no table and are made here."""
        if self.span.scheme.scheme.has_tree:
            outcomes = result["outcomes"].to_pylist()
            return {**_groups(result), **ruled_groups(outcomes, self.span.places, self.span.scheme)}
        return _groups(result)

    def _shown(self, rows: Mapping[tuple[str, str], Row]) -> frozenset[str]:
        by_parent: dict[tuple[str, str | None], list[Row]] = {}
        for (area, variable), row in rows.items():
            if variable == TOTAL and row["level"] in LEVELS:
                place = self.span.places.by_id.get(area)
                by_parent.setdefault((row["level"], place.parent_id if place else None), []).append(row)
        shown: set[str] = set()
        for siblings in by_parent.values():
            shown |= shown_siblings(siblings, self.span.scheme.disclosure)
        return frozenset(shown)

    def points(self, area: str, variable: str = TOTAL) -> Points:
        """A place's means."""
        return tuple(
            _point(rows.get((area, variable)), "mean", "low", "high") if area in shown else None
            for rows, shown in zip(self.rows, self.shown, strict=True)
        )

    def at_level(self, level: AreaLevel) -> list[str]:
        """Places of a level with results in any period, in order of their codes."""
        return sorted(
            {area for rows in self.rows for (area, _), row in rows.items() if row["level"] == level}
        )

    @property
    def district(self) -> str | None:
        """The only district, or None."""
        found = self.at_level(AreaLevel.DISTRICT)
        return found[0] if len(found) == 1 else None


def _groups(result: Result) -> dict[tuple[str, str], Row]:
    return {(row["area_id"], row["variable"]): row for row in result["groups"].to_pylist()}


def _point(row: Row | None, value: str, low: str, high: str) -> Point | None:
    return None if row is None or row[value] is None else Point(row[value], row[low], row[high])


class PersonFigures:
    """What the results say of each assessee, by period."""

    def __init__(self, span: PaperSpan) -> None:
        self.span = span
        self.tree = span.scheme.scheme.has_tree
        table = "outcomes" if self.tree else "scores"
        self.rows = [_by_id(result[table].to_pylist()) for result in span.results]
        self.items = [_by_item(result["indicators"].to_pylist()) for result in span.results]

    @property
    def people(self) -> list[str]:
        """Everybody with a row in any period, in order of ids."""
        return sorted({who for rows in self.rows for who in rows})

    def row(self, who: str, number: int) -> Row | None:
        """A person's row in a period."""
        return self.rows[number].get(who)

    def last_row(self, who: str) -> Row:
        """The newest row."""
        return next(rows[who] for rows in reversed(self.rows) if who in rows)

    def points(self, who: str) -> Points:
        """Scores of the periods in which the person was assessed."""
        return tuple(self._score(rows.get(who)) for rows in self.rows)

    def _score(self, row: Row | None) -> Point | None:
        if row is None or row["status"] != Status.ASSESSED:
            return None
        if not self.tree:
            return _point(row, "score", "score_low", "score_high")
        if row["score"] is None or row["score_se"] is None:
            return None if row["score"] is None else Point(row["score"])
        half = Z[self.span.scheme.scheme.scoring.interval_percent] * row["score_se"]
        return Point(row["score"], row["score"] - half, row["score"] + half)

    def deciding_points(self, who: str) -> Points:
        """The same with errors that decide about a person: those of a direct score without the correction
        for a finite population, which says only what these households think now."""
        if self.tree or self.span.results[-1].head["scheme"]["counts"] != "direct":
            return self.points(who)
        z = Z[self.span.scheme.scheme.scoring.interval_percent]
        return tuple(
            _deciding(point, z * rows[who]["direct_se"])
            if point and rows[who]["direct_se"] is not None
            else point
            for point, rows in zip(self.points(who), self.rows, strict=True)
        )

    def item_points(self, who: str, item: str) -> Points:
        """Points of one question."""
        return tuple(
            None if self.points(who)[number] is None else _point(rows.get((who, item)), "points", "se", "se")
            for number, rows in enumerate(self.items)
        )


def _deciding(point: Point, half: float) -> Point:
    return Point(point.value, point.value - half, point.value + half)


def _by_id(rows: Sequence[Row]) -> dict[str, Row]:
    return {row["assessee_id"]: row for row in rows}


def _by_item(rows: Sequence[Row]) -> dict[tuple[str, str], Row]:
    return {(row["assessee_id"], row["indicator"]): row for row in rows}
