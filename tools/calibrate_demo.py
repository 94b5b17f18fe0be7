"""Find the district levels of the demonstration by quarter, once, at default parameters.

In: the targets below (S7, S14 and a smooth course between) and seeds that no test uses. Out:
printed `quarter_levels`, to be copied into `minping_engine/demo/parameters.py` as constants.
Works on expected scores only, no ballots are drawn. With `--check` prints how far the stored
levels are from the targets, seed by seed. Run: `python tools/calibrate_demo.py [--check]`.
"""

from __future__ import annotations

import sys

import numpy as np

from minping_engine.demo import QUARTERS, DemoParameters, make_district
from minping_engine.demo.district import expected_district_mean

TARGETS = np.array([90.2, 90.8, 91.3, 91.8, 92.2, 92.65, 92.98, 93.33])
SEEDS = range(9001, 9013)
ROUNDS = 4
POINTS_PER_LATENT = 13.0


def expected_means(parameters: DemoParameters, seeds: range) -> np.ndarray:
    """Expected district means, seeds x quarters."""
    rows = []
    for seed in seeds:
        district = make_district(parameters, seed)
        rows.append([expected_district_mean(district, quarter) for quarter in range(len(QUARTERS))])
    return np.array(rows)


def calibrated() -> tuple[float, ...]:
    """Levels at which the expected district means are the targets, on average over seeds."""
    parameters = DemoParameters()
    levels = np.array(parameters.quarter_levels)
    for _ in range(ROUNDS):
        parameters = parameters.changed(quarter_levels=tuple(levels))
        levels = levels + (TARGETS - expected_means(parameters, SEEDS).mean(axis=0)) / POINTS_PER_LATENT
    return tuple(round(float(level), 5) for level in levels)


def main() -> None:
    """Print levels, or the check."""
    if "--check" in sys.argv:
        off = expected_means(DemoParameters(), SEEDS) - TARGETS
        sys.stdout.write(f"{np.array2string(off, precision=4)}\nspread {off.std(axis=0, ddof=1)}\n")
    else:
        sys.stdout.write(f"quarter_levels = {calibrated()}\n")


if __name__ == "__main__":
    main()
