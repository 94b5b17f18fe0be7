"""Two nested levels of random intercepts from moments: worker in street (docs/method/shrinkage.md).

In: the moments of `mixed.py` and each unit's upper group. Out: three variances, a state for each
level, effects of units and groups with their errors. A second rank-one step per group; for each
ratio of the units the best ratio of the groups is found, so two one-dimensional searches nest.
Model class: driver only. Ranks and grades are later steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minping_engine.errors import InputError, RefusedError
from minping_engine.estimation.area import NEGLIGIBLE, DifferenceState
from minping_engine.estimation.mixed import (
    Criterion,
    GroupMoments,
    Level,
    Scatter,
    level_of,
    ratio_grid,
    scatter_of,
)
from minping_engine.estimation.variance_search import Lowest, lowest_from_zero

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
GRID = 14


@dataclass(frozen=True)
class NestedFit:
    """Variances in squared answers; `beta` (1 + q,), intercept first; unit_* (units,), group_* (groups,).

    `combined` is group plus unit effect, `combined_sd` its error; all errors take beta as known.
    """

    restricted: bool
    unit_state: DifferenceState
    group_state: DifferenceState
    variance_unit: float
    variance_group: float
    variance_residual: float
    criterion: float
    beta: Floats
    beta_cov: Floats
    beta_se: Floats
    unit_effect: Floats
    unit_sd: Floats
    group_effect: Floats
    group_sd: Floats
    combined: Floats
    combined_sd: Floats
    value: Floats
    evaluations: int


def nested_intercepts(
    moments: GroupMoments, group: Ints, n_groups: int, *, restricted: bool = True
) -> NestedFit:
    """Random intercepts of units and of their groups: group (units,) in 0..n_groups-1."""
    scatter = scatter_of(moments)
    _check_groups(scatter, group, n_groups)
    search = _Search(scatter, group, n_groups, Criterion(scatter.rows, restricted))
    lowest = lowest_from_zero(search.unit_slope, ratio_grid(scatter, GRID))
    unit_ratio = 0.0 if lowest.at * scatter.mean_n < NEGLIGIBLE else lowest.at
    best = search.best_group(unit_ratio)
    per_group = scatter.rows / len(np.unique(group[scatter.n > 0]))
    group_ratio = 0.0 if best.at * per_group < NEGLIGIBLE else best.at
    return _fitted(search, (unit_ratio, group_ratio), lowest.evaluations)


def _check_groups(scatter: Scatter, group: Ints, n_groups: int) -> None:
    if group.shape != scatter.n.shape or (group < 0).any() or (group >= n_groups).any():
        what = f"group {group.shape} in 0..{n_groups - 1}, units {scatter.n.shape}"
        raise InputError.of("shrinkage.shapes_differ", what=what)
    units = np.bincount(group[scatter.n > 0], minlength=n_groups)
    if int((units > 0).sum()) < 2:
        raise RefusedError.of("shrinkage.too_few_units", units=int((units > 0).sum()), coefficients=1)
    if units.max() < 2:
        raise RefusedError.of("shrinkage.levels_confounded")


@dataclass
class _Search:
    scatter: Scatter
    group: Ints
    n_groups: int
    criterion: Criterion

    def __post_init__(self) -> None:
        self.units = level_of(self.scatter)

    def _by_group(self, values: Floats) -> Floats:
        return np.asarray(np.bincount(self.group, values, self.n_groups), dtype=np.float64)

    def _sums(self, weights: Floats) -> Floats:
        """Weighted t summed by group, (groups, p + 1)."""
        return np.stack([self._by_group(weights * column) for column in self.scatter.t.T], axis=1)

    def groups(self, unit_ratio: float) -> Level:
        """The groups as a level over the units at their ratio."""
        matrix, _, log_det, _ = self.units.at(unit_ratio)
        shrunk = 1 / (1 + unit_ratio * self.scatter.n)
        r = self._sums(shrunk)
        size = self._by_group(self.scatter.n * shrunk)
        return Level(matrix, log_det, size, np.ones(self.n_groups), r[:, :, None] * r[:, None, :])

    def best_group(self, unit_ratio: float) -> Lowest:
        """The ratio of the groups with the lowest criterion at this ratio of the units."""
        level = self.groups(unit_ratio)
        grid = ratio_grid(self.scatter, GRID)
        return lowest_from_zero(lambda ratio: self.criterion.at(*level.at(ratio)), grid)

    def unit_slope(self, unit_ratio: float) -> tuple[float, float]:
        """Criterion at the best ratio of the groups, and its derivative in the ratio of the units.

        At that best the derivative through the groups' ratio vanishes (or the ratio stays at zero).
        """
        group_ratio = self.best_group(unit_ratio).at
        matrix, _, log_det, _ = self.groups(unit_ratio).at(group_ratio)
        _, slope, _, log_det_slope = self.units.at(unit_ratio)
        n = self.scatter.n
        shrunk = 1 / (1 + unit_ratio * n)
        size, size_slope = self._by_group(n * shrunk), -self._by_group(n * n * shrunk * shrunk)
        r, r_slope = self._sums(shrunk), self._sums(-n * shrunk * shrunk)
        share = group_ratio / (1 + group_ratio * size)
        mixed = np.einsum("g,gi,gj->ij", share, r_slope, r)
        own = np.einsum("g,gi,gj->ij", share * share * size_slope, r, r)
        slope = slope - mixed - mixed.T + own
        log_det_slope += float(np.add.reduce(share * size_slope))
        return self.criterion.at(matrix, slope, log_det, log_det_slope)


def _fitted(search: _Search, ratios: tuple[float, float], evaluations: int) -> NestedFit:
    scatter, group = search.scatter, search.group
    unit_ratio, group_ratio = ratios
    level = search.groups(unit_ratio)
    point = level.at(group_ratio)
    fixed = search.criterion.solve(point[0])
    left = scatter.residual_sums(fixed.beta)
    shrunk = 1 / (1 + unit_ratio * scatter.n)
    group_share = group_ratio / (1 + group_ratio * level.size)
    group_effect = group_share * np.bincount(group, left * shrunk, search.n_groups)
    group_var = fixed.variance * group_share
    gamma = unit_ratio * scatter.n * shrunk
    unit_effect = unit_ratio * shrunk * (left - scatter.n * group_effect[group])
    alone = fixed.variance * unit_ratio * shrunk
    beta, beta_cov = scatter.original(fixed)
    combined = group_effect[group] + unit_effect
    return NestedFit(
        restricted=search.criterion.restricted,
        unit_state=_state(unit_ratio),
        group_state=_state(group_ratio),
        variance_unit=unit_ratio * fixed.variance,
        variance_group=group_ratio * fixed.variance,
        variance_residual=fixed.variance,
        criterion=scatter.constant(search.criterion.restricted) + search.criterion.at(*point)[0],
        beta=beta,
        beta_cov=beta_cov,
        beta_se=np.sqrt(np.diag(beta_cov)),
        unit_effect=unit_effect,
        unit_sd=np.sqrt(alone + gamma**2 * group_var[group]),
        group_effect=group_effect,
        group_sd=np.sqrt(group_var),
        combined=combined,
        combined_sd=np.sqrt(alone + (1 - gamma) ** 2 * group_var[group]),
        value=scatter.centre(fixed) + combined,
        evaluations=evaluations,
    )


def _state(ratio: float) -> DifferenceState:
    return DifferenceState.DIFFERENCES if ratio > 0 else DifferenceState.NO_EVIDENCE
