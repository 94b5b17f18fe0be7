"""Case mix by assessee fixed effects: what is due to who answered leaves the score.

In: within-assessee moments of adjusters and variables (listwise complete sums), no rows. Out:
coefficients with their covariance, adjusted scores with errors, and what each adjuster moved for each
assessee (docs/method/fair-adjustment.md, rules 1 to 6). The form of the CAHPS Analysis Program:
y = assessee + x'b + e, b from differences inside assessees only (Zaslavsky et al. 2001). Mode effects:
`casemix_mode.py`. Covariates of the grid belong to the area and mixed models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from minping_engine.errors import InputError, Place, Problem, RefusedError
from minping_engine.estimation.survey_algebra import solve_normal_equations

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class AdjusterSubject(StrEnum):
    """Whom an adjuster describes."""

    RESPONDENT = "respondent"
    HOUSEHOLD = "household"
    MODE = "mode"
    GRID = "grid"
    ASSESSEE = "assessee"
    OUTCOME = "outcome"


@dataclass(frozen=True)
class Adjuster:
    """An adjuster as the scheme names it, and whom it describes."""

    name: str
    describes: AdjusterSubject


@dataclass(frozen=True)
class CaseMixMoments:
    """Sums over ballots with all adjusters and the variable known; A assessees, p adjusters, v variables.

    `n` (A, v), `x` (A, p, v), `y`, `yy` (A, v), `xy` (A, p, v), `xx` (A, p, p, v).
    Where no item is missing, `from_shared` repeats x and xx for all variables.
    """

    n: Floats
    x: Floats
    y: Floats
    yy: Floats
    xy: Floats
    xx: Floats

    @classmethod
    def from_shared(
        cls, n: Ints, x: Floats, xx: Floats, *, y: Floats, yy: Floats, xy: Floats
    ) -> CaseMixMoments:
        """Moments of ballots complete on everything: `n` (A,), `x` (A, p), `xx` (A, p, p)."""
        v = y.shape[1]
        spread = np.broadcast_to
        return cls(
            np.array(spread(n[:, None], y.shape), dtype=np.float64),
            np.array(spread(x[:, :, None], (*x.shape, v)), dtype=np.float64),
            np.asarray(y, dtype=np.float64),
            np.asarray(yy, dtype=np.float64),
            np.asarray(xy, dtype=np.float64),
            np.array(spread(xx[:, :, :, None], (*xx.shape, v)), dtype=np.float64),
        )


class CaseMixVariance(StrEnum):
    """`model`: sigma^2 times the inverse of the within cross-products; `sandwich`: robust by assessee."""

    MODEL = "model"
    SANDWICH = "sandwich"


@dataclass(frozen=True)
class CaseMixFit:
    """`coefficient` (p, v), `covariance` (v, p, p), `sigma2`, `df` (v,), `reference` (p, v), `used` (p, v).

    `reference` is the mean of each adjuster over all ballots: the mix everybody is put to.
    """

    coefficient: Floats
    covariance: Floats
    sigma2: Floats
    df: Floats
    reference: Floats
    used: NDArray[np.bool_]


@dataclass(frozen=True)
class AdjustedScores:
    """`value`, `se` (A, v); `moved` (A, p, v): points each adjuster added; `added_se` (A, v): of b."""

    value: Floats
    se: Floats
    moved: Floats
    added_se: Floats


def check_adjusters(adjusters: Sequence[Adjuster]) -> None:
    """Refuse, all at once, adjusters that describe the assessed person, an outcome, or the grid alone."""
    codes = {
        AdjusterSubject.ASSESSEE: "estimation.casemix_describes_assessee",
        AdjusterSubject.OUTCOME: "estimation.casemix_is_outcome",
        AdjusterSubject.GRID: "estimation.casemix_describes_grid",
    }
    problems = [
        Problem(codes[one.describes], Place(key=one.name), {"name": one.name})
        for one in adjusters
        if one.describes in codes
    ]
    if problems:
        raise InputError(problems)


def within(moments: CaseMixMoments) -> tuple[Floats, Floats, Floats]:
    """Cross-products around each assessee's own means: xx (A, p, p, v), xy (A, p, v), yy (A, v)."""
    n = np.where(moments.n > 0, moments.n, 1.0)
    xx = moments.xx - moments.x[:, :, None] * moments.x[:, None] / n[:, None, None]
    xy = moments.xy - moments.x * moments.y[:, None] / n[:, None]
    return xx, xy, np.maximum(moments.yy - moments.y**2 / n, 0.0)


def fit_casemix(moments: CaseMixMoments, variance: CaseMixVariance = CaseMixVariance.MODEL) -> CaseMixFit:
    """Coefficients of adjusters from differences inside assessees. Refuses where nothing is left to judge."""
    xx, xy, yy = within(moments)
    matrix = np.moveaxis(np.add.reduce(xx, axis=0), -1, 0)
    right = np.add.reduce(xy, axis=0).T[:, :, None]
    solved = solve_normal_equations(matrix, right)
    b = solved.coefficient[:, :, 0]
    rows = np.add.reduce(moments.n, axis=0)
    df = rows - np.add.reduce(moments.n > 0, axis=0) - np.add.reduce(solved.used, axis=1)
    if (df < 1).any():
        raise RefusedError.of("estimation.casemix_too_few", rows=int(rows.min()))
    left = np.add.reduce(yy, axis=0) - np.einsum("vp,vp->v", b, right[:, :, 0])
    sigma2 = np.maximum(left, 0.0) / df
    covariance = solved.inverse * sigma2[:, None, None]
    if variance is CaseMixVariance.SANDWICH:
        score = xy - np.einsum("apqv,vq->apv", xx, b)
        groups = np.add.reduce(moments.n > 1, axis=0)
        if (groups < 2).any():
            raise RefusedError.of("estimation.casemix_too_few", rows=int(rows.min()))
        meat = np.einsum("apv,aqv->vpq", score, score) * (groups / (groups - 1))[:, None, None]
        covariance = np.einsum("vpq,vqr,vrs->vps", solved.inverse, meat, solved.inverse)
    reference = np.add.reduce(moments.x, axis=0) / np.where(rows > 0, rows, 1.0)
    return CaseMixFit(b.T, covariance, sigma2, df, reference, solved.used.T)


def residual_variances(moments: CaseMixMoments, fit: CaseMixFit) -> Floats:
    """s^2 of y - x'b inside each assessee, (A, v); NaN where n < 2. Smooth it before use."""
    xx, xy, yy = within(moments)
    b = fit.coefficient
    left = yy - 2 * np.einsum("apv,pv->av", xy, b) + np.einsum("apqv,pv,qv->av", xx, b, b)
    n = moments.n
    return np.where(n > 1, np.maximum(left, 0.0) / np.where(n > 1, n - 1, 1.0), np.nan)


def adjust_scores(fit: CaseMixFit, x_mean: Floats, value: Floats, variance: Floats) -> AdjustedScores:
    """Scores at the reference mix: value - (x_mean - reference)'b.

    `x_mean` (A, p, v) with the weights of `value`; `value`, `variance` (A, v): the score and its squared
    error given b, taken from residuals of the adjustment. Adds (x_mean - ref)' V_b (x_mean - ref).
    """
    gap = x_mean - fit.reference
    moved = -gap * fit.coefficient
    added = np.einsum("apv,vpq,aqv->av", gap, fit.covariance, gap)
    added = np.maximum(added, 0.0)
    return AdjustedScores(
        value + np.add.reduce(moved, axis=1), np.sqrt(variance + added), moved, np.sqrt(added)
    )


def mean_adjusters(moments: CaseMixMoments) -> Floats:
    """Unweighted mean of each adjuster, (A, p, v); the reference is not known here, so NaN where n = 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return moments.x / moments.n[:, None]
