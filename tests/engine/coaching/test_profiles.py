"""Skill gaps that are real, the training that fits, who may teach (S105)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import stdtrit

from minping_engine.coaching import (
    Course,
    CourseLevel,
    DimensionScores,
    GapRule,
    LineState,
    ProfileLine,
    SkillProfile,
    course_in_words,
    line_in_words,
    skill_profiles,
    suggest_training,
    teachers_by_dimension,
)
from minping_engine.coaching.profiles import _stand
from minping_engine.errors import InputError
from minping_engine.estimation import area_model, class_covariates

NAMES = ("listening", "solving", "openness", "fairness", "presence")


def drawn(
    rng: np.random.Generator, workers: int = 200, between: float = 0.0, error: float = 1.5
) -> DimensionScores:
    """Workers whose dimensions share half of their sampling error, as answers of the same ballots do."""
    group = rng.integers(0, 3, workers)
    shared, own = rng.normal(0, 1, (workers, 1)), rng.normal(0, 1, (workers, len(NAMES)))
    noise = error * (np.sqrt(0.5) * shared + np.sqrt(0.5) * own)
    level = 80 + 2 * group[:, None] + between * rng.normal(0, 1, (workers, len(NAMES)))
    return DimensionScores(NAMES, level + noise, np.full((workers, len(NAMES)), error), group)


def states(scores: DimensionScores, rule: GapRule | None = None) -> list[list[LineState]]:
    return [[line.state for line in profile.lines] for profile in skill_profiles(scores, rule=rule)]


def test_where_nobody_differs_hardly_anybody_is_told_of_a_gap() -> None:
    """S105: with no true gap every gap is false; at most 2.5 % of workers may read of one (nominal)."""
    told = [
        LineState.GAP in lines
        for number in range(20)
        for lines in states(drawn(np.random.default_rng([4, number])))
    ]
    assert len(told) == 4000
    assert 0.002 < np.mean(told) < 0.03


def test_of_gaps_told_few_are_false() -> None:
    """Every second dimension of some workers is 6 points behind; the others are as their peers."""
    false = total = 0
    for number in range(10):
        scores = drawn(np.random.default_rng([5, number]))
        behind = np.zeros(scores.score.shape, dtype=bool)
        behind[:20, ::2] = True
        lowered = replace(scores, score=scores.score - 6.0 * behind)
        for worker, lines in enumerate(states(lowered)[:20]):
            told = np.array([state is LineState.GAP for state in lines])
            total, false = total + int(told.sum()), false + int((told & ~behind[worker]).sum())
    assert total > 400, "3 of 5 dimensions of 200 workers, nearly all found"
    assert false / total < 0.025


def test_a_worker_is_compared_with_the_others_not_with_herself() -> None:
    """Leaving one out by hand: a second fit without her."""
    scores = drawn(np.random.default_rng(6), workers=40, between=2.0)
    (line, *_) = skill_profiles(scores, rule=GapRule(least_peers=5))[7].lines
    keep = np.arange(40) != 7
    variance = scores.se[:, 0] ** 2
    fit = area_model(scores.score[:, 0], variance, class_covariates(scores.group, 3))
    weights = 1 / (fit.variance_between + variance[keep])
    inside = keep[keep] & (scores.group[keep] == scores.group[7])
    others = np.average(scores.score[keep, 0][inside], weights=weights[inside])
    assert line.difference == pytest.approx(scores.score[7, 0] - others, abs=1e-9)
    error = np.sqrt(variance[7] + 1 / weights[inside].sum())
    assert (line.high - line.low) / 2 == pytest.approx(stdtrit(40 - 3, 0.975) * error, abs=1e-9)


def test_the_surer_of_two_equal_gaps_stands() -> None:
    scores = drawn(np.random.default_rng(7))
    score, se = scores.score.copy(), scores.se.copy()
    score[0] = 80 + 2 * scores.group[0]
    score[0, 0] -= 6
    score[0, 1] -= 6
    se[0, 1] = 5.0
    found = states(replace(scores, score=score, se=se))[0]
    assert found[:2] == [LineState.GAP, LineState.LIKE_PEERS]


def test_a_gap_of_no_matter_is_none() -> None:
    scores = drawn(np.random.default_rng(7))
    score = scores.score.copy()
    score[0, 0] = 80 + 2 * scores.group[0] - 6
    changed = replace(scores, score=score)
    assert states(changed)[0][0] is LineState.GAP
    assert states(changed, GapRule(least_gap=5.0))[0][0] is LineState.LIKE_PEERS


def test_no_score_and_too_few_peers_are_states() -> None:
    scores = drawn(np.random.default_rng(7), workers=60)
    score, group = scores.score.copy(), np.zeros(60, dtype=np.int64)
    group[:10], score[11, 2] = 1, np.nan
    found = states(replace(scores, score=score, group=group))
    assert set(found[0]) == {LineState.TOO_FEW_PEERS}
    assert found[11][2] is LineState.NO_SCORE
    assert LineState.NO_SCORE not in found[12]


@settings(max_examples=25)
@given(st.permutations(range(30)))
def test_order_of_workers_changes_nothing(order: list[int]) -> None:
    scores = drawn(np.random.default_rng(12), workers=30, between=4.0)
    rule = GapRule(least_peers=5)
    mixed = replace(scores, score=scores.score[order], se=scores.se[order], group=scores.group[order])
    plain = states(scores, rule)
    assert states(mixed, rule) == [plain[worker] for worker in order]


def test_findings_stand_by_the_step_up_rule() -> None:
    """By hand, share 0.05 of five: limits .01 .02 .03 .04 .05; the fourth passes and takes all before it."""
    p = np.array([0.039, 0.001, 0.035, 0.9, 0.025])
    assert _stand(p, 0.05).tolist() == [True, True, True, False, True]
    assert _stand(np.array([np.nan, 0.04]), 0.05).tolist() == [False, True]
    assert _stand(np.array([0.04, 0.9]), 0.05).tolist() == [False, False]


def test_faults_of_profiles_are_told() -> None:
    scores = drawn(np.random.default_rng(7), workers=30)
    for broken, code in (
        (replace(scores, dimensions=NAMES[:2]), "scores_shapes"),
        (replace(scores, se=scores.se * 0), "error_not_positive"),
        (replace(scores, group=scores.group - 1), "coaching.group"),
    ):
        with pytest.raises(InputError, match=code):
            skill_profiles(broken)
    with pytest.raises(InputError, match="gap_rule"):
        skill_profiles(scores, rule=GapRule(least_peers=2))


def line(dimension: str, state: LineState, surely: float) -> ProfileLine:
    sign = -1 if state is LineState.GAP else 1
    return ProfileLine(dimension, state, sign * (surely + 2), sign * surely - 2, sign * surely + 2, surely)


PROFILE = SkillProfile(
    4,
    (
        line("listening", LineState.GAP, 6.0),
        line("solving", LineState.GAP, 2.0),
        line("openness", LineState.LIKE_PEERS, 0.0),
        line("fairness", LineState.STRENGTH, 3.0),
        line("presence", LineState.GAP, 1.0),
    ),
)
COURSES = (
    Course("basics", ("listening", "solving"), CourseLevel.FOUNDATION),
    Course("handling", ("solving",), CourseLevel.REFRESHER),
    Course("hearing", ("listening",), CourseLevel.REFRESHER),
    Course("mentor", ("fairness",), CourseLevel.TEACHING),
    Course("meetings", ("openness",), CourseLevel.REFRESHER),
)


def test_courses_answer_real_gaps_at_their_level_in_order() -> None:
    """6 points: foundation; 2 points: refresher. Presence has no course, openness needs none."""
    found = suggest_training(PROFILE, COURSES)
    assert [(one.course.course_id, one.worth) for one in found.courses] == [
        ("basics", 6.0),
        ("handling", 2.0),
    ]
    assert [one.dimension for one in found.without_course] == ["presence"]
    assert [one.course.course_id for one in found.teaching] == ["mentor"]
    assert [one.dimension for one in found.may_teach] == ["fairness"]


def test_a_course_of_another_level_helps_where_there_is_no_better_one() -> None:
    (only,) = suggest_training(PROFILE, COURSES[:1]).courses
    assert [(reason.line.dimension, reason.fits_level) for reason in only.reasons] == [
        ("listening", True),
        ("solving", False),
    ]
    assert only.worth == 7.0
    assert course_in_words(only, "zh")[-1] == "没有更合适层次的课程。"


def test_the_order_of_the_table_changes_nothing() -> None:
    assert suggest_training(PROFILE, COURSES) == suggest_training(PROFILE, COURSES[::-1])


def test_faults_of_the_table_come_at_once() -> None:
    table = (COURSES[0], COURSES[0], Course("odd", ("cooking",), CourseLevel.REFRESHER))
    with pytest.raises(InputError) as caught:
        suggest_training(PROFILE, table)
    assert [problem.code for problem in caught.value.problems] == [
        "coaching.course_without_dimension",
        "coaching.course_twice",
    ]


def test_who_is_surely_ahead_may_teach_the_surest_first() -> None:
    other = SkillProfile(9, (line("fairness", LineState.STRENGTH, 5.0), line("solving", LineState.GAP, 1.0)))
    found = teachers_by_dimension((PROFILE, other))
    assert found["fairness"] == (9, 4)
    assert found["solving"] == ()


def test_lines_have_words_in_both_languages() -> None:
    assert line_in_words(PROFILE.lines[0], "en") == (
        "listening: 8.00 points behind like workers, at least 6.00 of them beyond doubt."
    )
    assert line_in_words(PROFILE.lines[3], "zh", dimension="公道") == (
        "公道：高于同类工作者 5.00 分，可以确定的至少 3.00 分。"
    )
    for state in LineState:
        assert line_in_words(line("x", state, 1.0), "zh")
        assert line_in_words(line("x", state, 1.0), "en")
