"""A year or half-year: results of one scheme that follow each other, in order.

In: results, a loaded scheme for its words, the last snapshot for names of places. Out: `PaperSpan`, or all
faults at once: another scheme, another year, the same period twice. A missing period is said in the paper,
not refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from minping_engine.assessment import Result
from minping_engine.errors import InputError, Place, Problem
from minping_engine.reporting.places import Places, read_places
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import Snapshot
from minping_engine.terms import PeriodKind, last_day, period_kind, period_order, year_of

PER_YEAR = {PeriodKind.MONTH: 12, PeriodKind.QUARTER: 4, PeriodKind.HALF_YEAR: 2}
JUNE = 6


class SpanKind(StrEnum):
    """What the paper covers."""

    YEAR = "year"
    HALF_YEAR = "half-year"


@dataclass(frozen=True)
class PaperSpan:
    """Results in order of time, with words and names."""

    kind: SpanKind
    results: tuple[Result, ...]
    scheme: LoadedScheme
    places: Places
    synthetic: bool
    left_out: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Period -> places whose mean is not shown, for an earlier release beside it tells somebody's score."""

    @property
    def periods(self) -> tuple[str, ...]:
        """Names of the periods."""
        return tuple(result.period for result in self.results)

    @property
    def year(self) -> str:
        """The year, or the name of the period where it belongs to none."""
        return year_of(self.periods[-1]) or self.periods[-1]

    @property
    def half(self) -> int:
        """1 or 2."""
        return 1 if self.last_day.month <= JUNE else 2

    @property
    def wanted(self) -> int:
        """How many periods the whole span has."""
        per_year = PER_YEAR.get(period_kind(self.periods[-1]), len(self.periods))
        return per_year if self.kind is SpanKind.YEAR else max(1, per_year // 2)

    @cached_property
    def last_day(self) -> date:
        """Last day of the last period: the date on the paper."""
        return last_day(self.periods[-1]) or date(1970, 1, 1)


def make_span(
    kind: SpanKind, results: Sequence[Result], scheme: LoadedScheme, snapshot: Snapshot
) -> PaperSpan:
    """Put results in order. Raises `InputError` with everything that does not belong together."""
    ordered = tuple(sorted(results, key=lambda result: period_order(result.period)))
    problems = [*_other_schemes(ordered, scheme), *_other_times(kind, ordered)]
    if ordered and ordered[-1].head["snapshot"] != snapshot.sha256:
        problems.append(Problem("reporting.other_snapshot", params={"period": ordered[-1].period}))
    if problems or not ordered:
        raise InputError(problems or [Problem("reporting.no_results")])
    synthetic = any(bool(result.head["synthetic"]) for result in ordered)
    return PaperSpan(kind, ordered, scheme, read_places(snapshot), synthetic)


def _other_schemes(results: Sequence[Result], scheme: LoadedScheme) -> list[Problem]:
    found = []
    for result in results:
        head = result.head["scheme"]
        key = f"{head['id']}@{head['version']}"
        if key != scheme.key:
            place = Place(key=result.period)
            found.append(
                Problem("reporting.result_of_other_scheme", place, {"found": key, "scheme": scheme.key})
            )
    return found


def _other_times(kind: SpanKind, results: Sequence[Result]) -> list[Problem]:
    spans = {_span_of(kind, result.period) for result in results}
    found = []
    if len(spans) > 1:
        params: dict[str, object] = {"found": ", ".join(result.period for result in results)}
        found.append(Problem("reporting.periods_apart", params=params))
    periods = [result.period for result in results]
    found += [
        Problem("reporting.period_twice", params={"period": period})
        for period in dict.fromkeys(periods)
        if periods.count(period) > 1
    ]
    return found


def _span_of(kind: SpanKind, period: str) -> tuple[str, int]:
    day = last_day(period)
    half = 0 if day is None or kind is SpanKind.YEAR else 1 + (day.month > JUNE)
    return year_of(period) or period, half
