"""Answers as written: labels speak for themselves, numbers only where something tells their direction."""

from __future__ import annotations

import pytest

from minping_engine.scheme import load_scheme
from minping_engine.snapshot.importing.guess.answers import (
    hinted_codes,
    legend_codes,
    point_codes,
    read_answers,
)
from minping_engine.snapshot.importing.guess.asked import Question, asked_from_scheme


def question(number: int) -> Question:
    return asked_from_scheme(load_scheme("gulou-worker")).questions[number - 1]


@pytest.mark.parametrize(
    "text",
    [
        "非常满意",
        "很满意",
        "A.非常满意",
        "非常满意（5分）",
        "very satisfied",
        "VERY_SATISFIED",
        "非常满意 very satisfied",
    ],
)
def test_a_label_is_known_however_it_is_dressed(text: str) -> None:
    assert read_answers([text], question(3)).codes == {text: 5}


@pytest.mark.parametrize("text", ["基本满意", "√", "没有提过诉求", "满意 very satisfied", "较好"])
def test_a_wording_the_scheme_does_not_have_is_unknown(text: str) -> None:
    assert read_answers([text], question(3)).unknown == (text,)


@pytest.mark.parametrize("text", ["(空)", "（跳过）", "拒答", "N/A", "-3", "——"])
def test_a_text_for_no_answer_is_missing(text: str) -> None:
    assert read_answers([text], question(3)).missing == (text,)


def test_two_wordings_of_one_step_may_be_two_steps_of_a_longer_scale() -> None:
    assert set(read_answers(["满意", "比较满意", "一般"], question(3)).collide) == {"满意", "比较满意"}


def test_a_legend_in_the_heading_tells_what_numbers_mean() -> None:
    heading = "态度（1非常满意 2满意 3一般 4不满意 5非常不满意）"

    assert legend_codes(heading, question(3)) == {1: 5, 2: 4, 3: 3, 4: 2, 5: 1}


@pytest.mark.parametrize(
    "heading", ["满意吗(1=是，2=否，3=不清楚)", "满意吗(1是2否3不清楚)", "是-1 否-2 不清楚-3"]
)
def test_a_legend_may_be_written_in_several_ways(heading: str) -> None:
    assert legend_codes(heading, question(1)) == {1: 1, 2: 2, 3: 3}


def test_both_ends_of_a_scale_tell_what_stands_between() -> None:
    assert legend_codes("(1 = very dissatisfied, 5 = very satisfied)", question(4)) == {
        n: n for n in range(1, 6)
    }


@pytest.mark.parametrize("heading", ["5非常满意", "1非常满意 2非常满意", "满意度"])
def test_half_a_legend_is_no_legend(heading: str) -> None:
    assert legend_codes(heading, question(3)) == {}


def test_a_hint_tells_which_end_is_best() -> None:
    assert hinted_codes("态度（5分最高）", question(5), marked=False) == {n: n for n in range(1, 6)}
    assert hinted_codes("态度（1为最好）", question(5), marked=False) == {n: 6 - n for n in range(1, 6)}


def test_a_mark_whose_heading_says_that_low_is_best_is_not_taken() -> None:
    assert hinted_codes("态度（1分最满意）", question(5), marked=True) == {}


def test_a_scale_with_other_full_marks_is_not_taken() -> None:
    assert hinted_codes("态度（10分制）", question(5), marked=True) == {}


def test_yes_and_no_have_no_direction_for_a_hint_to_tell() -> None:
    assert hinted_codes("服务（3分最高）", question(1), marked=True) == {}


def test_numbers_are_points_if_full_marks_occur() -> None:
    full = {"q3": (question(3), read_answers(["20", "15", "0"], question(3)))}
    half = {"q3": (question(3), read_answers(["10", "5", "0"], question(3)))}

    assert point_codes(full)
    assert not point_codes(half)


def test_numbers_that_are_no_points_are_no_points() -> None:
    assert not point_codes({"q3": (question(3), read_answers(["20", "18"], question(3)))})
