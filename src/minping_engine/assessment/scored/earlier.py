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
from minping_engine.terms import MeasureState, Status, last_day, period_order

_AGGREGATES: dict[str, Callable[[list[Fraction]], Fraction]] = {
    "mean": lambda values: sum(values, Fraction(0)) / len(values),
    "sum": lambda values: sum(values, Fraction(0)),
    "least": min,
    "greatest": max,
    "last": lambda values: values[-1],
    "count": lambda values: Fraction(len(values)),
}


Looking = ResultScore | ResultGrade | ResultCount


@dataclass(frozen=True)
class EarlierResults:
    """Outcomes by scheme id and assessee, oldest first."""

    scheme: str
    period: str
    rows: dict[tuple[str, str], list[EarlierOutcome]]
    places: Places
    areas: dict[str, str]
    """Area of each assessee."""

    def own(self, scheme_id: str, assessee: str) -> tuple[Earlier, ...]:
        """Earlier outcomes of this scheme for a candidate."""
        return tuple(
            _earlier(row)
            for row in self.rows.get((scheme_id, assessee), ())
            if period_order(row.period) < period_order(self.period)
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
        inside = [self._belongs(measure, row.period, rows) for row in rows]
        if not any(inside):
            return MeasureValue(None, MeasureState.ABSENT)
        inside = [is_in and row.status is Status.ASSESSED for is_in, row in zip(inside, rows, strict=True)]
        if not any(inside):
            return MeasureValue(None, MeasureState.NOT_ASSESSED)
        names = names_of_periods([_earlier(row) for row in rows])
        held = [
            condition.evaluate({"grade_steps": None, **values, **known}) is True
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
        return [row for row in rows if self._belongs(measure, row.period, rows)]

    def _belongs(self, measure: Looking, period: str, rows: Sequence[EarlierOutcome]) -> bool:
        """Whether a period is one that the measure looks at; nothing later than the own one is."""
        order, own = period_order(period), period_order(self.period)
        if measure.periods == "current":
            return period == self.period
        if measure.periods == "previous":
            before = [period_order(row.period) for row in rows if period_order(row.period) < own]
            return bool(before) and order == max(before)
        last, now = last_day(period), last_day(self.period)
        if (
            last is None
            or now is None
            or last > now
            or (period == self.period and measure.scheme == self.scheme)
        ):
            return False
        return last.year == now.year - (measure.periods == "year_before")


def _earlier(row: EarlierOutcome) -> Earlier:
    return Earlier(row.period, _score(row), row.grade, row.grade_step, row.status is Status.ASSESSED)


def _score(row: EarlierOutcome) -> Fraction | None:
    micro = row.score_micro
    return None if micro is None or row.status is not Status.ASSESSED else Fraction(micro, 10**6)


def read_earlier(snapshot: Snapshot, scheme: str, places: Places, areas: dict[str, str]) -> EarlierResults:
    """All outcomes that the snapshot holds; of two versions of a scheme in one period the newer one."""
    newest: dict[tuple[str, str], dict[str, EarlierOutcome]] = {}
    for row in sorted(
        earlier_outcomes(snapshot, None), key=lambda row: (period_order(row.period), row.scheme)
    ):
        newest.setdefault((row.scheme.partition("@")[0], row.assessee_id), {})[row.period] = row
    rows = {key: list(by_period.values()) for key, by_period in newest.items()}
    return EarlierResults(scheme, snapshot.period, rows, places, areas)
