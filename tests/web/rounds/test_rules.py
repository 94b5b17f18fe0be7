"""Design, forecast and rates against numbers worked by hand; reading of dispositions."""

from __future__ import annotations

from fractions import Fraction

import pytest

from minping_web.common.problems import RefusedError
from minping_web.rounds.rules.aapor import Outcomes, estimated_e, rates
from minping_web.rounds.rules.design import Design, design_problems, read_design
from minping_web.rounds.rules.forecast import forecast, margin_of, response_of
from minping_web.rounds.rules.words import Channel, Found
from minping_web.rounds.services.fieldwork import read_lines

WORKED = Outcomes(complete=50, partial=10, refusal=20, non_contact=15, other=5, unknown=60, not_eligible=40)
"""100 known to be eligible, 60 unknown, 40 not eligible: e = 100 / 140."""


@pytest.mark.parametrize(
    ("name", "part", "whole"),
    [
        ("RR1", 50, 160), ("RR2", 60, 160), ("RR5", 50, 100), ("RR6", 60, 100),
        # 60 unknown at 5/7 are 300/7: 100 + 300/7 = 1000/7
        ("RR3", 350, 1000), ("RR4", 420, 1000),
        ("COOP1", 50, 85), ("COOP2", 60, 85), ("REF1", 20, 160), ("REF3", 20, 100),
        ("CON1", 85, 160), ("CON3", 85, 100),
    ],
)  # fmt: skip
def test_rates_agree_with_numbers_worked_by_hand(name: str, part: int, whole: int) -> None:
    """D13."""
    assert rates(WORKED)[name] == Fraction(part, whole)


def test_e_is_stated_or_estimated_from_the_decided() -> None:
    assert estimated_e(WORKED) == Fraction(5, 7)
    assert rates(WORKED, Fraction(0))["RR3"] == Fraction(1, 2)
    assert rates(WORKED, Fraction(1))["RR3"] == rates(WORKED)["RR1"]


def test_without_a_case_there_is_no_rate() -> None:
    assert set(rates(Outcomes()).values()) == {None}
    assert rates(Outcomes(unknown=3))["RR1"] == 0
    assert rates(Outcomes(unknown=3))["RR5"] is None


def test_a_design_survives_its_json() -> None:
    design = Design(per_area=None, quotas={"elderly": 20}, modes=(3, 4, 1), areas=(7, 9), budget_fen=5)
    assert read_design(design.as_json()) == design


def test_quota_strata_come_first_and_leave_the_rest_at_four_to_one() -> None:
    strata = Design(quotas={"elderly": 60}).strata
    assert [(one.id, one.share, one.quota) for one in strata] == [
        ("elderly", 0, 60), ("ordinary", 4, 0), ("special", 1, 0)
    ]  # fmt: skip
    drawing = Design(quotas={"elderly": 60}).for_draw()
    assert drawing.stratum_of({"instrument": "elderly", "special": "disabled", "excluded": ""}) == "elderly"
    assert drawing.stratum_of({"instrument": "organisation", "special": "", "excluded": ""}) == "ordinary"
    assert Design(special_ratio=0).strata[0].id == "all"


def test_every_contradiction_of_a_design_is_told_at_once() -> None:
    wrong = Design(
        per_area=10, audiences=("elderly",), quotas={"elderly": 30, "organisation": 5}, modes=(3, 3),
        randomised_percent=20, rest_rounds=99,
    )  # fmt: skip
    assert {problem.code for problem in design_problems(wrong, [])} == {
        "round.quotas_exceed", "round.quota_without_audience", "round.mode_twice", "round.one_mode",
        "round.out_of_range", "round.no_questionnaire",
    }  # fmt: skip
    assert design_problems(Design(), Design().audiences) == []


def test_a_forecast_reckons_the_ways_one_after_the_other() -> None:
    design = Design(
        per_area=100, wanted=40, modes=(Channel.SMS, Channel.VISIT), budget_fen=150_000,
        response_percent={3: 20, 1: 50}, price_fen={3: 10, 1: 2000},
    )  # fmt: skip
    made = forecast(design, {1: {"ordinary": 400, "special": 100}, 2: {"ordinary": 50, "special": 0}})
    assert response_of(design) == pytest.approx(0.6)
    assert [area.drawn for area in made.areas] == [100, 50]
    assert [area.ballots for area in made.areas] == pytest.approx([60, 30])
    assert [mode.attempts for mode in made.modes] == pytest.approx([150, 120])
    assert made.cost_fen == 150 * 10 + 120 * 2000
    assert made.over_budget
    # 40 answers at 60 % take 67 households; the second area has 50.
    assert [area.needed for area in made.areas] == [67, None]
    assert [area.area_id for area in made.smallest] == [2, 1]


def test_the_margin_knows_that_populations_are_finite() -> None:
    # 1.96 * sqrt(0.25 / 100) = 9.8 points; of 199 units asked 100: sqrt(99/198) of it.
    assert margin_of(100, 10**9) == pytest.approx(9.8, abs=0.01)
    assert margin_of(100, 199) == pytest.approx(9.8 * 0.5**0.5, abs=0.01)
    assert margin_of(50, 50) == 0
    assert margin_of(0.4, 50) is None


def test_dispositions_are_read_in_both_languages_and_by_number() -> None:
    lines = read_lines("A-1,拒访\n\nA-2，not_eligible\nA-3\t4")
    assert [(line.house_code, line.found) for line in lines] == [
        ("A-1", Found.REFUSAL), ("A-2", Found.NOT_ELIGIBLE), ("A-3", Found.NON_CONTACT)
    ]  # fmt: skip
    with pytest.raises(RefusedError) as refused:
        read_lines("A-1\nA-2,unwilling\nA-3,1")
    assert [problem.place.row for problem in refused.value.problems] == [1, 2, 3]
