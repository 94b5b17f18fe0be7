"""Our side of the statistics: `python -m bench.statistics JOB SNAPSHOT FOLDER`.

Each job runs in a process of its own, once to warm up and once timed, and writes FOLDER/JOB.npz, which
`agreement.py` compares with the peers in R and with exact references. The pass over the ballots is part
of the first three jobs. Prints one line of JSON.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.district import Floats, Known, Sums, divided, known_of, over_modes, sums_of, undivided
from bench.measure import timed
from minping_engine.assessment.chain.weigh import MOST_SWEEPS
from minping_engine.estimation import (
    GroupMoments,
    SurveyCells,
    SurveyDesign,
    SurveyEstimates,
    SweptResiduals,
    Weighting,
    random_intercept,
    survey_means,
)
from minping_engine.ranking import expected_ranks, marginal_sets, simultaneous_sets
from minping_engine.weighting import WeightState, merge_thin_levels, rake

Made = dict[str, NDArray[Any]]
Prepared = Callable[[], Made]
MILLI = 1000.0
FEW, MANY = 100_000, 5_000_000


def means(snapshot: Path, _: Path) -> Prepared:
    """Means of five items and the total with errors and finite population correction."""
    known = known_of(snapshot)

    def body() -> Made:
        sums = sums_of(known, undivided(known.plan.spec))
        counted = np.bincount(sums.target, sums.n[:, 0], len(known.targets))
        made = _survey(known, sums, Weighting((known.eligible / counted)[sums.target]))
        return {"mean": made.estimate / MILLI, "se": made.se_fpc / MILLI, "n": made.n}

    return body


def rakings(snapshot: Path, _: Path) -> Prepared:
    """Every target raked to three margins, thin levels merged, with the errors of raked means."""
    known = known_of(snapshot)
    return lambda: _raked(known, sums_of(known, divided(known.plan.spec)))


def rakings_of_sums(snapshot: Path, _: Path) -> Prepared:
    """The same from sums that the pass over the ballots has made before."""
    known = known_of(snapshot)
    sums = sums_of(known, divided(known.plan.spec))
    return lambda: _raked(known, sums)


def _raked(known: Known, by_mode: Sums) -> Made:
    sums = over_modes(by_mode, known.plan.n_cells)
    n = np.zeros((len(known.targets), known.plan.n_cells))
    n[sums.target, sums.cell] = sums.n[:, 0]
    margins = merge_thin_levels(known.margins, n)
    weights = rake(n * (known.eligible / n.sum(axis=1))[:, None], margins, max_sweeps=MOST_SWEEPS)
    groups = {margin.name: margin.group for margin in margins if margin.group is not None}
    levels = [groups[margin.name][sums.target, margin.level[sums.cell]] for margin in margins]
    of_ballot = weights.or_base()[sums.target, sums.cell] / sums.n[:, 0]
    made = _survey(known, sums, Weighting(of_ballot, SweptResiduals(np.stack(levels, axis=1))))
    met = (weights.state == WeightState.MET).astype(np.int64)
    merged = {f"group_{name}": group for name, group in groups.items()}
    return {"mean": made.estimate / MILLI, "se": made.se_fpc / MILLI, "met": met, **merged}


def _survey(known: Known, sums: Sums, weighting: Weighting) -> SurveyEstimates:
    """Means of all variables; a target is a stratum of its own."""
    everybody = np.arange(len(known.targets))
    design = SurveyDesign(sums.target, everybody, known.eligible, len(everybody))
    return survey_means(design, SurveyCells(sums.n[:, 0], sums.n, sums.s, sums.ss), weighting)


def reml(snapshot: Path, _: Path) -> Prepared:
    """Random intercepts beside adjusters and modes, by REML, with everybody's effect."""
    known = known_of(snapshot)

    def body() -> Made:
        sums = sums_of(known, divided(known.plan.spec), total_only=True)
        fit = random_intercept(_moments(known, sums))
        variances = np.array([fit.variance_unit, fit.variance_residual])
        return {"variance": variances, "beta": fit.beta, "effect": fit.effect}

    return body


def _moments(known: Known, sums: Sums) -> GroupMoments:
    """Moments of 0/1 columns (levels and modes but the first of each) and the total in points."""
    factors = [known.plan.levels_of(name)[sums.cell] for name in ("age_band", "sex", "tenure")]
    columns = [
        (factor == level).astype(np.float64)
        for factor in (*factors, sums.mode)
        for level in np.unique(factor)[1:]
    ]
    x = np.stack(columns, axis=1)
    n, s, ss = sums.n[:, 0], sums.s[:, 0] / MILLI, sums.ss[:, 0] / MILLI**2
    total = len(known.targets)
    return GroupMoments(
        np.bincount(sums.target, n, total).astype(np.int64),
        np.stack([np.bincount(sums.target, n * column, total) for column in x.T], axis=1),
        np.asarray(np.bincount(sums.target, s, total), dtype=np.float64),
        np.einsum("ij,i,ik->jk", x, n.astype(np.float64), x),
        np.einsum("ij,i->j", x, s),
        float(ss.sum()),
    )


def marginal(_: Path, folder: Path) -> Prepared:
    """Marginal rank sets of everybody for five items."""
    mean, se = rank_input(folder)

    def body() -> Made:
        made = [marginal_sets(mean[:, item], se[:, item]) for item in range(1, mean.shape[1])]
        parts = ("low", "high", "critical", "borderline")
        return {name: np.stack([getattr(sets, name) for sets in made], axis=1) for name in parts}

    return body


def simultaneous(_: Path, folder: Path) -> Prepared:
    """Simultaneous rank sets of everybody for the total."""
    mean, se = rank_input(folder)

    def body() -> Made:
        made = simultaneous_sets(mean[:, 0], se[:, 0])
        return {"low": made.low, "high": made.high, "critical": made.critical, "borderline": made.borderline}

    return body


def rank_input(folder: Path) -> tuple[Floats, Floats]:
    """Means and errors (targets, variables); unanimous ballots get the least error that others have."""
    made = np.load(folder / "means.npz")
    se = made["se"]
    return made["mean"], np.where(se > 0, se, np.where(se > 0, se, np.inf).min(axis=0))


def ranks_few(_: Path, __: Path) -> Prepared:
    """Expected ranks of 100,000."""
    return _ranks(FEW)


def ranks_many(_: Path, __: Path) -> Prepared:
    """Expected ranks of 5,000,000."""
    return _ranks(MANY)


def _ranks(n: int) -> Prepared:
    centre, spread = posterior(n)
    return lambda: {"expected": expected_ranks(centre, spread)}


def posterior(n: int) -> tuple[Floats, Floats]:
    """Made-up posterior means and deviations, errors differing 1 : 4."""
    rng = np.random.default_rng(7)
    return rng.normal(88.0, 4.0, n), rng.uniform(0.5, 2.0, n)


JOBS: dict[str, Callable[[Path, Path], Prepared]] = {
    "means": means,
    "rakings": rakings,
    "rakings_of_sums": rakings_of_sums,
    "reml": reml,
    "marginal": marginal,
    "simultaneous": simultaneous,
    "ranks_few": ranks_few,
    "ranks_many": ranks_many,
}


def main() -> None:
    """Prepare, warm up, time, write what was made."""
    name, snapshot, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    body = JOBS[name](snapshot, folder)
    if name != "ranks_many":
        body()
    made = timed(body, lambda found: float(next(iter(found.values())).ravel()[0]))
    np.savez(folder / f"{name}.npz", **made)  # type: ignore[arg-type]  # arrays by name


if __name__ == "__main__":
    main()
