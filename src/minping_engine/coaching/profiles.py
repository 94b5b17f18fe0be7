"""Skill-gap profile: where a worker is really behind or ahead (docs/method/coaching.md, rules 10 to 12).

In: scores of workers by dimension with errors, comparison groups, the ground. Out: a profile per worker: each
difference with interval, and which ones stand when several are looked at together. Training: `training`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from minping_engine.coaching.rounds import Flags, Floats, Ints
from minping_engine.errors import InputError
from minping_engine.estimation import area_model, class_covariates

LEAST_PEERS = 5
"""Fewer peers than these carry no comparison, whatever the rule asks."""


class LineState(StrEnum):
    """What may be said of one dimension of one worker."""

    GAP = "gap"
    STRENGTH = "strength"
    LIKE_PEERS = "like_peers"
    NO_SCORE = "no_score"
    TOO_FEW_PEERS = "too_few_peers"


@dataclass(frozen=True)
class GapRule:
    """`least_gap` points are of no matter; `least_peers` of her group are needed; `percent` for intervals.

    Of all gaps told to one worker, on average at most (100 - percent) / 2 percent are none; so of strengths.
    """

    percent: float = 95.0
    least_gap: float = 0.0
    least_peers: int = 10


@dataclass(frozen=True)
class DimensionScores:
    """Scores (workers, dimensions) with errors, NaN = none; groups (workers,), the ground (workers, k)."""

    dimensions: tuple[str, ...]
    score: Floats
    se: Floats
    group: Ints
    covariates: Floats | None = None


@dataclass(frozen=True)
class ProfileLine:
    """One dimension, in points. `difference` from like workers; `surely`: how much of it is beyond doubt."""

    dimension: str
    state: LineState
    difference: float
    low: float
    high: float
    surely: float


@dataclass(frozen=True)
class SkillProfile:
    """One worker (row), all dimensions in the order of the scores."""

    worker: int
    lines: tuple[ProfileLine, ...]

    def of_state(self, state: LineState) -> tuple[ProfileLine, ...]:
        """Lines of one state, the surest first."""
        return tuple(
            sorted(
                (line for line in self.lines if line.state is state),
                key=lambda line: (-line.surely, line.dimension),
            )
        )


@dataclass(frozen=True)
class _Compared:
    """Arrays (workers, dimensions); NaN where nothing is compared. `few`: too few peers."""

    difference: Floats
    se: Floats
    df: Floats
    few: Flags


def skill_profiles(scores: DimensionScores, *, rule: GapRule | None = None) -> tuple[SkillProfile, ...]:
    """The profile of every worker, in the order of rows.

    Like workers are the others of her group, on her ground: she herself is left out of what she is compared
    with. Raises `InputError` for shapes that differ, errors that are not positive, or no rule.
    """
    asked = rule or GapRule()
    _check(scores, asked)
    compared = _compared(scores, asked)
    return tuple(_profile(scores, compared, worker, asked) for worker in range(len(scores.score)))


def _check(scores: DimensionScores, rule: GapRule) -> None:
    wanted = (len(scores.group), len(scores.dimensions))
    ground = wanted[0] if scores.covariates is None else len(scores.covariates)
    if scores.score.shape != wanted or scores.se.shape != wanted or ground != wanted[0]:
        raise InputError.of("coaching.scores_shapes", workers=wanted[0], dimensions=wanted[1])
    seen = ~np.isnan(scores.score)
    wrong = int((seen & ~((scores.se > 0) & np.isfinite(scores.se) & np.isfinite(scores.score))).sum())
    if wrong:
        raise InputError.of("coaching.error_not_positive", n=wrong)
    if (scores.group < 0).any():
        raise InputError.of("coaching.group")
    if not (50 <= rule.percent < 100 and rule.least_gap >= 0 and rule.least_peers >= LEAST_PEERS):
        raise InputError.of(
            "coaching.gap_rule", percent=rule.percent, gap=rule.least_gap, peers=rule.least_peers
        )


def _compared(scores: DimensionScores, rule: GapRule) -> _Compared:
    columns = [_one_dimension(scores, number, rule) for number in range(len(scores.dimensions))]
    empty = np.zeros((len(scores.group), 0))
    stacked = [np.column_stack(part) if part else empty for part in zip(*columns, strict=True)] or [empty] * 4
    return _Compared(stacked[0], stacked[1], stacked[2], stacked[3].astype(np.bool_))


def _one_dimension(
    scores: DimensionScores, number: int, rule: GapRule
) -> tuple[Floats, Floats, Floats, Flags]:
    """Difference from the others, its error, degrees of freedom, too few peers; arrays (workers,)."""
    value, variance = scores.score[:, number], scores.se[:, number] ** 2
    seen = ~np.isnan(value)
    peers = np.bincount(scores.group[seen], minlength=int(scores.group.max(initial=0)) + 1) - 1
    few: Flags = seen & (peers[scores.group] < rule.least_peers)
    used = seen & ~few
    difference, error, df = (np.full(len(value), np.nan) for _ in range(3))
    if used.any():
        design = _design(scores, used)
        fit = area_model(value[used], variance[used], design)
        own = 1.0 / (fit.variance_between + variance[used])
        spread = np.einsum("ij,jk,ik->i", design, fit.beta_cov, design)
        # Leaving a worker out of the least squares needs no second fit (Cook and Weisberg 1982).
        others = 1.0 - own * spread
        difference[used] = (value[used] - fit.synthetic) / others
        error[used] = np.sqrt(variance[used] + spread / others)
        df[used] = fit.heterogeneity_df
    return difference, error, df, few


def _design(scores: DimensionScores, used: Flags) -> Floats:
    names, number = np.unique(scores.group[used], return_inverse=True)
    columns = class_covariates(number.astype(np.int64), len(names))
    return columns if scores.covariates is None else np.column_stack([columns, scores.covariates[used]])


def _profile(scores: DimensionScores, compared: _Compared, worker: int, rule: GapRule) -> SkillProfile:
    from scipy.special import stdtr, stdtrit

    difference, se, df = (one[worker] for one in (compared.difference, compared.se, compared.df))
    half = stdtrit(df, 0.5 + rule.percent / 200) * se
    share = 0.5 - rule.percent / 200
    gaps = _stand(stdtr(df, (difference + rule.least_gap) / se), share)
    strengths = _stand(stdtr(df, (rule.least_gap - difference) / se), share)
    lines = []
    for at, dimension in enumerate(scores.dimensions):
        state = _state(compared, worker, at, (bool(gaps[at]), bool(strengths[at])))
        surely = max(0.0, abs(float(difference[at])) - float(half[at])) if np.isfinite(half[at]) else 0.0
        low, high = float(difference[at] - half[at]), float(difference[at] + half[at])
        lines.append(ProfileLine(dimension, state, float(difference[at]), low, high, surely))
    return SkillProfile(worker, tuple(lines))


def _state(compared: _Compared, worker: int, at: int, stands: tuple[bool, bool]) -> LineState:
    if compared.few[worker, at]:
        return LineState.TOO_FEW_PEERS
    if np.isnan(compared.difference[worker, at]):
        return LineState.NO_SCORE
    if stands[0]:
        return LineState.GAP
    return LineState.STRENGTH if stands[1] else LineState.LIKE_PEERS


def _stand(p: Floats, share: float) -> Flags:
    """Which of several findings stand if this share of them may be false (Benjamini and Hochberg 1995)."""
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    limits = share * np.arange(1, len(order) + 1) / max(len(order), 1)
    passed = np.flatnonzero(np.rint(p[order] * 1e12) <= np.rint(limits * 1e12))
    stands: Flags = np.zeros(len(p), dtype=np.bool_)
    stands[order[: passed[-1] + 1 if len(passed) else 0]] = True
    return stands
