"""Designed estimates from sums: means, shares, totals, ratios and domains with linearised errors.

In: cells of whole-number sums, one weight per cell, the design, and what the weights were calibrated
to. Out: estimates, standard errors with and without finite population correction, degrees of freedom,
states (docs/method/survey-estimates.md). All assessees and variables at once. Model class. Weights
that differ inside a cell are outside its reach: make their variable a cell variable.

An estimation domain is a variable whose sums count only its ballots, `ballots` counting all; an item
left out works the same way. A share is the mean of a 0/1 variable. Units are those of the sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from minping_engine.errors import InputError
from minping_engine.estimation.direct import UnitSums, unit_variances
from minping_engine.estimation.survey_algebra import sums_by
from minping_engine.estimation.survey_design import (
    Layers,
    LonelyPolicy,
    SurveyDesign,
    lay_out,
    linearised_variance,
)
from minping_engine.estimation.survey_residuals import FittedResiduals, SweptResiduals, fitted_values

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class EstimateState(IntEnum):
    """What an estimate can say of itself."""

    ESTIMATED = 0
    NO_SAMPLE = 1
    ONE_BALLOT = 2
    ONE_CLUSTER = 3
    NO_VARIATION = 4
    NO_DENOMINATOR = 5


@dataclass(frozen=True)
class SurveyCells:
    """Sums by cell: `ballots` (cells,) all ballots; `n`, `s`, `ss` (cells, variables) who answered."""

    ballots: Ints
    n: Ints
    s: Ints
    ss: Ints


@dataclass(frozen=True)
class RatioCells:
    """Sums by cell for ratios y/x, (cells, ratios): answers to both, sums, squares and products."""

    ballots: Ints
    n: Ints
    y: Ints
    x: Ints
    yy: Ints
    xy: Ints
    xx: Ints


@dataclass(frozen=True)
class Weighting:
    """`weight` (cells,) of each ballot; `residuals` if calibrated; what lonely primary units do."""

    weight: Floats
    residuals: FittedResiduals | SweptResiduals | None = None
    lonely: LonelyPolicy = LonelyPolicy.ERROR


@dataclass(frozen=True)
class SurveyEstimates:
    """Arrays (assessees, variables); NaN where `state` says that nothing can be said.

    `se` is free of any population, `se_fpc` corrected (NaN where a population is unknown); `srs_se` is
    the error of a simple random sample of as many answers, for the design effect; `effective_n` is
    Kish's (sum w)^2 / sum w^2.
    """

    n: Ints
    estimate: Floats
    se: Floats
    se_fpc: Floats
    srs_se: Floats
    effective_n: Floats
    df: Ints
    state: NDArray[np.int8]


def survey_means(design: SurveyDesign, cells: SurveyCells, weighting: Weighting) -> SurveyEstimates:
    """Weighted means (Hajek) of every assessee and variable."""
    weight, who, layers = _prepare(design, cells.ballots, weighting)
    size = sums_by(who, design.n_assessees, weight[:, None] * cells.n)
    whole = sums_by(who, design.n_assessees, weight[:, None] * cells.s)
    mean = whole / np.where(size > 0, size, 1.0)
    sums, squares = _centred(cells, who, mean)
    made = _errors(layers, who, weighting, cells.ballots, (sums, squares, 1 / np.where(size > 0, size, 1.0)))
    return _finished(layers, who, weighting, cells, (mean, made, squares))


def survey_totals(design: SurveyDesign, cells: SurveyCells, weighting: Weighting) -> SurveyEstimates:
    """Weighted totals (Horvitz-Thompson). Who did not answer counts as zero and in `n`, as a domain does."""
    weight, who, layers = _prepare(design, cells.ballots, weighting)
    total = sums_by(who, design.n_assessees, weight[:, None] * cells.s)
    sums, squares = cells.s.astype(np.float64), cells.ss.astype(np.float64)
    made = _errors(layers, who, weighting, cells.ballots, (sums, squares, np.ones_like(total)))
    everyone = np.broadcast_to(cells.ballots[:, None], cells.n.shape)
    zeros = SurveyCells(
        cells.ballots, np.where(_answers(cells, who, design)[who] > 0, everyone, 0), cells.s, cells.ss
    )
    size = sums_by(who, design.n_assessees, weight[:, None] * zeros.n)
    _, spread = _centred(zeros, who, total / np.where(size > 0, size, 1.0))
    out = _finished(layers, who, weighting, zeros, (total, made, spread), unanimous=False)
    return SurveyEstimates(**{**out.__dict__, "srs_se": out.srs_se * size})


def _answers(cells: SurveyCells, who: Ints, design: SurveyDesign) -> Floats:
    return sums_by(who, design.n_assessees, cells.n.astype(np.float64))


def survey_ratios(design: SurveyDesign, cells: RatioCells, weighting: Weighting) -> SurveyEstimates:
    """Ratios of weighted totals y/x by linearisation; state NO_DENOMINATOR where the total of x is 0."""
    weight, who, layers = _prepare(design, cells.ballots, weighting)
    above, below = (sums_by(who, design.n_assessees, weight[:, None] * part) for part in (cells.y, cells.x))
    there = below != 0
    ratio = above / np.where(there, below, 1.0)
    at = ratio[who]
    sums = cells.y - at * cells.x
    squares = np.maximum(cells.yy - 2 * at * cells.xy + at * at * cells.xx, 0.0)
    made = _errors(layers, who, weighting, cells.ballots, (sums, squares, 1 / np.where(there, below, 1.0)))
    plain = SurveyCells(cells.ballots, cells.n, cells.y, cells.yy)
    out = _finished(layers, who, weighting, plain, (ratio, made, squares), unanimous=False)
    lost = ~there & (out.state != EstimateState.NO_SAMPLE)
    blank = {
        name: np.where(lost, np.nan, getattr(out, name)) for name in ("estimate", "se", "se_fpc", "srs_se")
    }
    # The simple random error of a ratio needs the mean of x as its divisor.
    size = sums_by(who, design.n_assessees, weight[:, None] * cells.n)
    blank["srs_se"] = blank["srs_se"] * size / np.where(there, np.abs(below), 1.0)
    state = np.where(lost, np.int8(EstimateState.NO_DENOMINATOR), out.state)
    return SurveyEstimates(**{**out.__dict__, **blank, "state": state})


def design_effect(se: Floats, srs_se: Floats, sampled_fraction: Floats | float = 0.0) -> Floats:
    """How many times the variance of a simple random sample; NaN where that is 0 or unknown.

    With `se_fpc` give n / sum of weights as `sampled_fraction`, 0 to below 1.
    """
    against = srs_se * srs_se * (1.0 - sampled_fraction)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(against > 0, se * se / against, np.nan)


def _prepare(design: SurveyDesign, ballots: Ints, weighting: Weighting) -> tuple[Floats, Ints, Layers]:
    weight = np.asarray(weighting.weight, dtype=np.float64)
    wrong = ~np.isfinite(weight) | (weight < 0)
    if wrong.any():
        raise InputError.of("estimation.survey_weight", cell=int(np.flatnonzero(wrong)[0]))
    return weight, design.assessee[design.stratum], lay_out(design, ballots, weighting.lonely)


def _centred(cells: SurveyCells, who: Ints, mean: Floats) -> tuple[Floats, Floats]:
    """Sums of y - mean and of its square per cell, shifted in whole numbers first: nothing cancels."""
    whole = np.rint(mean).astype(np.int64)[who]
    rest = mean[who] - whole
    first = (cells.s - whole * cells.n).astype(np.float64)
    second = (cells.ss - whole * (2 * cells.s - whole * cells.n)).astype(np.float64)
    return first - rest * cells.n, np.maximum(second - rest * (2 * first - rest * cells.n), 0.0)


def _errors(
    layers: Layers, who: Ints, weighting: Weighting, ballots: Ints, values: tuple[Floats, Floats, Floats]
) -> tuple[Floats, Floats]:
    """Standard errors from sums and squares of linearised values before weight and scale."""
    sums, squares, scale = values
    weight = weighting.weight
    if weighting.residuals is not None:
        before = weighting.residuals.calibrated_weight
        if before is not None:
            # Trimmed later: what calibration explains is taken from values at the trimmed share.
            ratio = np.where(before > 0, weight / np.where(before > 0, before, 1.0), 0.0)[:, None]
            sums, squares, weight = sums * ratio, squares * ratio * ratio, before
        fitted = fitted_values(weighting.residuals, who, layers.n_assessees, ballots, sums)
        count = ballots[:, None]
        squares = np.maximum(squares - fitted * (2 * sums - fitted * count), 0.0)
        sums = sums - fitted * count
    factor = weight[:, None] * scale[who]
    free, corrected = linearised_variance(layers, factor * sums, factor * factor * squares)
    return np.sqrt(free), np.sqrt(corrected)


def _finished(
    layers: Layers,
    who: Ints,
    weighting: Weighting,
    cells: SurveyCells,
    values: tuple[Floats, tuple[Floats, Floats], Floats],
    *,
    unanimous: bool = True,
) -> SurveyEstimates:
    """States, degrees of freedom and comparisons around estimates and errors."""
    estimate, (se, se_fpc), squares = values
    n = sums_by(who, layers.n_assessees, cells.n.astype(np.float64)).astype(np.int64)
    units, df = _freedom(layers, cells.n)
    state = np.full(n.shape, EstimateState.ESTIMATED, dtype=np.int8)
    if unanimous:
        alike = _is_alike(cells, who, layers.n_assessees)
        state[alike & (n > 1)] = EstimateState.NO_VARIATION
        se, se_fpc = (np.where(alike & ~np.isnan(part), 0.0, part) for part in (se, se_fpc))
    state[units == 1] = EstimateState.ONE_CLUSTER
    state[n == 1] = EstimateState.ONE_BALLOT
    state[n == 0] = EstimateState.NO_SAMPLE
    silent = (n == 0) | (n == 1) | (units <= 1)
    weight = weighting.weight[:, None]
    size, square = (sums_by(who, layers.n_assessees, part * cells.n) for part in (weight, weight * weight))
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = sums_by(who, layers.n_assessees, weight * squares) / size / (n - 1)
        effective = np.where(square > 0, size * size / square, 0.0)
    return SurveyEstimates(
        n,
        np.where(n == 0, np.nan, estimate),
        np.where(silent, np.nan, se),
        np.where(silent, np.nan, se_fpc),
        np.where(n > 1, np.sqrt(np.where(n > 1, spread, 0.0)), np.nan),
        effective,
        df,
        state,
    )


def _is_alike(cells: SurveyCells, who: Ints, total: int) -> NDArray[np.bool_]:
    """All answers of the assessee equal: decided in whole numbers."""
    parts = []
    for values in (cells.n, cells.s, cells.ss):
        sums = np.zeros((total, values.shape[1]), dtype=np.int64)
        np.add.at(sums, who, values)
        parts.append(sums)
    n, s, ss = parts
    variance = unit_variances(UnitSums(n, s, ss, np.full(total, -1)))
    return np.where(np.isnan(variance), False, variance == 0.0)


def _freedom(layers: Layers, answers: Ints) -> tuple[Ints, Ints]:
    """Primary units with answers, and those less the strata with answers, (assessees, variables)."""
    units, free = [], []
    for column in range(answers.shape[1]):
        strata = len(layers.count)
        if layers.cluster is None:
            there = np.bincount(layers.cell_stratum, answers[:, column], strata)
        else:
            inside = np.bincount(layers.cluster, answers[:, column], len(layers.cluster_stratum)) > 0
            there = np.bincount(layers.cluster_stratum[inside], minlength=strata)
        count = np.bincount(layers.assessee, there, layers.n_assessees)
        units.append(count)
        free.append(count - np.bincount(layers.assessee, there > 0, layers.n_assessees))
    return np.stack(units, axis=1).astype(np.int64), np.stack(free, axis=1).astype(np.int64)
