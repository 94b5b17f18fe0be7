"""Conditions in words: every part that can be written is told, and told rightly."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from minping_engine.scheme import load_scheme, scheme_ids
from minping_engine.scheme.describe.context import context_of
from minping_engine.scheme.describe.places import GIVES, PLACES
from minping_engine.scheme.describe.spoken import Spoken
from minping_engine.scheme.describe.titles import own_names
from minping_engine.scheme.describe.wording import both_languages
from minping_engine.scheme.expressions.words import FUNCTIONS
from minping_engine.scheme.model.use import UseKind


@pytest.fixture(scope="module")
def zh() -> Spoken:
    return context_of(load_scheme("baotaqiao-grid", demo=True), "zh").spoken


@pytest.fixture(scope="module")
def en() -> Spoken:
    return context_of(load_scheme("baotaqiao-grid", demo=True), "en").spoken


TOLD = [
    ("verified_complaints >= 1", "查实的投诉不少于 1 次"),
    ("1 <= verified_complaints", "查实的投诉不少于 1 次"),
    ("NOT verified_complaints >= 1", "查实的投诉少于 1 次"),
    ("tasks < 0.9", "任务完成率低于 90%"),
    ("score > 85.5", "得分高于 85.5 分"),
    ("grade = 'tier_1'", "等次为“一档”"),
    ("grade <> 'tier_1'", "等次不是“一档”"),
    ("grade IN ('tier_1', 'tier_2')", "等次为“一档”、“二档”之一"),
    ("grade NOT IN ('tier_1')", "等次不是“一档”中任何一项"),
    ("tasks BETWEEN 0.5 AND 0.8", "任务完成率在 50% 至 80% 之间（含两端）"),
    ("tasks IS NULL", "任务完成率没有数据"),
    ("tasks IS NOT NULL", "任务完成率有数据"),
    ("grade_change < 0", "等次下降"),
    ("COALESCE(grade_change, 0) >= 0", "等次没有下降（首次评定也算）"),
    ("grade_step >= 4", "处于第 4 等或更低"),
    ("grade_step = grade_steps", "处于末等"),
    ("grade_step >= grade_steps - 1", "处于最后 2 等"),
    ("falls >= falls_of_the_year", "本年降档次数不少于 3 次（年内降档次数界限）"),
    ("NOT vetoed", "并非“触发任一项否决”"),
    ("closed AND NOT closed_on_time", "已结案，并且并非“按期结案”"),
    ("tasks_done - (tasks_due - 2)", "按期完成的网格任务 － （应完成的网格任务 － 2）"),
    ("YUAN(12.5)", "12.5 元"),
    ("ROUND(score, 1)", "得分，四舍五入到 1 位小数"),
    ("LEAST(score, 100)", "得分、100 分中的最小者"),
    ("SHARE_OF(tasks_done, tasks_due)", "按期完成的网格任务占应完成的网格任务的比例"),
    ("CASE WHEN tasks < 0.5 THEN 0 ELSE 5 END", "（任务完成率低于 50%的，为0；其余为5）"),
    ("CASE grade WHEN 'tier_1' THEN 5 END", "（等次为“一档”的，为5；其余为无）"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), TOLD, ids=[text for text, _ in TOLD])
def test_an_expression_is_told_in_chinese(text: str, told: str, zh: Spoken) -> None:
    assert zh.words(text) == told


def test_a_veto_is_said_as_triggered(zh: Spoken) -> None:
    assert zh.words("complaint_veto") == f"触发“{zh.titles.title('complaint_veto')}”"


def test_an_expression_is_told_in_english(en: Spoken) -> None:
    assert (
        en.words("verified_complaints >= 2 OR grade_change < 0")
        == "Verified complaints at least 2 times or the grade fell"
    )


def test_or_and_and_are_not_mixed_without_brackets(zh: Spoken) -> None:
    """Words have no precedence that a reader could know."""
    both = zh.words("vetoed OR tasks < 0.5 AND requests < 0.5")
    assert both == "触发任一项否决，或者（任务完成率低于 50%，并且诉求按期答复率低于 50%）"
    other = zh.words("(vetoed OR tasks < 0.5) AND requests < 0.5")
    assert other == "（触发任一项否决，或者任务完成率低于 50%），并且诉求按期答复率低于 50%"


def test_another_default_than_0_is_not_told_as_no_fall(zh: Spoken) -> None:
    """COALESCE(grade_change, -1) >= 0 leaves out who had no grade before."""
    assert "首次" not in zh.words("COALESCE(grade_change, -1) >= 0")


def test_a_value_that_nobody_published_is_named_without_its_demo_number() -> None:
    loaded = load_scheme("baotaqiao-grid", demo=False)
    spoken = context_of(loaded, "zh").spoken
    assert spoken.titles["representatives_minimum"].number is None
    filled = context_of(load_scheme("baotaqiao-grid", values={"representatives_minimum": 12}), "zh")
    assert filled.titles["representatives_minimum"].number == 12


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_has_words_and_a_row_in_the_reference(name: str, zh: Spoken) -> None:
    least = FUNCTIONS[name][0]
    assert name not in zh.words(f"{name}({', '.join(['score'] * least)})")
    assert GIVES[name]


@pytest.mark.parametrize("name", sorted(own_names()))
def test_the_engine_s_names_all_have_titles(name: str) -> None:
    assert f"name_{name}" in both_languages()


@pytest.mark.parametrize("kind", get_args(UseKind))
def test_every_kind_of_use_has_a_word(kind: str) -> None:
    assert f"use_{kind}" in both_languages()


@pytest.mark.parametrize("name", scheme_ids())
def test_the_reference_names_every_place_where_a_scheme_has_an_expression(name: str) -> None:
    known = set()
    for told, _, _ in PLACES:
        first, *others = re.findall(r"`([^`]+)`", told)
        known |= {first, *(f"{first.rsplit('.', 1)[0]}{other}" for other in others)}
        known |= {f"{first.split('.ID')[0]}.ID{other}" for other in others}
    for place in load_scheme(name, demo=True).rules.by_place:
        part, _, rest = place.split(".", 2)
        written = f"{part}.ID.{'criterion.value' if rest == 'criterion' else rest}"
        assert written in known
