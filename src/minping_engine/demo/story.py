"""The story: one worker's path of expected scores, and room for it in her community.

In: the drawn effects of workers and everything fixed beside them. Out: workers' effects in
which she is expected on her path, her colleagues end below her, and the mean over targets is 0
as before. All of it happens on expected scores, before any ballot is drawn, and is told in
docs/method/demo-district.md; the balanced draw of her ballots stands in `quarters`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from minping_engine.demo.expectation import Expectation
from minping_engine.demo.parameters import QUARTERS, DemoParameters
from minping_engine.demo.people import Staff
from minping_engine.demo.places import Places
from minping_engine.demo.roster import Roster, effects_on_targets
from minping_engine.demo.streams import Floats

PRESSED_RANGE = 3.0
"""Points below the limit of her colleagues into which those who come above it are pressed."""
LAST = len(QUARTERS) - 1


@dataclass(frozen=True, eq=False)
class Stage:
    """What the story is set in. `fixed[quarter, target]`: the predictor without workers."""

    parameters: DemoParameters
    places: Places
    staff: Staff
    rosters: Sequence[Roster]
    expectation: Expectation
    fixed: Floats
    deviations: Floats


def with_story(stage: Stage, worker: Floats) -> Floats:
    """`worker[quarter, person]` with the story fitted in."""
    told = worker.copy()
    told[:, stage.staff.story] = _on_her_path(stage)
    told = _with_her_ahead(stage, told)
    return _centred(stage, told)


def _on_her_path(stage: Stage) -> Floats:
    """Her effects by quarter: what makes her expected direct scores the path's."""
    story = stage.places.story
    solved = [
        stage.expectation.solve(score, stage.deviations[quarter, story], story)
        for quarter, score in enumerate(stage.parameters.story_path)
    ]
    return np.asarray(np.array(solved) - stage.fixed[:, story])


def _with_her_ahead(stage: Stage, worker: Floats) -> Floats:
    """Colleagues who come too near her at the end are pressed down together, keeping their order.

    A colleague's shift is the same in all quarters, so that nobody's course gets a kink.
    """
    eta = stage.fixed + effects_on_targets(stage.rosters, worker)
    limit = stage.parameters.story_path[LAST] - stage.parameters.story_lead
    floor = limit - PRESSED_RANGE
    near = np.flatnonzero(stage.places.community == stage.places.community[stage.places.story])
    near = near[near != stage.places.story]
    expected = stage.expectation.direct(eta[LAST, near], stage.deviations[LAST, near], near)
    pressed = floor + (expected - floor) * min(1.0, PRESSED_RANGE / max(expected.max() - floor, 1e-9))
    shifted = worker.copy()
    for target, score in zip(
        near[expected > floor].tolist(), pressed[expected > floor].tolist(), strict=True
    ):
        shift = stage.expectation.solve(score, stage.deviations[LAST, target], target) - eta[LAST, target]
        posted = {row.person for row in stage.staff.postings[LAST] if row.target == target}
        shifted[:, sorted(posted)] += shift
    return shifted


def _centred(stage: Stage, worker: Floats) -> Floats:
    """Everybody outside her community shifted alike, so that the mean over targets is 0 again."""
    inside = stage.places.community == stage.places.community[stage.places.story]
    involved = {row.person for rows in stage.staff.postings for row in rows if inside[row.target]}
    others = np.setdiff1d(np.arange(len(stage.staff.names)), sorted(involved))
    surplus = effects_on_targets(stage.rosters, worker).sum(axis=1) / (~inside).sum()
    centred = worker.copy()
    centred[:, others] -= surplus[:, None]
    return centred
