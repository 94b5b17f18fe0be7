"""What the ballots bring to a tree of indicators: means and shares per assessee and questionnaire.

In: the tables of a run over one instrument, its counts by answer. Out: `MeasureValue`s. A mean
enters the tree rounded to millionths of a point, whichever estimate the scheme counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

import pyarrow as pa

from minping_engine.scheme import BallotShare
from minping_engine.scoring import MeasureValue
from minping_engine.terms import MeasureState

MICRO = 10**6
SLACK = 1e-4
"""A whole number of millionths that a float holds a little too low is that number."""
_STATES = {"no_sample": MeasureState.NO_SAMPLE, "too_few": MeasureState.TOO_FEW}


@dataclass(frozen=True)
class BallotResults:
    """One instrument's results. `codes`: (assessee, item) -> answer code -> ballots."""

    instrument: str
    scores: pa.Table
    indicators: pa.Table
    counted: str
    scored_from: int
    codes: Mapping[tuple[str, str], Mapping[int, int]] = field(default_factory=dict)

    def totals(self) -> dict[str, MeasureValue]:
        """The estimate that counts, by assessee."""
        se = f"{self.counted}_se"
        made = {}
        for row in self.scores.to_pylist():
            if row["status"] == "assessed" and row["score"] is not None:
                made[row["assessee_id"]] = MeasureValue(
                    exact(row["score"]), n=row["n_ballots"], se=row[se] or 0.0, source=self.instrument
                )
            else:
                state = _STATES.get(row["reason"], MeasureState.NOT_ASSESSED)
                made[row["assessee_id"]] = MeasureValue(None, state, n=row["n_ballots"])
        return made

    def items(self, item: str) -> dict[str, MeasureValue]:
        """Direct mean of one item, by assessee."""
        made = {}
        for row in self.indicators.to_pylist():
            if row["indicator"] != item:
                continue
            if row["n"] >= self.scored_from and row["points"] is not None:
                value = MeasureValue(
                    exact(row["points"]), n=row["n"], se=row["se"] or 0.0, source=self.instrument
                )
            else:
                value = MeasureValue(
                    None, MeasureState.TOO_FEW if row["n"] else MeasureState.NO_SAMPLE, n=row["n"]
                )
            made[row["assessee_id"]] = value
        return made

    def shares(self, measure: BallotShare, assessees: list[str]) -> dict[str, MeasureValue]:
        """Share of ballots by answer, each worth what the scheme says."""
        return {name: self._share(measure, self.codes.get((name, measure.item), {})) for name in assessees}

    def _share(self, measure: BallotShare, codes: Mapping[int, int]) -> MeasureValue:
        asked = {code: n for code, n in codes.items() if code not in measure.left_out}
        n = sum(asked.values())
        if n < self.scored_from:
            return MeasureValue(None, MeasureState.TOO_FEW if n else MeasureState.NO_SAMPLE, n=n)
        top = sum(
            (measure.counts.get(code, Fraction(0)) * count for code, count in asked.items()), Fraction(0)
        )
        square = sum(
            (measure.counts.get(code, Fraction(0)) ** 2 * count for code, count in asked.items()), Fraction(0)
        )
        value = top / n
        variance = float((square / n - value**2) / (n - 1)) if n > 1 else 0.0
        return MeasureValue(
            value,
            n=n,
            numerator=top,
            denominator=Fraction(n),
            excluded=sum(codes.values()) - n,
            se=max(variance, 0.0) ** 0.5,
            source=self.instrument,
        )


def exact(points: float) -> Fraction:
    """A float cut to whole millionths: what is below a line stays below it."""
    return Fraction(floor(points * MICRO + SLACK), MICRO)
