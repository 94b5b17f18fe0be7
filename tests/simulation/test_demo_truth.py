"""The demonstration district's known truth is recovered: effects, people, and errors that say how well.

A middle-sized district of a seed that nothing was calibrated on, answers drawn independently
(`balance_block = 1`). Truth of a person: the expected total of her areas on level ground at the round's
mix of respondents and modes, from the answer model without draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pytest

from minping_engine.assessment import Result, assess
from minping_engine.demo import DemoParameters, District, make_district, seal_quarter
from minping_engine.demo.district import person_means
from minping_engine.demo.quarters import simulate_quarter
from minping_engine.demo.truth import AGE_LABELS, TENURE_LABELS, effect_truth
from minping_engine.evidence import scheduler_named
from minping_engine.scheme import load_scheme
from minping_engine.snapshot import open_snapshot
from tests.simulation.judge import Measured, ratio

SEED, PERIOD, QUARTER = 2323, "2019Q2", 1
FARTHEST = 4.0
MIDDLE = DemoParameters().changed(
    streets=("320106001", "320106002", "320106003", "320106012", "320106013"),
    communities_per_street=6,
    general_grids=240,
    shared_grids=15,
    exclusive_grids=(5, 15, 40),
    balance_block=1,
    story_balanced=False,
)


@dataclass(frozen=True)
class Recovered:
    """The district and what the engine made of one quarter; `rows` by assessee, only those compared."""

    district: District
    result: Result
    rows: Mapping[str, Mapping[str, float]]

    def columns(self, *names: str) -> list[np.ndarray]:
        return [np.array([row[name] for row in self.rows.values()]) for name in names]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Recovered:
    folder = tmp_path_factory.mktemp("demo")
    district = make_district(MIDDLE, SEED)
    seal_quarter(district, PERIOD, folder / "snapshot")
    scheme = load_scheme("gulou-worker", demo=True)
    result = assess(open_snapshot(folder / "snapshot"), scheme, folder / "out", scheduler_named("serial"))
    truth, effect = truth_of_people(district)
    rows = {
        row["assessee_id"]: {**row, "truth": truth[row["assessee_id"]], "effect": effect[row["assessee_id"]]}
        for row in result["scores"].to_pylist()
        if row["shrunken"] is not None and row["status"] == "assessed"
    }
    return Recovered(district, result, rows)


def truth_of_people(district: District) -> tuple[dict[str, float], dict[str, float]]:
    """Expected totals on level ground at the round's mix, and workers' own latent effects."""
    drawn = simulate_quarter(district, QUARTER)
    modes = np.asarray(district.parameters.mode_effects)
    shifts = (district.expectation.groups[:, None] + modes).ravel()
    place = drawn.group[drawn.usable] * len(modes) + drawn.mode[drawn.usable]
    mix = np.bincount(place, minlength=len(shifts)) / len(place)
    effects = district.effects
    level = effects.eta[QUARTER] - district.places.grounds.difficulty
    points = district.model.expected_points(level[:, None] + shifts, effects.deviations[QUARTER][:, None, :])
    means = person_means(district, QUARTER, points @ mix)
    name = district.staff.person_id
    return (
        {name(person): mean for person, mean in means.items()},
        {name(person): float(effects.worker[QUARTER, person]) for person in means},
    )


def true_points(district: District) -> dict[tuple[str, str], float]:
    rows = effect_truth(district).to_pylist()
    return {(row["kind"], row["level"]): row["points"] for row in rows if row["period"] == PERIOD}


def expected_coefficients(district: District) -> dict[tuple[str, str], float]:
    """What the engine's coefficients should be, by subject and level."""
    points = true_points(district)
    ages, tenures = (
        [points[kind, label] for label in labels]
        for kind, labels in (("age_band", AGE_LABELS), ("tenure", TENURE_LABELS))
    )
    made = {("age_band", str(level)): ages[level] - ages[0] for level in range(1, len(ages))}
    made["tenure", "1"] = tenures[1] - tenures[0]
    made["sex", "1"] = points["sex", "female"] - points["sex", "male"]
    made |= {("mode", name): points["mode", name] for name in ("phone", "sms")}
    return made | {(name, ""): points["covariate", name] for name, _ in district.parameters.difficulty}


def coefficients(result: Result) -> dict[tuple[str, str], tuple[float, float]]:
    return {
        (row["subject"], row["level"]): (row["points"], row["se"])
        for row in result["coefficients"].to_pylist()
    }


def farthest(
    expected: Mapping[tuple[str, str], float], made: Mapping[tuple[str, str], tuple[float, float]]
) -> float:
    """The largest distance of a coefficient from its truth, in standard errors."""
    assert set(made) == set(expected)
    return max(abs(made[key][0] - expected[key]) / made[key][1] for key in expected)


def covered(found: Recovered, value: str, part: float = 1.0) -> Measured:
    centre, error, truth = found.columns(value, f"{value}_se", "truth")
    hits = np.abs(centre - truth) <= 1.96 * part * error
    return ratio(hits[:, None], np.ones((len(hits), 1), dtype=bool))


def test_effects_of_modes_respondents_and_ground_are_found_again(found: Recovered) -> None:
    assert farthest(expected_coefficients(found.district), coefficients(found.result)) < FARTHEST


def test_effects_of_a_district_without_them_would_not_pass(found: Recovered) -> None:
    nothing = dict.fromkeys(expected_coefficients(found.district), 0.0)
    assert farthest(nothing, coefficients(found.result)) > FARTHEST


def test_fair_scores_tell_more_of_the_worker_than_the_direct_score(found: Recovered) -> None:
    direct, adjusted, shrunken, effect = found.columns("direct", "adjusted", "shrunken", "effect")
    plain, fair, drawn_in = (np.corrcoef(part, effect)[0, 1] for part in (direct, adjusted, shrunken))
    assert fair > plain
    assert drawn_in > plain


@pytest.mark.parametrize("value", ["adjusted", "shrunken"])
def test_errors_of_fair_scores_say_how_far_the_truth_is(found: Recovered, value: str) -> None:
    assert covered(found, value).within()
    assert not covered(found, value, part=0.5).within()


def test_the_direct_score_does_not_say_what_the_fair_one_says(found: Recovered) -> None:
    assert not covered(found, "direct").within()
