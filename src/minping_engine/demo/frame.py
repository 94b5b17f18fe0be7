"""The sampling frame: every household of every responsibility area, with its adult who answers.

In: parameters, places, seed. Out: `Frame`: target, tenure (known from the frame), age band and
sex (known from a ballot only) by household. Shares are met to the household in every area, so
that seeds differ in who, not in how many. The frame stays the same over the quarters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minping_engine.demo.parameters import DemoParameters
from minping_engine.demo.places import Places
from minping_engine.demo.streams import Floats, Purpose, shuffled_ranks, stream

AGE_BANDS, TENURES, SEXES = 4, 2, 2
GROUPS = AGE_BANDS * TENURES * SEXES
OVER_65_OF_60 = 0.72
YOUNG_SPLIT = np.array([0.30, 0.36, 0.34])
"""Adults under 65: 18-34, 35-49, 50-64 before the covariate shifts them."""


@dataclass(frozen=True, eq=False)
class Frame:
    """Households in the order of targets. `group` = (age band x tenures + tenure) x sexes + sex."""

    target: NDArray[np.int64]
    offset: NDArray[np.int64]
    group: NDArray[np.int64]
    counts: NDArray[np.int64]

    @property
    def age_band(self) -> NDArray[np.int64]:
        """0-3: 18-34, 35-49, 50-64, 65 and over."""
        return self.group // (TENURES * SEXES)

    @property
    def tenure(self) -> NDArray[np.int64]:
        """0 owner, 1 tenant."""
        return self.group // SEXES % TENURES

    @property
    def sex(self) -> NDArray[np.int64]:
        """0 male, 1 female."""
        return self.group % SEXES

    @property
    def eligible(self) -> NDArray[np.int64]:
        """Households by target."""
        return np.asarray(self.counts.sum(axis=1))


def make_frame(parameters: DemoParameters, places: Places, seed: int) -> Frame:
    """List the households."""
    rng = stream(seed, Purpose.FRAME)
    target = np.repeat(np.arange(places.n), places.households)
    offset = np.concatenate([[0], np.cumsum(places.households)[:-1]])
    covariates = places.grounds.covariates
    tenant = _met_shares(target, offset, places.households, rng) < covariates["share_tenant"][target]
    limits = np.cumsum(_age_shares(covariates["share_aged_60"]), axis=1)[:, :-1]
    ages = _met_shares(target, offset, places.households, rng)
    age_band = (ages[:, None] > limits[target]).sum(axis=1)
    female = _met_shares(target, offset, places.households, rng) < parameters.female_share
    group = (age_band * TENURES + tenant) * SEXES + female
    counts = np.bincount(target * GROUPS + group, minlength=places.n * GROUPS).reshape(-1, GROUPS)
    return Frame(target, offset, group.astype(np.int64), counts)


def group_levels() -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Age band, tenure and sex of each group number."""
    group = np.arange(GROUPS)
    return group // (TENURES * SEXES), group // SEXES % TENURES, group % SEXES


def group_effects(parameters: DemoParameters) -> Floats:
    """Latent effect of each group."""
    age_band, tenure, sex = group_levels()
    return np.asarray(
        np.asarray(parameters.age_effects)[age_band]
        + np.asarray(parameters.tenure_effects)[tenure]
        + np.asarray(parameters.sex_effects)[sex]
    )


def _age_shares(share_aged_60: Floats) -> Floats:
    old = np.clip(share_aged_60 * OVER_65_OF_60 / 0.85, 0.02, 0.6)
    younger = np.repeat(YOUNG_SPLIT[None, :], old.size, axis=0)
    younger[:, 2] += share_aged_60 - share_aged_60.mean()
    younger /= younger.sum(axis=1, keepdims=True)
    return np.column_stack([younger * (1 - old)[:, None], old])


def _met_shares(
    target: NDArray[np.int64],
    offset: NDArray[np.int64],
    households: NDArray[np.int64],
    rng: np.random.Generator,
) -> Floats:
    """Uniforms that are evenly spread inside each area, in random order."""
    order = shuffled_ranks(target, rng)
    spread = np.empty(target.size)
    spread[order] = (np.arange(target.size) - offset[target] + 0.5) / households[target]
    return spread
