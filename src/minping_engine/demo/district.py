"""The demonstration district: everything that stands before the first ballot is drawn.

In: parameters and a seed. Out: `District`: places, staff, frame, response and answer model,
effects, and where fieldwork will fail. `quarters` draws ballots from it, `truth` writes down
what it knows, `snapshots` seals what an engine may see.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from minping_engine.demo.effects import Effects, make_effects
from minping_engine.demo.expectation import Expectation, make_expectation
from minping_engine.demo.frame import Frame, make_frame
from minping_engine.demo.model import AnswerModel, make_answer_model
from minping_engine.demo.parameters import QUARTERS, STORY_COMMUNITY, DemoParameters
from minping_engine.demo.people import MILLE, Staff, make_staff
from minping_engine.demo.places import Places, make_places
from minping_engine.demo.response import Response, make_response
from minping_engine.demo.streams import Floats, Purpose, stream
from minping_engine.errors import InputError, Place, Problem

FEW, SOME, MOST = (5, 9), (12, 28), (4, 28)
"""Answers where fieldwork failed: the first such area, the second, the others."""
SHARE_NAMES = (
    "drift_share", "drift_memory", "move_share", "female_share", "household_share",
    "item_missing", "break_off", "randomised_share", "tenant_response", "comment_share",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class District:
    """A district with known truth. `failures[quarter]`: target -> answers that fieldwork got."""

    parameters: DemoParameters
    seed: int
    places: Places
    staff: Staff
    frame: Frame
    response: Response
    model: AnswerModel
    expectation: Expectation
    effects: Effects
    failures: tuple[dict[int, int], ...]


def make_district(parameters: DemoParameters, seed: int) -> District:
    """Build the district of `seed`. Raises `InputError` naming every parameter that is out of range.

    >>> make_district(DemoParameters.small(), seed=1).places.n
    41
    """
    check_parameters(parameters)
    model = make_answer_model(parameters)
    places = make_places(parameters, seed)
    staff = make_staff(parameters, places, seed)
    frame = make_frame(parameters, places, seed)
    response = make_response(parameters)
    expectation = make_expectation(parameters, model, frame, response)
    effects = make_effects(parameters, places, staff, expectation, seed)
    candidates = tuple(
        _plain_targets(places, staff, quarter, effects.eta[quarter]) for quarter in range(len(QUARTERS))
    )
    failures = tuple(
        _failures(parameters.failed_areas, some, stream(seed, Purpose.FAILURES, quarter))
        for quarter, some in enumerate(candidates)
    )
    return District(parameters, seed, places, staff, frame, response, model, expectation, effects, failures)


def check_parameters(parameters: DemoParameters) -> None:
    """Raise `InputError` with all parameters that cannot be meant."""
    problems = [
        Problem(
            "demo.quarter_count", Place(key=name), {"name": name, "needed": len(QUARTERS), "found": len(row)}
        )
        for name in ("quarter_levels", "story_path")
        if len(row := getattr(parameters, name)) != len(QUARTERS)
    ]
    limits: dict[str, tuple[float, float]] = dict.fromkeys(SHARE_NAMES, (0.0, 1.0))
    limits |= {"failed_areas": (2, 50), "balance_block": (1, 100_000), "replicate": (1, 1000)}
    limits |= {field.name: (0.0, 5.0) for field in fields(parameters) if field.name.endswith("_sd")}
    for name, (low, high) in limits.items():
        if not low <= (found := getattr(parameters, name)) <= high:
            params: dict[str, object] = {"name": name, "found": found, "low": low, "high": high}
            problems.append(Problem("demo.parameter_range", Place(key=name), params))
    if parameters.streets and STORY_COMMUNITY[:9] not in parameters.streets:
        street = STORY_COMMUNITY[:9]
        problems.append(Problem("demo.story_missing", Place(key="streets"), {"street": street}))
    if problems:
        raise InputError(problems)


def quarter_number(quarter: str) -> int:
    """0 for 2019Q1. Raises `InputError` for a quarter that the demonstration does not have."""
    if quarter not in QUARTERS:
        raise InputError.of("demo.unknown_quarter", quarter=quarter, known=", ".join(QUARTERS))
    return QUARTERS.index(quarter)


def expected_direct(district: District, quarter: int) -> Floats:
    """Expected direct score by target."""
    targets = np.arange(district.places.n)
    effects = district.effects
    return district.expectation.direct(effects.eta[quarter], effects.deviations[quarter], targets)


def person_means(district: District, quarter: int, values: Floats) -> dict[int, float]:
    """Values of targets combined to people as scores are: by eligible households times share."""
    over: dict[int, float] = {}
    under: dict[int, float] = {}
    for row in district.staff.postings[quarter]:
        weight = float(district.places.households[row.target]) * row.share / MILLE
        over[row.person] = over.get(row.person, 0.0) + weight * float(values[row.target])
        under[row.person] = under.get(row.person, 0.0) + weight
    return {person: over[person] / under[person] for person in sorted(over) if under[person]}


def expected_district_mean(district: District, quarter: int) -> float:
    """Expected mean of the scores of all assessed workers (S7); those with failed fieldwork are not."""
    means = person_means(district, quarter, expected_direct(district, quarter))
    failed = {
        row.person for row in district.staff.postings[quarter] if row.target in district.failures[quarter]
    }
    return float(np.mean([mean for person, mean in means.items() if person not in failed]))


def _plain_targets(places: Places, staff: Staff, quarter: int, eta: Floats) -> NDArray[np.int64]:
    """Where fieldwork may fail, by rising predictor: not the story's community, nor next to a move."""
    rows = staff.postings[quarter]
    moved = {row.person for row in rows if row.share < MILLE}
    told = places.community[places.story]
    plain = [row.target for row in rows if row.person not in moved and places.community[row.target] != told]
    return np.array(sorted(plain, key=lambda target: float(eta[target])), dtype=np.int64)


def _failures(count: int, targets: NDArray[np.int64], rng: np.random.Generator) -> dict[int, int]:
    """Answers by failed target: one from each part of the range of predictors, so as not to lean."""
    chosen = rng.permutation([int(rng.choice(part)) for part in np.array_split(targets, count)])
    ranges = [FEW, SOME, *[MOST] * (count - 2)]
    return {
        target: int(rng.integers(low, high + 1))
        for target, (low, high) in zip(chosen.tolist(), ranges, strict=True)
    }
