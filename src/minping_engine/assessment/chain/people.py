"""From targets to the assessed: combined by eligible households, then put to one mix of respondents.

In: estimates of a district's targets, who answers for which target. Out: `AdjustedPeople`: weighted and
adjusted scores with errors, and what each step moved (fair-adjustment.md). Variances are smoothed before
anything is decided, so that a unanimous area is not taken for certainty (methods.md 7.7).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minping_engine.assessment.chain.adjust import Adjustment, TargetEstimates
from minping_engine.assessment.chain.cells import Floats, Ints
from minping_engine.estimation import SmoothingRule, adjust_scores, smooth_variances

PRIOR_DF = 60.0
"""What the street's pooled variance counts beside an assessee's own, in degrees of freedom."""
FLOOR_SHARE = 0.01
"""Least standard deviation of a single ballot, as a share of the most points."""


@dataclass(frozen=True)
class Members:
    """The assessed of one district: `who` (A,) their rows in the design; rows (assessee, target, share).

    Numbers of assessees, targets and streets are local; `group` (A,) is the comparison group, -1 = none.
    """

    who: Ints
    assessee: Ints
    target: Ints
    share: Ints
    street: Ints
    group: Ints


@dataclass(frozen=True)
class AdjustedPeople:
    """Arrays (A,) in points, NaN where nothing can be said; `moved` (A, steps) what each step added.

    `variance` is that of `value`, smoothed and with the error of the adjustment, without finite
    population correction; `unit_variance` is that of one ballot.
    """

    n: Ints
    df: Ints
    weighted: Floats
    value: Floats
    variance: Floats
    unit_variance: Floats
    steps: tuple[str, ...]
    moved: Floats


def target_sizes(eligible: Ints, ballots: Ints) -> Floats:
    """What targets weigh in a mean: eligible households, 0 without ballots; -1 where the frame is unknown."""
    return np.where(ballots > 0, np.where(eligible > 0, eligible, -1), 0).astype(np.float64)


def shares(members: Members, size: Floats, ballots: Ints) -> Floats:
    """Share of each row in its assessee's mean; ballots stand in for households where one is unknown."""
    own = size[members.target]
    unknown = np.bincount(members.assessee, own < 0, len(members.who)) > 0
    weight = np.where(unknown[members.assessee], ballots[members.target], own) * members.share
    total = np.bincount(members.assessee, weight, len(members.who))[members.assessee]
    made: Floats = np.where(total > 0, weight / np.where(total > 0, total, 1.0), 0.0)
    return made


def combine(members: Members, share: Floats, values: Floats) -> Floats:
    """Values of targets (T,) or (T, k) -> of the assessed, (A,) or (A, k); a row without share adds 0."""
    flat = values if values.ndim == 2 else values[:, None]
    made = np.zeros((len(members.who), flat.shape[1]))
    for place, column in enumerate(flat.T):
        part = np.where(share > 0, share * column[members.target], 0.0)
        made[:, place] = np.bincount(members.assessee, part, len(members.who))
    return made if values.ndim == 2 else made[:, 0]


def adjust_people(
    members: Members,
    targets: TargetEstimates,
    share: Floats,
    adjustment: Adjustment | None,
    full_points: float,
) -> AdjustedPeople:
    """Weighted and adjusted scores of everybody."""
    n = np.bincount(members.assessee, targets.n[members.target], len(members.who)).astype(np.int64)
    counted = np.where(share > 0, targets.df[members.target], 0)
    df = np.maximum(np.bincount(members.assessee, counted, len(members.who)), 0).astype(np.int64)
    weighted = np.where(n > 0, combine(members, share, targets.mean), np.nan)
    variance, unit_variance = _smoothed(members, targets, share, (n, df), full_points)
    if adjustment is None:
        return AdjustedPeople(n, df, weighted, weighted, variance, unit_variance, (), np.zeros((len(n), 0)))
    x = combine(members, share, targets.x)
    made = adjust_scores(adjustment.fit, x[:, :, None], weighted[:, None], variance[:, None])
    steps, moved = _by_step(adjustment, np.where((n > 0)[:, None], made.moved[:, :, 0], np.nan))
    return AdjustedPeople(n, df, weighted, made.value[:, 0], made.se[:, 0] ** 2, unit_variance, steps, moved)


def _smoothed(
    members: Members, targets: TargetEstimates, share: Floats, count: tuple[Ints, Ints], full_points: float
) -> tuple[Floats, Floats]:
    """Smoothed variance of what adjustment leaves, and of one ballot."""
    n, df = count
    one = combine(members, share * share, 1.0 / np.maximum(targets.effective_n, 1.0))
    effective = np.where(n > 0, 1.0 / np.where(one > 0, one, 1.0), 0.0)
    own = np.where(df > 0, combine(members, share * share, targets.left_variance), np.nan)
    made = smooth_variances(
        own[:, None],
        effective[:, None],
        df[:, None],
        members.street,
        SmoothingRule((FLOOR_SHARE * full_points) ** 2, prior_df=PRIOR_DF),
    )
    return made.variance[:, 0], made.unit_variance[:, 0]


def _by_step(adjustment: Adjustment, moved: Floats) -> tuple[tuple[str, ...], Floats]:
    """Columns of one variable added up."""
    steps = tuple(dict.fromkeys(column.step for column in adjustment.columns))
    made = np.zeros((len(moved), len(steps)))
    for place, column in enumerate(adjustment.columns):
        made[:, steps.index(column.step)] += moved[:, place]
    return steps, made
