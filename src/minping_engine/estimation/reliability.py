"""Reliability: how much of the differences between assessees is theirs, and how many ballots that takes.

In: variance between assessees, squared errors, numbers of ballots and buildings, thresholds of the
disclosure file. Out: reliability per assessee and per scheme, the table of least samples, states
(docs/method/fair-adjustment.md, rules 10 to 13). Decisions compare whole millionths (evidence.md 6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from minping_engine.errors import InputError, Problem

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
MICRO = 1_000_000
NEAR = 2
"""Millionths from a threshold within which a decision is listed as borderline."""
OUT_OF_REACH = -1


class ReliabilityState(IntEnum):
    """What may be said of an assessee; the first that holds, in this order."""

    NO_SAMPLE = 0
    TOO_FEW = 1
    ONE_BUILDING = 2
    NO_DIFFERENCES = 3
    UNRELIABLE = 4
    SCORE_ONLY = 5
    ASSESSED = 6


@dataclass(frozen=True)
class ReliabilityRules:
    """Thresholds from `schemes/common/disclosure.yaml`; reliabilities and shares in millionths."""

    scored_from: int
    assessed_from_micro: int
    ranked_from_micro: int
    largest_building_share_micro: int


@dataclass(frozen=True)
class ReliabilityStates:
    """`state` and `borderline` (assessees,)."""

    state: NDArray[np.int8]
    borderline: NDArray[np.bool_]


@dataclass(frozen=True)
class SampleRow:
    """Ballots needed for a reliability; OUT_OF_REACH where no number is enough."""

    reliability_micro: int
    ballots: int


def reliabilities(between: float | Floats, variance: Floats) -> Floats:
    """between / (between + V_i), same shape as `variance` (squared errors without correction).

    `between` 0 is an answer: nobody differs, reliability 0. NaN only where V_i is.
    """
    spread = np.broadcast_to(np.asarray(between, dtype=np.float64), variance.shape)
    if (spread < 0).any() or (variance < 0).any():
        raise InputError.of("estimation.reliability_negative_variance")
    return np.where(spread > 0, spread / np.where(spread > 0, spread + variance, 1.0), variance * 0.0)


def scheme_reliability(between: float, variance: Floats) -> float:
    """Mean reliability over assessees with an error; 0 where there is none."""
    each = reliabilities(between, variance[~np.isnan(variance)])
    return float(np.add.reduce(each) / len(each)) if len(each) else 0.0


def sample_for_reliability(
    target_micro: int, between: float, unit_variance: float, design_effect: float = 1.0
) -> int:
    """Least ballots for a reliability: deff x (s^2 / between) x R / (1 - R), rounded up.

    A quotient within a millionth above a whole number counts as that number.
    """
    problems = [
        Problem("estimation.reliability_target", params={"value": target_micro / MICRO})
        for _ in range(not 0 < target_micro < MICRO)
    ]
    if between < 0 or unit_variance < 0 or not design_effect > 0:
        problems.append(Problem("estimation.reliability_negative_variance"))
    if problems:
        raise InputError(problems)
    if between == 0:
        return OUT_OF_REACH
    needed = design_effect * unit_variance / between * target_micro / (MICRO - target_micro)
    return max(int(np.ceil(needed - 1 / MICRO)), 1)


def minimum_sample_table(
    targets_micro: Sequence[int], between: float, unit_variance: float, design_effect: float = 1.0
) -> tuple[SampleRow, ...]:
    """The scheme's own table of least samples, one row per reliability."""
    return tuple(
        SampleRow(one, sample_for_reliability(one, between, unit_variance, design_effect))
        for one in targets_micro
    )


def reliability_states(
    ballots: Ints, reliability: Floats, largest_building_share: Floats, rules: ReliabilityRules
) -> ReliabilityStates:
    """State of each assessee, arrays (assessees,).

    `largest_building_share`: part of her ballots from one building, 0 to 1; NaN = not known, then no
    such state. A missing reliability counts as unreliable, reliability 0 everywhere as no differences.
    """
    if not rules.assessed_from_micro <= rules.ranked_from_micro:
        raise InputError.of("estimation.reliability_rules")
    known = ~np.isnan(reliability)
    micro = np.rint(np.where(known, reliability, 0.0) * MICRO).astype(np.int64)
    building = np.where(np.isnan(largest_building_share), -1.0, largest_building_share)
    share = np.rint(building * MICRO).astype(np.int64)
    alike = bool(known.any()) and not (micro[known] > 0).any()
    state = np.full(ballots.shape, ReliabilityState.ASSESSED, dtype=np.int8)
    crowded = share > rules.largest_building_share_micro
    state[micro < rules.ranked_from_micro] = ReliabilityState.SCORE_ONLY
    state[~known | (micro < rules.assessed_from_micro)] = ReliabilityState.UNRELIABLE
    if alike:
        state[:] = ReliabilityState.NO_DIFFERENCES
    state[crowded] = ReliabilityState.ONE_BUILDING
    state[ballots < rules.scored_from] = ReliabilityState.TOO_FEW
    state[ballots == 0] = ReliabilityState.NO_SAMPLE
    reached = (state > ReliabilityState.ONE_BUILDING) & known
    cuts = (rules.assessed_from_micro, rules.ranked_from_micro)
    near = reached & (np.min([np.abs(micro - cut) for cut in cuts], axis=0) <= NEAR)
    near |= (ballots >= rules.scored_from) & (np.abs(share - rules.largest_building_share_micro) <= NEAR)
    return ReliabilityStates(state, near)
