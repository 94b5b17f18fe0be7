"""Expected scores: what an area's direct score is on average over fieldwork and answers.

In: parameters, answer model, frame and response tables. Out: `Expectation`, with two truths per
target: `direct` (those who answer, in the modes they answer by; what the direct score aims at)
and `population` (every eligible household, asked by a visit; what adjustment aims at). Pure
integration over groups and modes, no draws; also used to calibrate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minping_engine.demo.frame import Frame, group_effects
from minping_engine.demo.model import AnswerModel
from minping_engine.demo.parameters import DemoParameters
from minping_engine.demo.response import ATTEMPTS, Response
from minping_engine.demo.streams import Floats

LATENT_RANGE = 4.0
HALVINGS = 60


@dataclass(frozen=True, eq=False)
class Expectation:
    """Expected points by target. `shifts[cell]` and weights are over group x mode."""

    model: AnswerModel
    counts: NDArray[np.int64]
    weights: Floats
    groups: Floats
    modes: Floats

    def direct(self, eta: Floats, deviations: Floats, targets: NDArray[np.int64]) -> Floats:
        """Expected direct score; `eta[i]` and `deviations[i, item]` belong to `targets[i]`."""
        shifts = (self.groups[:, None] + self.modes).ravel()
        weights = (self.counts[targets][:, :, None] * self.weights).reshape(targets.size, -1)
        return self._mean(eta, deviations, shifts, weights)

    def population(self, eta: Floats, deviations: Floats, targets: NDArray[np.int64]) -> Floats:
        """Expected score if every eligible household answered at a visit."""
        weights = self.counts[targets].astype(np.float64)
        return self._mean(eta, deviations, self.groups + self.modes[0], weights)

    def solve(self, score: float, deviations: Floats, target: int) -> float:
        """The predictor at which the expected direct score of `target` is `score`."""
        low, high = -LATENT_RANGE, LATENT_RANGE
        where = np.array([target])
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            found = self.direct(np.array([middle]), deviations[None, :], where)[0]
            low, high = (middle, high) if found < score else (low, middle)
        return (low + high) / 2

    def _mean(self, eta: Floats, deviations: Floats, shifts: Floats, weights: Floats) -> Floats:
        points = self.model.expected_points(eta[:, None] + shifts, deviations[:, None, :])
        return np.asarray((points * weights).sum(axis=1) / weights.sum(axis=1))


def make_expectation(
    parameters: DemoParameters, model: AnswerModel, frame: Frame, response: Response
) -> Expectation:
    """Bind the tables together."""
    modes = np.asarray(parameters.mode_effects)[:ATTEMPTS]
    return Expectation(model, frame.counts, response.weights, group_effects(parameters), modes)
