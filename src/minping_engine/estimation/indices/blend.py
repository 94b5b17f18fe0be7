"""Open online sample beside the drawn one: bias model, outliers, capped blend (online-sample.md).

In: the drawn sample's estimate and the online sample's per assessee, with variances. Out: the
blend, its error, its weight and the bound on what the online sample may move. Volunteers choose
themselves and can be mobilised by the assessed: the default weight is 0, and with a cap c nobody
moves by more than 3 sqrt(c) standard errors of her own drawn sample, whatever arrives
(after Elliott and Haviland 2007, with bound and outlier rule added). Model class.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from minping_engine.errors import InputError
from minping_engine.estimation.indices.known_errors import FREE_PAIRS, fit_known_errors, independent
from minping_engine.estimation.indices.symmetric import Floats

OUTLIER_SDS = 3.0
MOST_CAP = 0.5
FEWEST_PAIRS = 20
"""Assessees with both samples below which bias and its spread are not estimated."""
MOST_ROUNDS = 20


class BlendState(StrEnum):
    """What became of an assessee's online sample."""

    BLENDED = "blended"
    WEIGHT_ZERO = "weight_zero"
    NO_ONLINE = "no_online"
    OUTLIER = "outlier"
    NO_BIAS_MODEL = "no_bias_model"
    NO_DRAWN = "no_drawn"


@dataclass(frozen=True)
class TwoSamples:
    """Arrays (n,) in points and squared points; NaN where there is no such sample.

    Online variances must be smoothed first (a unanimous online sample has s^2 = 0).
    """

    drawn: Floats
    drawn_variance: Floats
    online: Floats
    online_variance: Floats


@dataclass(frozen=True)
class BiasModel:
    """D_i ~ N(bias, spread2 + variances): common bias, its variance, spread2 between assessees."""

    bias: float
    bias_variance: float
    spread2: float
    outlier: NDArray[np.bool_]
    pairs: int


@dataclass(frozen=True)
class Blend:
    """Arrays (n,): estimate, error, online weight, what it moved, and the most it could have moved."""

    state: NDArray[np.str_]
    value: Floats
    se: Floats
    weight: Floats
    moved: Floats
    bound: Floats
    model: BiasModel | None


def bias_model(samples: TwoSamples) -> BiasModel | None:
    """REML of the bias and its spread over assessees with both samples, outliers left out; None below 20.

    Start: median and median absolute deviation, which a stuffed minority does not move. Then: fit,
    mark |D - bias| > 3 SD, until the marks stay; marks that keep changing are all set.
    """
    difference, variance = samples.online - samples.drawn, samples.online_variance + samples.drawn_variance
    both = np.isfinite(difference) & np.isfinite(variance) & (variance > 0)
    if int(both.sum()) < FEWEST_PAIRS:
        return None
    centre = float(np.median(difference[both]))
    scale = 1.4826 * float(np.median(np.abs(difference[both] - centre)))
    spread2 = max(scale**2 - float(np.median(variance[both])), 0.0)
    outlier = _far(difference, variance, centre, spread2) & both
    for turn in range(MOST_ROUNDS):
        kept = both & ~outlier
        if int(kept.sum()) < max(FEWEST_PAIRS // 2, FREE_PAIRS + 1):
            return None
        fit = fit_known_errors(independent(difference[kept][:, None], variance[kept][:, None]))
        centre, spread2 = float(fit.mean[0, 0]), float(fit.sigma[0, 0])
        marked = _far(difference, variance, centre, spread2) & both
        if (marked == outlier).all():
            break
        outlier = marked | outlier if turn >= MOST_ROUNDS // 2 else marked
    return BiasModel(centre, float(fit.mean_covariance[0, 0, 0]), spread2, outlier, int(both.sum()))


def _far(difference: Floats, variance: Floats, centre: float, spread2: float) -> NDArray[np.bool_]:
    made: NDArray[np.bool_] = np.abs(difference - centre) > OUTLIER_SDS * np.sqrt(spread2 + variance)
    return made


def blend_samples(samples: TwoSamples, *, cap: float = 0.0) -> Blend:
    """Drawn estimate moved towards the bias-corrected online one by at most `cap` (0 to 0.5) of the way.

    weight = min(cap, V_drawn / (V_drawn + V_online + spread2 + Var(bias))). `bound` = 3 sqrt(cap V_drawn)
    holds for every content and size of all online samples. Without a drawn sample there is no estimate.
    """
    if not 0.0 <= cap <= MOST_CAP:
        raise InputError.of("indices.cap_out_of_range", cap=cap, most=MOST_CAP)
    _check(samples)
    model = bias_model(samples) if cap > 0 else None
    there = np.isfinite(samples.drawn) & np.isfinite(samples.drawn_variance)
    online = np.isfinite(samples.online) & np.isfinite(samples.online_variance)
    drawn_variance = np.where(there, samples.drawn_variance, np.nan)
    state = _states(there, online, cap, model)
    used = state == BlendState.BLENDED.value
    bias, extra = (0.0, 0.0) if model is None else (model.bias, model.spread2 + model.bias_variance)
    other = np.where(used, samples.online_variance, 0.0) + extra
    total = drawn_variance + other
    free = np.where(total > 0, drawn_variance / np.where(total > 0, total, 1.0), 0.0)
    weight = np.where(used, np.minimum(cap, free), 0.0)
    away = np.where(used, samples.online - bias - samples.drawn, 0.0)
    moved = weight * away
    variance = (1.0 - weight) ** 2 * drawn_variance + weight**2 * other
    bound = OUTLIER_SDS * np.sqrt(cap * drawn_variance)
    value = np.where(there, samples.drawn + moved, np.nan)
    return Blend(state, value, np.sqrt(variance), weight, np.where(there, moved, np.nan), bound, model)


def _states(
    there: NDArray[np.bool_], online: NDArray[np.bool_], cap: float, model: BiasModel | None
) -> NDArray[np.str_]:
    if cap == 0:
        usual = BlendState.WEIGHT_ZERO.value
    else:
        usual = BlendState.NO_BIAS_MODEL.value if model is None else BlendState.BLENDED.value
    state = np.where(online, usual, BlendState.NO_ONLINE.value)
    if model is not None:
        state = np.where(online & model.outlier, BlendState.OUTLIER.value, state)
    return np.where(there, state, BlendState.NO_DRAWN.value)


def _check(samples: TwoSamples) -> None:
    negative = (samples.drawn_variance < 0) | (samples.online_variance < 0)
    if negative.any():
        raise InputError.of("indices.variance_negative", n=int(negative.sum()))
