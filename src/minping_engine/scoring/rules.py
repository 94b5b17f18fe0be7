"""From estimates to a score that counts: thresholds, status, grade (D7, D10, S8).

In: ballots and points per assessee, the scheme's thresholds and bands. Out: arrays of status,
reason and grade numbers. Too few ballots is a state with a name, never a low score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minping_engine.scheme import Band, Disclosure
from minping_engine.terms import NotAssessed


@dataclass(frozen=True)
class Verdicts:
    """Arrays (assessees,): may the number be shown, does it count, and if not, why."""

    shown: NDArray[np.bool_]
    assessed: NDArray[np.bool_]
    reason: NDArray[np.object_]


def judge(n_ballots: NDArray[np.int64], disclosure: Disclosure) -> Verdicts:
    """Apply the thresholds of `schemes/common/disclosure.yaml`."""
    assessed = n_ballots >= disclosure.scored_from
    reason = np.full(len(n_ballots), None, dtype=object)
    reason[~assessed] = NotAssessed.TOO_FEW.value
    reason[n_ballots == 0] = NotAssessed.NO_SAMPLE.value
    return Verdicts(n_ballots >= disclosure.shown_from, assessed, reason)


def grade_of(
    points: NDArray[np.float64], assessed: NDArray[np.bool_], bands: tuple[Band, ...]
) -> NDArray[np.object_]:
    """Grade of each assessee: the best band whose start the points reach; None if not assessed.

    The comparison is with the unrounded points: 89.999 is not 90.
    """
    grades = np.full(len(points), None, dtype=object)
    for band in reversed(bands):
        grades[assessed & (points >= band.from_points / 1000)] = band.grade
    return grades
