"""Results of earlier periods and of other schemes, as a scheme's measures look them up (S29, S93).

In: the snapshot's `earlier_outcomes`. Out: values by assessee or by the place it belongs to. Versions
of a scheme count as one scheme here: falls and cards do not vanish with a new version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from minping_engine.assessment.scored.places import Places
from minping_engine.evidence.measures import EarlierOutcome, earlier_outcomes
from minping_engine.scheme import Expression, ResultCount, ResultGrade, ResultScore
from minping_engine.scoring import Earlier, MeasureValue, names_of_periods
from minping_engine.snapshot import Snapshot
from minping_engine.terms import MeasureState, Status, year_of

_AGGREGATES: dict[str, Callable[[list[Fraction]], Fraction]] = {
    "mean": lambda values: sum(values, Fraction(0)) / len(values),
    "sum": lambda values: sum(values, Fraction(0)),
    "least": min,
    "greatest": max,
    "last": lambda values: values[-1],
    "count": lambda values: Fraction(len(values)),
}


@dataclass(frozen=True)
class EarlierResults:
    """Outcomes by scheme id and assessee, oldest first."""

    period: str
    rows: dict[tuple[str, str], list[EarlierOutcome]]
    places: Places
    areas: dict[str, str]
    """Area of each assessee."""

    def own(self, scheme_id: str, assessee: str) -> tuple[Earlier, ...]:
        """Earlier outcomes of this scheme for a candidate."""
        return tuple(
            _earlier(row) for row in self.rows.get((scheme_id, assessee), ()) if row.period < self.period
        )

    def score(self, measure: ResultScore, assessee: str) -> MeasureValue:
        """A score over periods."""
        rows = self._rows(measure, assessee)
        scores = [score for row in rows if (score := _score(row)) is not None]
        if not rows:
            return MeasureValue(None, MeasureState.ABSENT)
        if len(scores) < measure.at_least:
            return MeasureValue(None, MeasureState.NOT_ASSESSED, n=len(scores))
        return MeasureValue(_AGGREGATES[measure.aggregate](scores), n=len(scores))

    def grade(self, measure: ResultGrade, assessee: str) -> MeasureValue:
        """The newest grade."""
        rows = self._rows(measure, assessee)
        grades = [row.grade for row in rows if row.grade is not None]
        if not grades:
            return MeasureValue(None, MeasureState.NOT_ASSESSED if rows else MeasureState.ABSENT)
        return MeasureValue(grades[-1], n=len(grades))

    def count(
        self, measure: ResultCount, assessee: str, condition: Expression, values: Mapping[str, Fraction]
    ) -> MeasureValue:
        """Number of periods in which the condition held; changes are seen over the year's start too."""
        rows = self._of(measure.scheme, measure.whose, assessee)
        inside = [self._belongs(measure.periods, row.period, rows) for row in rows]
        if not any(inside):
            return MeasureValue(None, MeasureState.ABSENT)
        names = names_of_periods([_earlier(row) for row in rows])
        held = [
            condition.evaluate({**values, **known}) is True
            for known, is_in in zip(names, inside, strict=True)
            if is_in
        ]
        return MeasureValue(Fraction(sum(held)), n=len(held))

    def _of(self, scheme: str, whose: str, assessee: str) -> list[EarlierOutcome]:
        """All outcomes of a scheme for the assessee or the place it belongs to."""
        name = assessee
        if whose != "self":
            area = self.places.at(self.areas.get(assessee, ""), whose)
            name = area["area_id"] if area else ""
        return self.rows.get((scheme, name), [])

    def _rows(self, measure: ResultScore | ResultGrade, assessee: str) -> list[EarlierOutcome]:
        rows = self._of(measure.scheme, measure.whose, assessee)
        return [row for row in rows if self._belongs(measure.periods, row.period, rows)]

    def _belongs(self, wanted: str, period: str, rows: Sequence[EarlierOutcome]) -> bool:
        if wanted == "current":
            return period == self.period
        if wanted == "previous":
            before = [row.period for row in rows if row.period < self.period]
            return bool(before) and period == max(before)
        year = int((year_of(self.period) or self.period)[:4]) - (wanted == "year_before")
        return period != self.period and (year_of(period) or period) == str(year)


def _earlier(row: EarlierOutcome) -> Earlier:
    return Earlier(row.period, _score(row), row.grade, row.grade_step, row.status is Status.ASSESSED)


def _score(row: EarlierOutcome) -> Fraction | None:
    micro = row.score_micro
    return None if micro is None or row.status is not Status.ASSESSED else Fraction(micro, 10**6)


def read_earlier(snapshot: Snapshot, places: Places, areas: dict[str, str]) -> EarlierResults:
    """All outcomes that the snapshot holds."""
    rows: dict[tuple[str, str], list[EarlierOutcome]] = {}
    for row in earlier_outcomes(snapshot, None):
        rows.setdefault((row.scheme.partition("@")[0], row.assessee_id), []).append(row)
    return EarlierResults(snapshot.period, rows, places, areas)
