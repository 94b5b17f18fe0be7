"""Can these scores tell anybody apart: discrimination and ceiling report (D7).

In: estimates with variances and the ballots' sums. Out: share at full marks, spread of true values
against error, reliability, the share of all answers' variance that lies between assessees, and a
verdict that the ranking obeys. Page: docs/method/fairness-report.md. Model class.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from minping_engine.errors import InputError
from minping_engine.estimation.indices.known_errors import FREE_PAIRS, fit_known_errors, independent
from minping_engine.estimation.indices.symmetric import Floats

Ints = NDArray[np.int64]


class Discrimination(StrEnum):
    """What the spread allows."""

    SEPARATES = "separates"
    SPREAD_BELOW_ERROR = "spread_below_error"
    NO_DIFFERENCES = "no_differences"
    TOO_FEW = "too_few"


@dataclass(frozen=True)
class BallotSums:
    """Per assessee (n,): ballots, sum, sum of squares (points), ballots at full marks."""

    n: Ints
    s: Floats
    ss: Floats
    full: Ints


@dataclass(frozen=True)
class SpreadReport:
    """`spread` = SD of true values (REML), `error` = root mean variance, both in points.

    `reliability` = spread^2 / (spread^2 + error^2); `between_share` = share of all answers' variance
    that lies between assessees; `full_share` of ballots, `all_full` = assessees with full marks only;
    `ceiling`: full_share reaches its limit; `bands` = groups that can be told apart (4 G + 1) / 3,
    G = spread / error (Wright and Masters 1982), 1 at least.
    """

    verdict: Discrimination
    assessees: int
    mean: float
    spread: float
    error: float
    reliability: float
    between_share: float
    full_share: float
    all_full: int
    ceiling: bool
    bands: float

    @property
    def may_rank(self) -> bool:
        """Whether a ranking may be made at all; who is ranked with which interval is decided elsewhere."""
        return self.verdict is Discrimination.SEPARATES


def spread_report(
    estimate: Floats, variance: Floats, ballots: BallotSums, *, ceiling_from: float = 0.5
) -> SpreadReport:
    """One report of one comparison group; assessees whose estimate or variance is NaN are left out.

    Superpopulation variances (without finite population correction), smoothed: a positive one for all.
    """
    if not 0.0 < ceiling_from <= 1.0:
        raise InputError.of("indices.share_out_of_range", name="ceiling_from", value=ceiling_from)
    used = np.isfinite(estimate) & np.isfinite(variance)
    full_share, all_full = _full(ballots)
    count = int(used.sum())
    nan = float("nan")
    if count < FREE_PAIRS + 1:
        mean = float(np.mean(estimate[used])) if count else nan
        parts = (mean, nan, nan, nan, nan, full_share, all_full, full_share >= ceiling_from, nan)
        return SpreadReport(Discrimination.TOO_FEW, count, *parts)
    fit = fit_known_errors(independent(estimate[used][:, None], variance[used][:, None]))
    spread2, error2 = float(fit.sigma[0, 0]), float(np.add.reduce(variance[used])) / count
    ratio = float(np.sqrt(spread2 / error2))
    return SpreadReport(
        _verdict(spread2, error2),
        count,
        float(fit.mean[0, 0]),
        float(np.sqrt(spread2)),
        float(np.sqrt(error2)),
        spread2 / (spread2 + error2),
        _between_share(spread2, ballots),
        full_share,
        all_full,
        full_share >= ceiling_from,
        max((4.0 * ratio + 1.0) / 3.0, 1.0),
    )


def _verdict(spread2: float, error2: float) -> Discrimination:
    """Compared after rounding to 1e-6 points squared."""
    spread, error = np.rint(spread2 * 1e6), np.rint(error2 * 1e6)
    if spread == 0:
        return Discrimination.NO_DIFFERENCES
    return Discrimination.SPREAD_BELOW_ERROR if spread < error else Discrimination.SEPARATES


def _full(ballots: BallotSums) -> tuple[float, int]:
    total = int(ballots.n.sum())
    share = int(ballots.full.sum()) / total if total else 0.0
    return share, int(((ballots.n > 0) & (ballots.full == ballots.n)).sum())


def _between_share(spread2: float, ballots: BallotSums) -> float:
    """Spread^2 over itself plus the pooled variance of single answers; NaN without two answers anywhere."""
    n = np.maximum(ballots.n, 1)
    squares = float(np.add.reduce(np.where(ballots.n > 0, ballots.ss - ballots.s * ballots.s / n, 0.0)))
    free = int(np.maximum(ballots.n - 1, 0).sum())
    if free == 0:
        return float("nan")
    whole = spread2 + max(squares, 0.0) / free
    return spread2 / whole if whole > 0 else 0.0
