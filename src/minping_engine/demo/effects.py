"""Effects of workers and places on the hidden scale.

In: parameters, places, staff, expectation. Out: `Effects`: per quarter the predictor of every
target and the effect of every person. Effects are shuffled normal scores, so that their mean is
zero whatever the seed; workers hired take over, in another order, the effects of those who left
in the same quarter. `story` then fits one worker's path in, before any ballot is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minping_engine.demo.expectation import Expectation
from minping_engine.demo.parameters import QUARTERS, DemoParameters
from minping_engine.demo.people import Staff
from minping_engine.demo.places import Places
from minping_engine.demo.roster import effects_on_targets, make_rosters
from minping_engine.demo.story import Stage, with_story
from minping_engine.demo.streams import Floats, Purpose, normal_scores, scores_along, stream


@dataclass(frozen=True, eq=False)
class Effects:
    """Latent effects: worker[quarter, person], item[person, item], community and area by target,
    eta[quarter, target] (all together), deviations[quarter, target, item]."""

    worker: Floats
    item: Floats
    community: Floats
    area: Floats
    eta: Floats
    deviations: Floats


def make_effects(
    parameters: DemoParameters, places: Places, staff: Staff, expectation: Expectation, seed: int
) -> Effects:
    """Draw the effects, then fit the story into them."""
    community, area = _draw_places(parameters, places, seed)
    ground = community + area + places.grounds.difficulty
    worker, item = _draw_workers(parameters, staff, ground, seed)
    rosters = make_rosters(staff, places.n)
    vacant = np.stack([roster.vacant for roster in rosters])
    deviations = np.stack([roster.on_targets(item) for roster in rosters])
    fixed = np.asarray(parameters.quarter_levels)[:, None] + ground + parameters.vacancy_effect * vacant
    worker = with_story(Stage(parameters, places, staff, rosters, expectation, fixed, deviations), worker)
    eta = fixed + effects_on_targets(rosters, worker)
    return Effects(worker, item, community, area, eta, deviations)


def _draw_places(parameters: DemoParameters, places: Places, seed: int) -> tuple[Floats, Floats]:
    """Effects of communities (centred over areas) and of areas, both by target."""
    rng = stream(seed, Purpose.AREAS)
    communities = normal_scores(len(places.communities), rng)[places.community]
    community = parameters.community_sd * (communities - communities.mean())
    area = parameters.area_sd * scores_along(community + places.grounds.difficulty, rng)
    return community, area


def _draw_workers(
    parameters: DemoParameters, staff: Staff, ground: Floats, seed: int
) -> tuple[Floats, Floats]:
    """Effects by quarter and person (a lasting part and one that drifts), and by item."""
    rng = stream(seed, Purpose.WORKERS)
    lasting_sd = parameters.worker_sd * np.sqrt(1 - parameters.drift_share)
    drift_sd = parameters.worker_sd * np.sqrt(parameters.drift_share)
    people, start = len(staff.names), ground.size
    lasting, drift = np.zeros(people), np.zeros((len(QUARTERS), people))
    item = np.zeros((people, len(parameters.item_loadings)))
    lasting[:start] = scores_along(ground, rng)
    drift[0, :start] = scores_along(ground + lasting_sd * lasting[:start], rng)
    item[:start] = np.column_stack([normal_scores(start, rng) for _ in range(item.shape[1])])
    here = np.arange(start)
    for quarter in range(len(QUARTERS)):
        new, left = _hired(staff, quarter, rng)
        lasting[new], item[new] = lasting[left], item[left]
        here = np.concatenate([np.setdiff1d(here, left), new])
        before = drift[max(0, quarter - 1)].copy()
        before[new] = before[left]
        drift[quarter, np.concatenate([new, left])] = before[np.concatenate([new, left])]
        if quarter:
            fresh = np.sqrt(1 - parameters.drift_memory**2) * normal_scores(here.size, rng)
            drift[quarter, here] = parameters.drift_memory * before[here] + fresh
    return lasting_sd * lasting + drift_sd * drift, parameters.worker_item_sd * item


def _hired(
    staff: Staff, quarter: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """People hired in a quarter, and those whose effects they take over (who left, shuffled)."""
    hires = [hire for hire in staff.hires if hire.quarter == quarter]
    new = np.array([hire.new for hire in hires], dtype=np.int64)
    left = np.array([hire.left for hire in hires], dtype=np.int64)
    return new, rng.permutation(left)
