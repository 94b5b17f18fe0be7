"""What the chain adds to `scores`: columns of one district, and columns over all assessees.

In: one district's findings. Out: `DistrictColumns`, small enough to travel between processes, and
`FairColumns`, which districts fill in one after another. Empty means NaN, 0, None or state -1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minping_engine.assessment.chain.cells import Floats, Ints
from minping_engine.assessment.chain.fair import DistrictFair

NUMBERS = (
    "weighted",
    "adjusted",
    "adjusted_se",
    "typical_se",
    "shrunken",
    "shrunken_se",
    "reliability",
    "rank_expected",
    "p_top",
    "progress",
    "progress_se",
    "p_better",
)
WHOLE = ("rank_low", "rank_high", "set_low", "set_high", "tie_band", "tie_rank", "ranked_of")


@dataclass(frozen=True)
class DistrictColumns:
    """Arrays (A,) in order of `who`, rows of the design; `compared`: a model could be fitted."""

    who: Ints
    numbers: dict[str, Floats]
    whole: dict[str, Ints]
    progress_state: NDArray[np.object_]
    state: NDArray[np.int8]
    borderline: NDArray[np.bool_]
    compared: bool


def columns_of(fair: DistrictFair) -> DistrictColumns:
    """One district's columns."""
    shrunken, comparison, progress = fair.shrunken, fair.comparison, fair.progress
    numbers = {
        "weighted": fair.people.weighted,
        "adjusted": shrunken.value,
        "adjusted_se": np.sqrt(shrunken.variance),
        "typical_se": typical_errors(fair),
        "shrunken": shrunken.shrunken,
        "shrunken_se": np.sqrt(shrunken.mse),
        "reliability": comparison.reliability,
        "rank_expected": comparison.rank_expected,
        "p_top": comparison.top_chance,
    }
    told = np.full(len(fair.members.who), None, dtype=object)
    if progress is not None:
        numbers |= {"progress": progress.change, "progress_se": progress.se, "p_better": progress.p_better}
        told = progress.state.astype(object)
    whole = {name: getattr(comparison, name) for name in WHOLE}
    rest = (comparison.state, comparison.borderline, shrunken.fit is not None)
    return DistrictColumns(fair.members.who, numbers, whole, told, *rest)


def typical_errors(fair: DistrictFair) -> Floats:
    """The error everybody would have if ballots scattered alike in the whole district, (A,).

    Near the top of a scale errors fall as scores rise; a funnel plot with own errors would then take the
    best for the surest and put its target among them (docs/method/grades.md).
    """
    unit = fair.people.unit_variance
    known = np.isfinite(unit)
    usual = float(np.mean(unit[known])) if known.any() else float("nan")
    return np.sqrt(fair.shrunken.variance * usual / unit)


@dataclass
class FairColumns:
    """Arrays over all assessees, empty until a district fills them in."""

    numbers: dict[str, Floats]
    whole: dict[str, Ints]
    progress_state: NDArray[np.object_]
    state: NDArray[np.int8]
    borderline: NDArray[np.bool_]
    compared: NDArray[np.bool_]

    @classmethod
    def empty(cls, n: int) -> FairColumns:
        """Nothing known yet."""
        return cls(
            {name: np.full(n, np.nan) for name in NUMBERS},
            {name: np.zeros(n, dtype=np.int64) for name in WHOLE},
            np.full(n, None, dtype=object),
            np.full(n, -1, dtype=np.int8),
            np.zeros(n, dtype=bool),
            np.zeros(n, dtype=bool),
        )

    def fill(self, district: DistrictColumns) -> None:
        """Put one district's assessees in."""
        who = district.who
        for name, value in district.numbers.items():
            self.numbers[name][who] = value
        for name, count in district.whole.items():
            self.whole[name][who] = count
        self.progress_state[who] = district.progress_state
        self.state[who], self.borderline[who] = district.state, district.borderline
        self.compared[who] = district.compared
