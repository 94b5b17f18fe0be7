"""Parts that annual cards and reports share: trend, tables of periods, what a paper was made from.

In: `Points` of the figures, words. Out: blocks of `model`. Rounding and signs as everywhere (`numbers`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from minping_engine.reporting.card_parts import axis_for
from minping_engine.reporting.numbers import (
    DASH,
    interval_text,
    period_parts,
    period_text,
    points_text,
    signed_text,
)
from minping_engine.reporting.papers.figures import Point, Points, change, mean_of
from minping_engine.reporting.papers.model import Table, Trend, TrendRow
from minping_engine.reporting.papers.span import PaperSpan, SpanKind
from minping_engine.reporting.texts import texts


def without_empty(table: Table) -> Table:
    """The same without columns that hold nothing but dashes; the first one always stays."""
    kept = [
        number
        for number in range(len(table.head))
        if number == 0 or not table.rows or any(row[number] != DASH for row in table.rows)
    ]
    return Table(
        tuple(table.head[number] for number in kept),
        tuple(tuple(row[number] for number in kept) for row in table.rows),
        tuple(table.widths[number] for number in kept),
    )


@dataclass(frozen=True)
class Desk:
    """A span in a language."""

    span: PaperSpan
    language: str

    @cached_property
    def words(self) -> dict[str, str]:
        """Words of papers."""
        return texts("papers", self.language)

    @property
    def full(self) -> float:
        """Most points of the whole score."""
        scheme = self.span.scheme.scheme
        return 100.0 if scheme.has_tree else scheme.scoring.total.points / 1000

    @property
    def span_text(self) -> str:
        """2020 · first half of 2020."""
        key = "span_year" if self.span.kind is SpanKind.YEAR else f"span_half_{self.span.half}"
        return self.words[key].format(year=self.span.year)

    @property
    def periods(self) -> tuple[str, ...]:
        """Periods in words."""
        return tuple(period_text(period, self.language) for period in self.span.periods)

    @property
    def short_periods(self) -> tuple[str, ...]:
        """Heads of columns."""
        return tuple(period_parts(period, self.language)[1] for period in self.span.periods)

    @property
    def missing(self) -> str:
        """Says that periods are missing; empty if none is."""
        there, wanted = len(self.span.periods), self.span.wanted
        return "" if there >= wanted else self.words["missing"].format(there=there, wanted=wanted)

    @property
    def basis(self) -> tuple[tuple[str, str, str], ...]:
        """(period, snapshot, fingerprint of the result) for everybody who checks."""
        return tuple(
            (period, str(result.head["snapshot"])[:16], str(result.head["fingerprints"]["exact"])[:16])
            for period, result in zip(self.periods, self.span.results, strict=True)
        )

    @property
    def day(self) -> tuple[int, int, int]:
        """The date of the paper."""
        day = self.span.last_day
        return day.year, day.month, day.day

    def trend(self, points: Points, marks: Points, notes: Sequence[str], legend: str) -> Trend | None:
        """Periods under each other; None where no period has a value."""
        ends = [each for point in points if point for each in (point.value, point.low, point.high)]
        if not ends:
            return None
        ends += [mark.value for mark in marks if mark]
        axis = axis_for(ends, self.full)
        rows = tuple(
            self._trend_row(period, (point, mark), note)
            for period, point, mark, note in zip(self.periods, points, marks, notes, strict=True)
        )
        return Trend(axis.low, axis.high, axis.ticks, rows, legend)

    def _trend_row(self, period: str, pair: tuple[Point | None, Point | None], note: str) -> TrendRow:
        point, mark = pair
        if point is None:
            return TrendRow(period, DASH, "", None, None, None, mark.value if mark else None, note)
        interval = "" if point.low is None else interval_text(point.low, point.high)
        return TrendRow(
            period,
            points_text(point.value),
            interval,
            point.value,
            point.low,
            point.high,
            mark.value if mark else None,
            note,
        )

    def cells(self, points: Points) -> tuple[str, ...]:
        """A value with its half interval for each period, then the mean over them."""
        return tuple(self.cell(point) for point in (*points, mean_of(points)))

    @staticmethod
    def value(point: Point | None) -> str:
        """The value alone."""
        return points_text(point.value if point else None)

    @staticmethod
    def cell(point: Point | None) -> str:
        """93.95 ±0.12; a dash where there is none."""
        if point is None:
            return DASH
        half = point.half
        return points_text(point.value) + (f" ±{points_text(half)}" if half else "")

    def change_text(self, points: Points) -> str:
        """The change from the first to the last period, in words."""
        found = change(points)
        if found is None:
            return DASH
        difference, sign = found
        key = {1: "rose", -1: "fell", 0: "unclear", None: "changed"}[sign]
        return self.words[key].format(size=points_text(abs(difference)))

    def change_cell(self, points: Points) -> str:
        """The same for a narrow column."""
        found = change(points)
        if found is None:
            return DASH
        difference, sign = found
        text = signed_text(difference, 2)
        return (
            text
            if sign is None
            else self.words["clear_short" if sign else "unclear_short"].format(points=text)
        )
