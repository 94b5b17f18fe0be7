"""Whether we and the others found the same: R's figures, and exact references where there is no peer.

In: FOLDER with our `JOB.npz` and R's `r-JOB.bin`. Out: for each job the largest differences in words.
Ends the bench where they are too large: a race between different answers means nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr
from scipy.stats import studentized_range

from bench.district import Floats, Ints
from bench.statistics import posterior, rank_input
from minping_engine.ranking import expected_ranks_fast, expected_ranks_pairwise

Flags = NDArray[np.bool_]
LEVEL = 0.95
HALF_WIDTH = 8.0
POINTS = 96
STEPS = 4
PAIRWISE = 10_000
ROWS_AT_ONCE = 16


def means_agree(folder: Path) -> str:
    """Means to 1e-9, errors to 1e-6 (relative)."""
    ours, theirs = np.load(folder / "means.npz"), _from_r(folder, "means").reshape(-1, 2)
    return _told(
        ("means", theirs[:, 0], ours["mean"][:, 1], 1e-9), ("errors", theirs[:, 1], ours["se"][:, 1], 1e-6)
    )


def rakings_agree(folder: Path) -> str:
    """Raked means and errors of all items; where margins cannot be met, R has no answer to compare."""
    ours, theirs = np.load(folder / "rakings.npz"), _from_r(folder, "rakings")
    met, items = ours["met"] == 1, ours["mean"].shape[1] - 1
    theirs = theirs.reshape(len(met), 2 * items)[met]
    return _told(
        ("means", theirs[:, :items], ours["mean"][met, 1:], 1e-8),
        ("errors", theirs[:, items:], ours["se"][met, 1:], 1e-6),
    )


def reml_agrees(folder: Path) -> str:
    """As far as lme4's optimiser goes: variances 5e-6, coefficients 1e-6, effects 1e-6 of the residual."""
    ours, theirs = np.load(folder / "reml.npz"), _from_r(folder, "reml")
    q = len(ours["beta"])
    residual = float(np.sqrt(ours["variance"][1]))
    return _told(
        ("variances", theirs[:2], ours["variance"], 5e-6),
        ("coefficients", theirs[2 : 2 + q], ours["beta"], 1e-6),
        ("effects", 1 + theirs[2 + q :] / residual, 1 + ours["effect"] / residual, 1e-6),
    )


def _from_r(folder: Path, job: str) -> Floats:
    return np.fromfile(folder / f"r-{job}.bin", dtype="<f8")


def _told(*parts: tuple[str, Floats, Floats, float]) -> str:
    words = []
    for name, theirs, ours, most in parts:
        if not np.array_equal(np.isnan(theirs), np.isnan(ours)):
            sys.exit(f"R and we do not know the same {name}")
        off = float(np.nanmax(np.abs(theirs - ours) / np.maximum(np.abs(theirs), 1e-6)))
        if off > most:
            sys.exit(f"R found other {name}: {off:.2e} apart, {most:.0e} allowed")
        words.append(f"{name} {off:.0e}")
    return ", ".join(words)


def marginal_agree(folder: Path) -> str:
    """Sets of the first item beside the plain integral over all rivals."""
    made, (means, errors) = np.load(folder / "marginal.npz"), rank_input(folder)
    mean, se = means[:, 1], errors[:, 1]
    critical = _critical_values(se, made["critical"][:, 0])
    low, high = _counted(mean, se, critical)
    ours = made["low"][:, 0], made["high"][:, 0], made["borderline"][:, 0]
    off = float(np.abs(critical - made["critical"][:, 0]).max())
    return f"{_same_counts(ours, (low, high))}; critical values {off:.0e}"


def simultaneous_agree(folder: Path) -> str:
    """Sets beside the studentized range and a comparison of all pairs."""
    made, (means, errors) = np.load(folder / "simultaneous.npz"), rank_input(folder)
    mean, se = means[:, 0], errors[:, 0]
    critical = float(studentized_range.ppf(LEVEL, len(se), np.inf)) / np.sqrt(2)
    counts = _counted(mean, se, np.full(len(se), critical))
    told = _same_counts((made["low"], made["high"], made["borderline"]), counts)
    return f"{told}; critical value {abs(critical - made['critical'][0]):.0e}"


def _same_counts(ours: tuple[Ints, Ints, Flags], reference: tuple[Ints, Ints]) -> str:
    """Comparisons that 2e-6 would turn may fall either way."""
    low, high, borderline = ours
    differ = ((low != reference[0]) | (high != reference[1])) & ~borderline
    if differ.any():
        sys.exit(f"{int(differ.sum())} rank sets differ from the reference")
    return f"all {len(low):,} sets equal ({int(borderline.sum())} borderline)"


def _critical_values(se: Floats, start: Floats) -> Floats:
    """Solve P(max over k of |Z_j - Z_k| / s_jk <= c) = level for every j: all rivals, no shortcuts."""
    before, now = start + 0.01, start - 0.01
    chance = _chances(se, before)
    for _ in range(STEPS):
        last, chance = chance, _chances(se, now)
        steep = np.abs(chance - last) > 1e-13
        step = np.where(steep, (chance - LEVEL) * (now - before) / np.where(steep, chance - last, 1.0), 0.0)
        before, now = now, now - step
    return now


def _chances(se: Floats, critical: Floats) -> Floats:
    """The trapezoid over her own error, exact to rounding for so smooth a curve."""
    z = np.linspace(-HALF_WIDTH, HALF_WIDTH, POINTS)
    weight = np.exp(-z * z / 2)
    weight /= weight.sum()
    made = np.empty(len(se))
    for start in range(0, len(se), ROWS_AT_ONCE):
        rows = np.arange(start, min(start + ROWS_AT_ONCE, len(se)))
        apart = critical[rows, None] * np.hypot(se[rows, None], se)
        centre = se[rows, None, None] * z[None, :, None]
        inside = ndtr((centre + apart[:, None]) / se) - ndtr((centre - apart[:, None]) / se)
        inside[np.arange(len(rows)), :, rows] = 1.0
        made[rows] = np.einsum("jz,z->j", np.prod(inside, axis=2), weight)
    return made


def _counted(mean: Floats, se: Floats, critical: Floats) -> tuple[Ints, Ints]:
    ahead = mean - mean[:, None]
    limit = critical[:, None] * np.hypot(se[:, None], se)
    return 1 + (ahead > limit).sum(axis=1), len(mean) - (-ahead > limit).sum(axis=1)


def ranks_agree() -> str:
    """The fast expected ranks beside all pairs, at 10,000 units; error in ranks / n."""
    centre, spread = posterior(PAIRWISE)
    exact = expected_ranks_pairwise(centre, spread)
    error = float(np.abs(expected_ranks_fast(centre, spread) - exact).max()) / PAIRWISE
    if error > 1e-5:
        sys.exit(f"expected ranks are {error:.1e} n off")
    return f"error {error:.0e} n at {PAIRWISE:,}"
