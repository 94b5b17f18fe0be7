"""How hard a place is: households, classes (S79) and context covariates (S75) by area.

In: parameters, seed, which grid and community each responsibility area lies in. Out:
`Grounds`. Classes and covariates hang together through one hidden hardship, so that case-mix
adjustment has something to find; `difficulty` is the known linear effect on the latent scale,
centred over areas. Context only: nothing here describes a worker.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minping_engine.demo.parameters import DemoParameters
from minping_engine.demo.streams import Floats, Purpose, normal_scores, stream

COMMUNITY_CLASSES = ("甲", "乙", "丙")
GRID_CLASSES = ("A", "B", "C")
CLASS_HARDSHIP = np.array([-0.6, 0.9, 0.4])
NEIGHBOURS_MEAN, NEIGHBOURS_SD = 425.0, 32.0
"""Households of the story's colleagues: nine areas make the 4,300 of S10."""


@dataclass(frozen=True, eq=False)
class Grounds:
    """Households, classes and covariates; arrays by responsibility area unless they say otherwise."""

    households: NDArray[np.int64]
    community_class: tuple[str, ...]
    grid_class: tuple[str, ...]
    covariates: Mapping[str, Floats]
    difficulty: Floats


def make_grounds(
    parameters: DemoParameters,
    seed: int,
    grid: NDArray[np.int64],
    community: NDArray[np.int64],
    story: int,
) -> Grounds:
    """Draw the ground on which workers stand. `grid` and `community` count from 0, by area."""
    rng = stream(seed, Purpose.COVARIATES)
    classes = _shared_out(parameters.class_shares, int(community.max()) + 1, rng)
    hidden = CLASS_HARDSHIP[classes][community] + 0.8 * normal_scores(grid.size, rng)
    by_grid = np.bincount(grid, hidden) / np.bincount(grid)
    grid_classes = _cut(by_grid, parameters.grid_class_shares)
    hardship = _standardised(hidden + 0.5 * by_grid[grid])
    households = _households(parameters, community, story, rng)
    covariates = _covariates(parameters, hardship, households, rng)
    covariates["buildings"][story] = parameters.story_buildings
    return Grounds(
        households,
        tuple(COMMUNITY_CLASSES[number] for number in classes),
        tuple(GRID_CLASSES[number] for number in grid_classes),
        covariates,
        difficulty(parameters, covariates),
    )


def difficulty(parameters: DemoParameters, covariates: Mapping[str, Floats]) -> Floats:
    """Known effect of the covariates on the latent scale: mean 0, negative where it is hard."""
    parts = [effect * _standardised(covariates[name]) for name, effect in parameters.difficulty]
    return np.asarray(np.sum([np.zeros(covariates["households"].size), *parts], axis=0))


def _shared_out(shares: tuple[float, ...], n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    return rng.permutation(np.searchsorted(np.cumsum(shares)[:-1], (np.arange(n) + 0.5) / n))


def _cut(values: Floats, shares: tuple[float, ...]) -> NDArray[np.int64]:
    ranks = (np.argsort(np.argsort(values)) + 0.5) / values.size
    return np.searchsorted(np.cumsum(shares)[:-1], ranks)


def _standardised(values: Floats) -> Floats:
    spread = float(np.std(values))
    return np.asarray((values - np.mean(values)) / (spread or 1.0), dtype=np.float64)


def _households(
    parameters: DemoParameters, community: NDArray[np.int64], story: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    from scipy.special import gammaincinv

    low, high = parameters.households_low, parameters.households_high
    excess = gammaincinv(2.0, (np.arange(community.size) + 0.5) / community.size)
    drawn = low + excess * (parameters.households_mean - low) / 2.0
    households = rng.permutation(np.clip(np.rint(drawn), low, high)).astype(np.int64)
    colleagues = np.flatnonzero(community == community[story])
    near = NEIGHBOURS_MEAN + NEIGHBOURS_SD * normal_scores(colleagues.size, rng)
    households[colleagues] = np.rint(near).astype(np.int64)
    households[story] = parameters.story_households
    return households


def _covariates(
    parameters: DemoParameters,
    hardship: Floats,
    households: NDArray[np.int64],
    rng: np.random.Generator,
) -> dict[str, Floats]:
    def pull(part: float) -> Floats:
        rest = float(np.sqrt(1 - part**2))
        return np.asarray(part * hardship + rest * normal_scores(hardship.size, rng), dtype=np.float64)

    low_income = 0.018 * np.exp(0.5 * pull(0.7) - 0.125)
    values = {
        "households": households.astype(np.float64),
        "buildings": np.maximum(1.0, np.rint(households / np.exp(4.2 + 0.35 * pull(-0.2)))),
        "share_aged_60": np.clip(0.21 + 0.05 * pull(0.4), 0.06, 0.45),
        "share_tenant": np.clip(0.22 + 0.08 * pull(0.35), 0.03, 0.6),
        "share_low_income": np.clip(low_income, 0.001, 0.15),
        "share_disabled": np.clip(0.012 * np.exp(0.4 * pull(0.6) - 0.08), 0.001, 0.08),
        "share_old_housing": np.clip(0.45 + 0.22 * pull(0.65), 0.0, 1.0),
        "floor_area_1000m2": households * 0.082 * np.exp(0.2 * pull(-0.4) - 0.02),
    }
    return {name: np.round(value, 4) for name, value in values.items()}
