"""What the next score would be without a plan (docs/method/coaching.md, rules 3 to 6).

In: two rounds, who may be compared with. Out: for every worker the expected second score, its own variance
and the shared part. The last score enters with its luck taken off, because that does not come again
(regression to the mean); known errors of both rounds are kept. Model class: no random numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from minping_engine.coaching.levels import expected_levels
from minping_engine.coaching.rounds import Flags, Floats, TwoRounds
from minping_engine.errors import RefusedError
from minping_engine.estimation import AreaFit, DifferenceState, area_model, class_covariates

LEAST_COMPARED, LEAST_PER_COEFFICIENT, LEAST_ALIKE = 30, 10, 5
PASSES, SETTLED = 30, 1e-9


@dataclass(frozen=True)
class Expectation:
    """The model, and arrays (workers,), NaN where nothing can be expected.

    `kept` is the part of a difference in level that lasts to the second round (NaN: the first shows no
    differences); `between` the variance of true second scores around the expectation. `own_variance` is
    of observed minus expected but for the coefficients, whose part is design x covariance x design'.
    """

    value: Floats
    own_variance: Floats
    design: Floats
    covariance: Floats
    kept: float
    kept_se: float
    between: float
    compared: int
    df: int

    def variance_of_mean(self, workers: Sequence[int]) -> float:
        """Variance of the mean of observed minus expected over some workers (their rows)."""
        some = np.asarray(workers, dtype=np.int64)
        centre = self.design[some].mean(axis=0)
        shared = float(np.einsum("p,pq,q->", centre, self.covariance, centre))
        return float(self.own_variance[some].sum()) / len(some) ** 2 + shared


def comparison_needed(coefficients: int) -> int:
    """The least number of workers without a plan: 30, and 10 for each coefficient of the model.

    >>> comparison_needed(2), comparison_needed(8)
    (30, 80)
    """
    return max(LEAST_COMPARED, LEAST_PER_COEFFICIENT * coefficients)


def expect_second(rounds: TwoRounds, compared: Flags) -> Expectation:
    """Fit on those compared with, predict for all.

    Groups with fewer than five of them expect nothing. Raises `RefusedError` where there are too few.
    """
    alike = _groups_with_enough(rounds, compared)
    used = alike[rounds.group] & ~np.isnan(rounds.first)
    base = _base(rounds, used)
    level, remaining = _levels(rounds, used, base)
    design = base if level is None else np.column_stack([base, level])
    fitted = (compared & used)[used]
    needed = comparison_needed(design.shape[1])
    if int(fitted.sum()) < needed:
        raise RefusedError.of("coaching.too_few_compared", n=int(fitted.sum()), needed=needed)
    fit, kept = _fit(rounds, used, fitted, (design, remaining, level is not None))
    return _expectation(rounds, used, fit, (design, remaining, kept))


def _groups_with_enough(rounds: TwoRounds, compared: Flags) -> Flags:
    groups = int(rounds.group.max(initial=0)) + 1
    enough: Flags = np.bincount(rounds.group[compared], minlength=groups) >= LEAST_ALIKE
    if not enough.any():
        raise RefusedError.of("coaching.too_few_compared", n=int(compared.sum()), needed=LEAST_COMPARED)
    return enough


def _base(rounds: TwoRounds, used: Flags) -> Floats:
    """One column per group, the ground, and what the earlier round says, of the workers that are used."""
    names, number = np.unique(rounds.group[used], return_inverse=True)
    columns = class_covariates(number.astype(np.int64), len(names))
    usual = np.column_stack([columns, rounds.ground[used]])
    value, se = (one[used] for one in rounds.before)
    if np.isnan(value).all():
        return usual
    earlier = area_model(value, se**2, usual)
    if earlier.state is DifferenceState.NO_EVIDENCE:
        return usual
    # Without an earlier score the shrunken value is what is usual: the deviation is 0.
    return np.column_stack([usual, earlier.value - earlier.synthetic])


def _levels(rounds: TwoRounds, used: Flags, base: Floats) -> tuple[Floats | None, Floats]:
    """The first round's level, its luck taken off, and the variance that remains in it.

    All workers make the model of levels, those with plans too: plans came later.
    """
    first = area_model(rounds.first[used], rounds.first_se[used] ** 2, base)
    if first.state is DifferenceState.NO_EVIDENCE:
        return None, np.zeros(int(used.sum()))
    deviation = rounds.first[used] - first.synthetic
    return expected_levels(deviation, rounds.first_se[used] ** 2, first.variance_between)


def _fit(
    rounds: TwoRounds, used: Flags, fitted: Flags, parts: tuple[Floats, Floats, bool]
) -> tuple[AreaFit, float]:
    """Coefficients on those compared with; known variances hold what remains of the first round's errors.

    That part needs the coefficient itself: passes settle it. It only weighs workers against each other.
    """
    design, remaining, has_level = parts
    second, known = rounds.second[used][fitted], rounds.second_se[used][fitted] ** 2
    kept = 0.0
    for _ in range(PASSES):
        fit = area_model(second, known + kept * kept * remaining[fitted], design[fitted])
        before, kept = kept, float(fit.beta[-1]) if has_level else 0.0
        if abs(kept - before) < SETTLED:
            break
    return fit, kept if has_level else float("nan")


def _expectation(
    rounds: TwoRounds, used: Flags, fit: AreaFit, parts: tuple[Floats, Floats, float]
) -> Expectation:
    design, remaining, kept = parts
    lasting = 0.0 if np.isnan(kept) else kept
    own = rounds.second_se[used] ** 2 + fit.variance_between + lasting * lasting * remaining
    return Expectation(
        value=_spread(used, np.einsum("ij,j->i", design, fit.beta)),
        own_variance=_spread(used, own),
        design=_spread(used, design),
        covariance=fit.beta_cov,
        kept=kept,
        kept_se=float("nan") if np.isnan(kept) else float(fit.beta_se[-1]),
        between=fit.variance_between,
        compared=fit.heterogeneity_df + design.shape[1],
        df=fit.heterogeneity_df,
    )


def _spread(used: Flags, values: Floats) -> Floats:
    """Values of the used at their rows, NaN elsewhere."""
    made = np.full((len(used), *values.shape[1:]), np.nan)
    made[used] = values
    return made
