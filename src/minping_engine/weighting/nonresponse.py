"""Design weights and nonresponse factors, pooled over streets (docs/method/weighting.md 1, 2).

In: units drawn and answered per stratum or street x frame cell. Out: design weights N / n and factors
1 / p, p the response propensity by cells (exact class) or by logistic regression on the table of cells
(model class, rounded to a millionth). Whether nonresponse is adjusted for, a scheme says.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike

from minping_engine.errors import InputError
from minping_engine.weighting.checks import Flags, Floats, Ints, States, table, within
from minping_engine.weighting.margins import THIN, Margin, Merge, list_merges, merge_thin_levels
from minping_engine.weighting.solving import column_sums, cross_products, solve

FLOOR = 0.1
MILLION = 1_000_000
SCORE = 1e-9
STEPS = 60
SURE = 15.0
"""A linear predictor beyond this is a propensity of 0 or 1 for every purpose."""


class ResponseState(IntEnum):
    """How a street's propensities came about."""

    MET = 0
    NO_SAMPLE = 1
    NO_RESPONSE = 2
    AT_BOUNDARY = 3
    NOT_CONVERGED = 4


@dataclass(frozen=True)
class Nonresponse:
    """Arrays (streets, cells): `factor` 1 / max(propensity, floor); 1 where nobody was drawn, NaN by state.

    `at_floor` counts cells with drawn units whose propensity was raised to the floor. AT_BOUNDARY (some
    propensity is 0 or 1) is a valid answer. `merges` names streets as assessees.
    """

    factor: Floats
    propensity: Floats
    state: States
    at_floor: Ints
    iterations: Ints
    merges: list[Merge]


def design_weights(drawn: ArrayLike, population_size: ArrayLike) -> Floats:
    """N / n per stratum (any shape, the same for both); 0 where nothing was drawn.

    `population_size` is the number of units N; a share (n/N or 1 - n/N) is refused.
    """
    n, size = np.asarray(drawn, dtype=np.float64), np.asarray(population_size, dtype=np.float64)
    if n.shape != size.shape:
        raise InputError.of("weighting.shape", name="population_size", found=size.shape, needed=n.shape)
    with np.errstate(invalid="ignore"):
        bad = ~((size >= n) & (size == np.rint(size)) & np.isfinite(size))
    if bad.any():
        worst, at = float(size[bad].flat[0]), float(n[bad].flat[0])
        raise InputError.of("weighting.population_size", n=int(bad.sum()), worst=worst, drawn=at)
    table("drawn", np.atleast_2d(n))
    return np.divide(size, n, out=np.zeros_like(size), where=n > 0)


def response_by_cells(
    drawn: Floats, answered: Floats, *, minimum: int = THIN, floor: float = FLOOR
) -> Nonresponse:
    """Propensity = answered / drawn per street x cell; cells below `minimum` answers join a neighbour.

    Counts, or sums of design weights where those differ inside a cell (then `minimum` counts weights).
    """
    out, back = _counts(drawn, answered)
    within("floor", floor, 0.01, 1.0)
    cells = np.arange(out.shape[1])
    margin = merge_thin_levels((Margin("frame_cell", cells, out),), back, minimum=minimum)[0]
    assert margin.group is not None
    of_group = margin.group[:, :, None] == cells
    sums = [np.add.reduce(np.where(of_group, part[:, :, None], 0.0), axis=1) for part in (out, back)]
    rate = np.divide(sums[1], sums[0], out=np.ones_like(sums[0]), where=sums[0] > 0)
    propensity = np.take_along_axis(rate, margin.group, axis=1)
    state = _states(out, back)
    return _finished(propensity, out, state, floor, list_merges((margin,)))


def response_by_logit(drawn: Floats, answered: Floats, x: Floats, *, floor: float = FLOOR) -> Nonresponse:
    """Logistic regression of response on frame variables, one per street, on the table of cells.

    `x` (cells, columns) with a constant of 1; redundant columns get 0. Maximum likelihood by Newton
    steps with halving (iteratively reweighted least squares) until the score is 1e-9 of the units.
    """
    out, back = _counts(drawn, answered)
    within("floor", floor, 0.01, 1.0)
    values = np.asarray(x, dtype=np.float64)
    if values.ndim != 2 or len(values) != out.shape[1] or not np.isfinite(values).all():
        raise InputError.of("weighting.shape", name="x", found=values.shape, needed=(out.shape[1], "columns"))
    fitted, steps, met = _fit(out.T, back.T, values.T[:, :, None])
    state = _states(out, back)
    edge = (np.abs(fitted.T) >= SURE) & (out > 0)
    state[(state == ResponseState.MET) & edge.any(axis=1)] = ResponseState.AT_BOUNDARY
    state[(state != ResponseState.NO_SAMPLE) & (state != ResponseState.NO_RESPONSE) & ~met] = (
        ResponseState.NOT_CONVERGED
    )
    made = _finished(_logistic(fitted.T), out, state, floor, [])
    return Nonresponse(made.factor, made.propensity, state, made.at_floor, steps, [])


def _counts(drawn: Floats, answered: Floats) -> tuple[Floats, Floats]:
    out = table("drawn", drawn)
    back = table("answered", answered, out.shape)
    many = int(np.count_nonzero(back > out))
    if many:
        raise InputError.of("weighting.more_answers_than_drawn", n=many)
    return out, back


def _states(drawn: Floats, answered: Floats) -> States:
    state = np.full(len(drawn), ResponseState.MET, dtype=np.int8)
    state[np.add.reduce(answered, axis=1) <= 0] = ResponseState.NO_RESPONSE
    state[np.add.reduce(drawn, axis=1) <= 0] = ResponseState.NO_SAMPLE
    return state


def _finished(
    propensity: Floats,
    drawn: Floats,
    state: States,
    floor: float,
    merges: list[Merge],
) -> Nonresponse:
    usable = ((state == ResponseState.MET) | (state == ResponseState.AT_BOUNDARY))[:, None]
    rounded = np.rint(propensity * MILLION) / MILLION
    factor = np.rint(MILLION / np.maximum(propensity, floor)) / MILLION
    at_floor = np.add.reduce((drawn > 0) & (propensity < floor) & usable, axis=1, dtype=np.int64)
    return Nonresponse(
        np.where(usable, np.where(drawn > 0, factor, 1.0), np.nan),
        np.where(usable & (drawn > 0), rounded, np.nan),
        state,
        at_floor,
        np.ones(len(drawn), dtype=np.int64),
        merges,
    )


def _logistic(eta: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(eta, -40, 40)))


def _likelihood(eta: Floats, drawn: Floats, answered: Floats) -> Floats:
    return np.asarray(np.add.reduce(answered * eta - drawn * np.logaddexp(0.0, eta), axis=0))


def _fit(drawn: Floats, answered: Floats, x: Floats) -> tuple[Floats, Ints, Flags]:
    """(linear predictor (cells, streets), steps, met); arrays (cells, streets), x (columns, cells, 1)."""
    eta = np.zeros_like(drawn)
    total = np.maximum(np.add.reduce(drawn, axis=0), 1.0)
    size = np.maximum(np.abs(x).max(axis=1), np.finfo(float).tiny)
    steps, met = np.zeros(drawn.shape[1], dtype=np.int64), np.zeros(drawn.shape[1], dtype=bool)
    for _ in range(STEPS):
        p = _logistic(eta)
        score = column_sums(x, answered - drawn * p)
        met = (np.abs(score) / size / total).max(axis=0) <= SCORE
        if met.all():
            break
        steps[~met] += 1
        change = solve(cross_products(x, drawn * p * (1 - p)), score)
        move = np.add.reduce(x * change[:, None], axis=0)
        eta = eta + np.where(met, 0.0, _length(eta, move, drawn, answered)) * move
    return eta, steps, met


def _length(eta: Floats, move: Floats, drawn: Floats, answered: Floats) -> Floats:
    """1, or the first of its halves at which the likelihood does not fall."""
    before = _likelihood(eta, drawn, answered)
    length = np.ones(eta.shape[1])
    for _ in range(20):
        worse = _likelihood(eta + length * move, drawn, answered) < before - 1e-9 * np.abs(before)
        if not worse.any():
            break
        length[worse] /= 2
    return length
