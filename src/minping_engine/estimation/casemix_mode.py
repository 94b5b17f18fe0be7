"""Mode effects: what the way of asking adds, learned where chance chose the way.

In: moments of ballots whose mode was drawn by lot, moments of all ballots. Out: mode effects, bounded
use of the others, and a case mix fit that holds both (docs/method/fair-adjustment.md, rules 7 to 9).
An unrandomised mode effect mixes the mode with who chose it (HCAHPS mode experiment 2007), so it
enters only with an error of its own that a scheme states, and never alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from minping_engine.errors import InputError, RefusedError
from minping_engine.estimation.casemix import CaseMixFit, CaseMixMoments, within
from minping_engine.estimation.survey_algebra import solve_normal_equations

Floats = NDArray[np.float64]
FARTHEST = 3.0
"""An unrandomised effect further off than this many standard errors is left out."""


class ModeState(IntEnum):
    """Where a mode effect comes from."""

    RANDOMISED = 0
    BLENDED = 1
    UNRANDOMISED_TOO_FAR = 2
    NOT_RANDOMISED = 3


@dataclass(frozen=True)
class ModeEffects:
    """Per mode column and variable (m, v): effect, its variance, weight of unrandomised ballots, state."""

    effect: Floats
    variance: Floats
    unrandomised_share: Floats
    state: NDArray[np.int8]


def mode_effects(
    randomised: CaseMixFit, unrandomised: CaseMixFit | None, columns: slice, selection_bound: float
) -> ModeEffects:
    """Effects of the mode `columns`, points against the reference mode.

    `selection_bound` B is how far, in points, choosing one's mode may shift an unrandomised effect;
    0 = unrandomised ballots are not used at all. They enter with variance V_u + B^2 / 3, so that any
    number of them weighs at most as one estimate of variance B^2 / 3. A mode that no lot drew stays
    without effect (state NOT_RANDOMISED).
    """
    if not 0 <= selection_bound < np.inf:
        raise InputError.of("estimation.mode_bound", value=selection_bound)
    effect, known = randomised.coefficient[columns], randomised.used[columns]
    variance = _diagonal(randomised)[columns]
    share = np.zeros_like(effect)
    state = np.where(known, np.int8(ModeState.RANDOMISED), np.int8(ModeState.NOT_RANDOMISED))
    if unrandomised is not None and selection_bound > 0:
        other, loose = unrandomised.coefficient[columns], _diagonal(unrandomised)[columns]
        loose = loose + selection_bound**2 / 3
        there = known & unrandomised.used[columns]
        near = (other - effect) ** 2 <= FARTHEST**2 * (variance + loose)
        share = np.where(there & near, variance / (variance + loose), 0.0)
        effect = effect + share * np.where(there, other - effect, 0.0)
        variance = (1 - share) * variance
        state = np.where(there & near, np.int8(ModeState.BLENDED), state)
        state = np.where(there & ~near, np.int8(ModeState.UNRANDOMISED_TOO_FAR), state)
    return ModeEffects(
        np.where(known, effect, 0.0), np.where(known, variance, 0.0), share, state.astype(np.int8)
    )


def _diagonal(fit: CaseMixFit) -> Floats:
    return np.array(np.einsum("vpp->pv", fit.covariance), dtype=np.float64)


def fit_beside_modes(moments: CaseMixMoments, columns: slice, modes: ModeEffects) -> CaseMixFit:
    """The other adjusters from all ballots, mode effects held at what the lot showed.

    Column order stays. Covariance of both blocks: V_x = sigma^2 S_xx^-1 + A V_m A', C(x, m) = -A V_m,
    with A = S_xx^-1 S_xm; the noise of the two sources counts as independent, which the lot ensures.
    """
    xx, xy, yy = (np.add.reduce(part, axis=0) for part in within(moments))
    p = xx.shape[0]
    is_mode = np.zeros(p, dtype=np.bool_)
    is_mode[columns] = True
    m, x = np.flatnonzero(is_mode), np.flatnonzero(~is_mode)
    inner = np.moveaxis(xx[np.ix_(x, x)], -1, 0)
    across = np.moveaxis(xx[np.ix_(x, m)], -1, 0)
    offset = np.einsum("vxm,mv->vx", across, modes.effect)
    solved = solve_normal_equations(inner, np.concatenate([(xy[x].T - offset)[:, :, None], across], axis=2))
    b, a = solved.coefficient[:, :, 0], solved.coefficient[:, :, 1:]
    full = np.zeros((p, b.shape[0]))
    full[x], full[m] = b.T, modes.effect
    rows = np.add.reduce(moments.n, axis=0)
    df = rows - np.add.reduce(moments.n > 0, axis=0) - np.add.reduce(solved.used, axis=1)
    if (df < 1).any():
        raise RefusedError.of("estimation.casemix_too_few", rows=int(rows.min()))
    left = yy - 2 * np.einsum("pv,pv->v", full, xy) + np.einsum("pv,pqv,qv->v", full, xx, full)
    sigma2 = np.maximum(left, 0.0) / df
    covariance = np.zeros((b.shape[0], p, p))
    spread = a * modes.variance.T[:, None, :]
    covariance[np.ix_(np.arange(len(b)), x, x)] = solved.inverse * sigma2[:, None, None] + np.einsum(
        "vxm,vym->vxy", spread, a
    )
    covariance[np.ix_(np.arange(len(b)), x, m)] = -spread
    covariance[np.ix_(np.arange(len(b)), m, x)] = -np.moveaxis(spread, 1, 2)
    covariance[:, m, m] = modes.variance.T
    used = np.zeros((p, b.shape[0]), dtype=np.bool_)
    used[x], used[m] = solved.used.T, modes.variance > 0
    reference = np.add.reduce(moments.x, axis=0) / np.where(rows > 0, rows, 1.0)
    return CaseMixFit(full, covariance, sigma2, df, reference, used)
