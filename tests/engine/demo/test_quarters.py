"""One quarter's survey: stopping, failures, dispositions, answers, and what seeds decide."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from minping_engine.demo import QUARTERS, District, quarter_tables
from minping_engine.demo.quarters import MISSING, Quarter, simulate_quarter
from minping_engine.terms import Disposition


@pytest.fixture(scope="module")
def drawn(full: District) -> Quarter:
    return simulate_quarter(full, 0)


def usable_by_target(district: District, quarter: Quarter) -> np.ndarray:
    return np.bincount(quarter.target[quarter.usable], minlength=district.places.n)


def test_a_quarter_brings_some_three_hundred_and_twenty_thousand_ballots(drawn: Quarter):
    assert 315_000 < drawn.target.size < 325_000


def test_about_a_quarter_of_the_areas_stay_under_three_hundred_answers(full: District, drawn: Quarter):
    assert 0.18 < (usable_by_target(full, drawn) < 300).mean() < 0.35


def test_fieldwork_stops_within_a_replicate_of_the_target(full: District, drawn: Quarter):
    assert usable_by_target(full, drawn).max() < 300 + full.parameters.replicate


def test_an_area_under_the_target_has_asked_every_household_or_failed(full: District, drawn: Quarter):
    short = usable_by_target(full, drawn) < 300
    asked = np.bincount(full.frame.target[drawn.contacts.drawn], minlength=full.places.n)
    short[list(full.failures[0])] = False
    assert (asked[short] == full.places.households[short]).all()


def test_in_every_quarter_one_area_has_under_ten_answers_and_one_under_thirty(full: District):
    for failed in full.failures:
        assert min(failed.values()) < 10
        assert any(10 <= answers < 30 for answers in failed.values())


def test_failed_areas_have_the_answers_that_were_settled_beforehand(full: District, drawn: Quarter):
    usable = usable_by_target(full, drawn)
    assert {target: int(usable[target]) for target in full.failures[0]} == full.failures[0]


def test_one_item_in_a_hundred_is_left_out(drawn: Quarter):
    assert 0.008 < (drawn.codes[drawn.usable] == MISSING).mean() < 0.012


def test_a_tenth_of_the_households_has_a_mode_assigned_by_chance_and_answers_a_little_less(drawn: Quarter):
    assert 0.09 < drawn.contacts.randomised.mean() < 0.11
    assert 0.06 < drawn.randomised.mean() < 0.1


def test_assigned_modes_are_not_chosen_by_age(full: District, drawn: Quarter):
    age = drawn.group // 4
    by_mode = [age[drawn.randomised & (drawn.mode == mode)].mean() for mode in range(3)]
    chosen = [age[~drawn.randomised & (drawn.mode == mode)].mean() for mode in range(3)]
    assert np.ptp(by_mode) < 0.5 * np.ptp(chosen)


def test_scores_of_a_ballot_spread_as_they_do_in_the_field(full: District, scores_of):
    tables, (part,) = quarter_tables(full, "2019Q1")
    scores = scores_of(tables, part.ballots)
    spread = scores.sd[scores.n >= 30].mean()
    assert 10.5 < spread < 12.5
    assert 0.6 < spread / np.sqrt(300) < 0.75


def test_items_of_one_ballot_hang_together(drawn: Quarter):
    complete = drawn.codes[(drawn.codes != MISSING).all(axis=1)][:, 2:].astype(float)
    correlation = np.corrcoef(complete.T)
    assert correlation[~np.eye(3, dtype=bool)].min() > 0.15


def test_dispositions_add_up_to_the_households_drawn(little: District):
    tables, _ = quarter_tables(little, "2019Q2")
    assert pa.compute.sum(tables["dispositions"]["n"]) == pa.compute.sum(tables["sample"]["drawn"])


def test_complete_and_partial_dispositions_are_the_ballots(little: District):
    tables, (part,) = quarter_tables(little, "2019Q2")
    answered = [
        row["n"]
        for row in tables["dispositions"].to_pylist()
        if row["disposition"] in (Disposition.COMPLETE, Disposition.PARTIAL)
    ]
    assert sum(answered) == part.ballots.num_rows


def test_nobody_is_drawn_who_is_not_eligible(little: District):
    sample = quarter_tables(little, "2019Q2")[0]["sample"]
    target, drawn, eligible = (sample[name].to_numpy() for name in ("target", "drawn", "eligible"))
    assert (drawn <= eligible).all()
    assert np.bincount(target, eligible).tolist() == little.places.households.tolist()


def test_margins_of_every_variable_add_up_to_the_eligible_households(little: District):
    margins = quarter_tables(little, "2019Q2")[0]["margins"].to_pylist()
    sums: dict[str, dict[int, int]] = {}
    for row in margins:
        of_variable = sums.setdefault(row["variable"], {})
        of_variable[row["target"]] = of_variable.get(row["target"], 0) + row["eligible"]
    assert set(sums) == {"total", "age_band", "sex"}
    assert all(of_variable == sums["total"] for of_variable in sums.values())


def test_one_seed_draws_the_same_ballots_again(little: District):
    first, again = (quarter_tables(little, "2019Q3")[1][0].ballots for _ in range(2))
    assert first.equals(again)


def test_quarters_draw_different_households(little: District):
    first, second = (simulate_quarter(little, number) for number in (0, 1))
    assert not np.array_equal(first.contacts.household, second.contacts.household)


def _visits(district: District, quarter: str, window: str) -> np.ndarray:
    visits = quarter_tables(district, quarter)[0]["visits"]
    return visits.filter(pc.equal(visits["period"], window))["households"].to_numpy()


def test_visits_of_the_year_so_far_grow_and_never_pass_the_households_there(little: District):
    """S3: the sources name a quota by quarter and by year."""
    first, last = (_visits(little, quarter, "2020") for quarter in ("2020Q1", "2020Q4"))
    assert (first == _visits(little, "2020Q1", "2020Q1")).all()
    assert (last >= first).all()
    assert (last > _visits(little, "2020Q4", "2020Q4")).any()
    assert (last <= little.places.households).all()


def test_visits_stay_between_two_hundred_and_the_households_there(full: District):
    households = _visits(full, "2020Q4", "2020Q4")
    assert ((households >= 200) & (households <= 420)).all()
    assert (households <= full.places.households).all()
    assert 25 < households.std() < 80


def test_comments_are_numbered_apart_from_ballots_and_come_in_hundreds(full: District):
    comments = quarter_tables(full, "2019Q1")[0]["comments"]
    assert 200 < comments.num_rows < 500
    assert sorted(comments["comment_id"].to_pylist()) == list(range(comments.num_rows))


def test_there_are_eight_quarters():
    assert (len(QUARTERS), QUARTERS[0], QUARTERS[-1]) == (8, "2019Q1", "2020Q4")
