"""Who answers, and by which mode: the response model of the demonstration.

In: parameters. Out: for every group of residents the probabilities of answering by visit,
phone or SMS, first with sequential modes (each household has a first mode, two others follow),
then in the subsample whose mode is assigned by chance (that mode only, asked twice). Fieldwork
draws from these tables; expected scores weigh with them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minping_engine.demo.frame import TENURES, group_levels
from minping_engine.demo.parameters import DemoParameters
from minping_engine.demo.streams import Floats
from minping_engine.terms import Mode

MODES = (Mode.VISIT, Mode.PHONE, Mode.SMS)
ATTEMPTS = len(MODES)


@dataclass(frozen=True, eq=False)
class Response:
    """Probability tables by group of residents.

    first[group, mode]: mode tried first. by_attempt[group, first, k]: answered at attempt k,
    cumulated. assigned[group, mode]: answered when that mode was assigned by chance.
    weights[group, mode]: answers by that mode, all together.
    """

    first: Floats
    by_attempt: Floats
    assigned: Floats
    weights: Floats


def mode_of_attempt(first: int, attempt: int) -> int:
    """Modes follow each other in a circle."""
    return (first + attempt) % ATTEMPTS


def make_response(parameters: DemoParameters) -> Response:
    """The tables for all groups."""
    age_band, tenure, _ = group_levels()
    factor = np.array([1.0, parameters.tenant_response])[:TENURES]
    success = np.asarray(parameters.answer_by_age)[age_band] * factor[tenure][:, None]
    first = np.asarray(parameters.first_mode)[age_band]
    circle = (np.arange(ATTEMPTS)[:, None] + np.arange(ATTEMPTS)) % ATTEMPTS
    in_turn = success[:, circle]
    silent_before = np.cumprod(1 - in_turn, axis=2) / (1 - in_turn)
    at_attempt = in_turn * silent_before
    assigned = 1 - (1 - success) ** 2
    sequential = np.zeros_like(success)
    for start in range(ATTEMPTS):
        for attempt in range(ATTEMPTS):
            mode = mode_of_attempt(start, attempt)
            sequential[:, mode] += first[:, start] * at_attempt[:, start, attempt]
    chance = parameters.randomised_share
    weights = (1 - chance) * sequential + chance / ATTEMPTS * assigned
    return Response(first, np.cumsum(at_attempt, axis=2), assigned, weights)
