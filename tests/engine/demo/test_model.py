"""The answer model and its expectations, against simulation and against the scheme."""

from __future__ import annotations

import numpy as np
import pytest

from minping_engine.demo import DemoParameters, District, make_district
from minping_engine.demo.district import expected_direct, expected_district_mean, quarter_number
from minping_engine.demo.model import make_answer_model
from minping_engine.demo.response import make_response
from minping_engine.demo.streams import (
    Purpose,
    normal_scores,
    scores_along,
    stratified_normals,
    stream,
)
from minping_engine.errors import InputError


def generator() -> np.random.Generator:
    return stream(5, Purpose.ANSWERS, 0)


def codes(error: pytest.ExceptionInfo[InputError]) -> list[tuple[str, str]]:
    return [(problem.code, problem.place.key) for problem in error.value.problems]


def test_expected_points_are_the_mean_of_simulated_ballots():
    model, n = make_answer_model(DemoParameters()), 200_000
    deviations = np.array([0.1, -0.1, 0.0, 0.2, -0.2])
    levels = model.answer_levels(
        np.full(n, -0.3), np.tile(deviations, (n, 1)), generator().standard_normal((n, 5))
    )
    expected = model.expected_points(np.array(-0.3), deviations)
    assert model.points_of(levels).mean() == pytest.approx(expected, abs=4 * 12 / np.sqrt(n))


def test_a_better_predictor_never_lowers_the_expected_points():
    model = make_answer_model(DemoParameters())
    points = model.expected_points(np.linspace(-3, 3, 50), np.zeros((50, 5)))
    assert (np.diff(points) > 0).all()
    assert 0 < points.min() < points.max() < 100


def test_answers_carry_the_codes_of_the_scheme_from_worst_to_best():
    items = {item.id: item.codes.tolist() for item in make_answer_model(DemoParameters()).items}
    assert items["q1"] == [2, 3, 1]
    assert items["q5"] == [1, 2, 3, 4, 5]


def test_thresholds_that_do_not_fit_are_refused_naming_every_item():
    cuts = DemoParameters().item_thresholds
    with pytest.raises(InputError) as error:
        make_answer_model(
            DemoParameters().changed(item_thresholds=((0.0,), *cuts[1:4], (0.0, -1.0, 1.0, 2.0)))
        )
    assert codes(error) == [
        ("demo.thresholds", "item_thresholds.q1"),
        ("demo.thresholds", "item_thresholds.q5"),
    ]


def test_a_missing_loading_is_refused():
    with pytest.raises(InputError) as error:
        make_answer_model(DemoParameters().changed(item_loadings=(1.0, 1.0)))
    assert codes(error) == [("demo.item_count", "item_loadings")]


def test_impossible_parameters_are_refused_all_at_once():
    wrong = DemoParameters().changed(
        drift_share=1.5, worker_sd=-1.0, quarter_levels=(0.0,), streets=("320106001",)
    )
    with pytest.raises(InputError) as error:
        make_district(wrong, seed=1)
    assert sorted(codes(error)) == [
        ("demo.parameter_range", "drift_share"),
        ("demo.parameter_range", "worker_sd"),
        ("demo.quarter_count", "quarter_levels"),
        ("demo.story_missing", "streets"),
    ]


def test_an_unknown_quarter_is_refused():
    with pytest.raises(InputError) as error:
        quarter_number("2021Q1")
    assert error.value.problems[0].code == "demo.unknown_quarter"


def test_the_story_worker_is_expected_on_her_path(full: District):
    path = [expected_direct(full, quarter)[full.places.story] for quarter in range(8)]
    assert path == pytest.approx(full.parameters.story_path, abs=1e-9)


def test_her_colleagues_are_expected_below_her_at_the_end(full: District):
    expected = expected_direct(full, 7)
    colleagues = full.places.community == full.places.community[full.places.story]
    colleagues[full.places.story] = False
    assert expected[colleagues].max() <= full.parameters.story_path[7] - full.parameters.story_lead + 1e-9


def test_expected_scores_differ_between_workers_as_scores_do_in_the_field(full: District):
    assert 2.3 < np.std(expected_direct(full, 0)) < 3.2


def test_hard_grids_are_expected_to_score_lower(full: District):
    slope = np.polyfit(full.places.grounds.difficulty, expected_direct(full, 0), 1)[0]
    assert 8 < slope < 20


@pytest.mark.parametrize(
    "knob",
    [
        {"household_share": 0.33, "mode_effects": (0.0, -0.06, -0.4)},
        {"age_effects": (-0.2, -0.1, 0.0, 0.1)},
        {"worker_sd": 0.3},
        {"item_loadings": (1.0, 0.9, 1.1, 1.3, 1.0), "tenure_effects": (0.0, -0.4)},
        {"quarter_levels": (0.05,) * 8},
        {"tenant_response": 0.5, "tenure_effects": (0.1, -0.3)},
    ],
)
def test_turning_a_knob_moves_the_district_mean(little: District, knob: dict[str, object]):
    turned = make_district(little.parameters.changed(**knob), little.seed)
    assert abs(expected_district_mean(turned, 0) - expected_district_mean(little, 0)) > 0.1


def test_weights_of_the_modes_are_probabilities_of_answering():
    weights = make_response(DemoParameters()).weights
    assert (weights > 0).all()
    assert (weights.sum(axis=1) < 1).all()


def test_streams_of_two_purposes_or_quarters_are_unrelated():
    draws = {stream(1, purpose, quarter).random() for purpose in Purpose for quarter in (-1, 0, 7)}
    assert len(draws) == 3 * len(Purpose)


def test_normal_scores_have_the_same_mean_and_variance_whatever_the_seed():
    scores = normal_scores(101, generator())
    assert (scores.mean(), scores.var()) == pytest.approx((0, 1), abs=1e-12)


def test_scores_along_a_ground_hardly_correlate_with_it():
    ground = generator().standard_normal(1000)
    assert abs(np.corrcoef(ground, scores_along(ground, stream(6, Purpose.AREAS)))[0, 1]) < 0.03


def test_each_block_of_stratified_normals_covers_the_whole_distribution():
    blocks = stratified_normals(640, 64, generator()).reshape(10, 64)
    assert np.abs(blocks.mean(axis=1)).max() < 0.05


def test_blocks_of_one_are_independent_draws():
    assert stratified_normals(4000, 1, generator()).reshape(-1, 10).mean(axis=1).std() == pytest.approx(
        1 / np.sqrt(10), rel=0.15
    )
