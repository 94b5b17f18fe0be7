"""What differs between two schemes, in words; nothing is ever passed over."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from minping_engine.errors import SchemeError
from minping_engine.lab import Change, ChangeKind, diff_schemes
from minping_engine.scheme import LoadedScheme, Scheme, load_scheme, scheme_from_data, scheme_ids
from tests.engine.lab.factory import BASE, fifty_points, raw, with_values


def changed(**parts: Any) -> LoadedScheme:
    """Baotaqiao with other parts and the next version."""
    return scheme_from_data(raw() | {"version": "2013.2"} | parts, BASE)


def said(after: LoadedScheme, language: str = "zh") -> list[str]:
    """Sentences but the one about the version."""
    return [one.sentence for one in diff_schemes(BASE, after, language) if one.kind is not ChangeKind.VERSION]


def only(after: LoadedScheme) -> Change:
    (one,) = (one for one in diff_schemes(BASE, after) if one.kind is not ChangeKind.VERSION)
    return one


def test_equal_schemes_do_not_differ() -> None:
    assert diff_schemes(BASE, BASE) == []
    assert diff_schemes(BASE, load_scheme("baotaqiao-grid", demo=True)) == []


@pytest.mark.parametrize("name", scheme_ids())
def test_no_scheme_of_the_library_differs_from_itself(name: str) -> None:
    assert diff_schemes(*(load_scheme(name, demo=True) for _ in range(2))) == []


def test_points_are_told_with_the_title_of_the_indicator() -> None:
    assert said(fifty_points())[0] == "指标“居民满意度”的满分从 40 分改为 50 分（涉及金额）"
    assert said(fifty_points(), "en")[0] == (
        'Indicator "Residents\' satisfaction", full marks: changed from 40 points to 50 points'
        " (money follows from it)"
    )


def test_a_dated_value_says_from_when_it_holds_and_is_told_once() -> None:
    """The value `satisfaction_points` stands at the indicator; its day comes with the same sentence."""
    after = with_values(fifty_points(), satisfaction_points=(50, "2021-01-01"))
    assert said(after)[0] == "指标“居民满意度”的满分从 40 分改为 50 分；影响2021年起的网格（涉及金额）"
    assert not [one for one in diff_schemes(BASE, after) if one.kind is ChangeKind.VALUE]


def test_a_value_that_only_an_expression_reads_is_told_by_its_title() -> None:
    after = with_values(BASE, falls_of_the_year=(2, "2021-07-01"))
    warning, change = diff_schemes(BASE, after)
    assert change.sentence == "取值“年内降档次数界限”从 3 次改为 2 次；影响2021-07-01起的网格"
    assert (change.kind, change.affected.since, change.affected.money) == (
        ChangeKind.VALUE, "2021-07-01", False
    )  # fmt: skip
    assert warning.kind is ChangeKind.WARNING


def test_conditions_are_told_in_words() -> None:
    veto = raw()["vetoes"][0] | {"when": "verified_complaints >= 2"}
    sentence = only(changed(vetoes=[veto])).sentence
    assert sentence.startswith("一票否决“查实投诉")
    assert "的条件从“查实的投诉不少于" in sentence
    assert sentence.endswith("改为“查实的投诉不少于 2 次”（涉及金额）")


def test_bands_name_class_and_grade() -> None:
    grading = copy.deepcopy(raw()["grading"])
    grading["bands"]["A"][0]["from_points"] = 93
    assert (
        only(changed(grading=grading)).sentence == "类别“A”的等次“一档”的分数线从 94 分改为 93 分（涉及金额）"
    )


def test_money_is_told_in_yuan() -> None:
    uses = copy.deepcopy(raw()["use"])
    uses[1]["money"]["by_grade"]["tier_2"] = 35050
    assert "等次金额“二档”从 400 元改为 350.50 元" in only(changed(use=uses)).sentence


def test_a_criterion_of_another_kind_is_told_as_a_whole() -> None:
    indicators = copy.deepcopy(raw()["indicators"])
    indicators[1]["parts"][0]["criterion"] = {"kind": "per_step", "per": 0.05, "points": 1}
    change = only(changed(indicators=indicators))
    assert change.kind is ChangeKind.CRITERION
    assert change.sentence.startswith(
        "指标“任务完成”的评分标准从按比例（满分线 100%）改为按次得分（每 5%、每次得分 1 分）"
    )


def test_what_is_added_removed_or_moved_is_told_so() -> None:
    uses = raw()["use"]
    new = {"id": "praise", "kind": "honour", "text": {"zh": "通报表扬", "en": "Praise"}}
    sentences = said(changed(use=[uses[1], uses[0], new]))
    assert sum("移到" in one for one in sentences) == 1
    assert any(one.startswith("新增结果运用“通报表扬”") for one in sentences)
    assert any(one.startswith("取消结果运用“全年降档三次") for one in sentences)


def test_a_new_wording_is_no_change_of_the_rules() -> None:
    """Texts need no new version: no warning, no money."""
    data = raw()
    data["indicators"][0]["title"] = {"zh": "居民满意程度", "en": "Residents' satisfaction"}
    (change,) = diff_schemes(BASE, scheme_from_data(data, BASE))
    assert (change.kind, change.affected.money) == (ChangeKind.TEXT, False)
    assert change.sentence == "指标“居民满意程度”的名称从“居民满意度”改为“居民满意程度”"


def test_an_english_text_that_changed_alone_is_shown_to_chinese_readers_too() -> None:
    data = raw()
    data["indicators"][0]["title"]["en"] = "Satisfied residents"
    (change,) = diff_schemes(BASE, scheme_from_data(data, BASE))
    assert "Satisfied residents" in change.sentence


def test_rules_without_a_new_version_are_warned_of() -> None:
    warning = diff_schemes(BASE, fifty_points(version="2013.1"))[0]
    assert (warning.kind, "2013.1" in warning.sentence) == (ChangeKind.WARNING, True)
    assert not [one for one in diff_schemes(BASE, fifty_points()) if one.kind is ChangeKind.WARNING]


def test_values_of_the_district_need_no_new_version() -> None:
    after = load_scheme("baotaqiao-grid", values={"representatives_minimum": 12}, demo=True)
    changes = diff_schemes(BASE, after)
    assert "评价主体“居民代表”的最少人数从 10 人改为 12 人（涉及金额）" in [one.sentence for one in changes]
    assert ChangeKind.WARNING not in {one.kind for one in changes}


@pytest.mark.parametrize(
    ("section", "fact", "money"),
    [("facts", "verified_complaints", True), ("facts", "tasks_due", True), ("over_periods", "falls", False)],
)
def test_money_follows_from_what_its_rules_read(section: str, fact: str, money: bool) -> None:
    """Complaints bar the bonus, tasks move the grade; falls of a year only give a notice."""
    data = raw()
    for part in data[section]:
        if part["id"] == fact:
            part |= {"minutes": 5} if section == "facts" else {"window": "ever"}
    assert only(scheme_from_data(data | {"version": "2013.2"}, BASE)).affected.money is money


def test_a_default_that_is_written_out_is_no_change() -> None:
    """Nor is a list of parts, or a day, that only the file writes otherwise."""
    written = Scheme.model_validate(BASE.scheme.model_dump(mode="json", by_alias=True))
    assert diff_schemes(BASE, replace(BASE, scheme=written)) == []


def test_thresholds_of_disclosure_are_told() -> None:
    after = replace(BASE, disclosure=replace(BASE.disclosure, scored_from=BASE.disclosure.scored_from + 1))
    assert any("评分所需答卷" in one.sentence for one in diff_schemes(BASE, after))


def _leaves(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else None
    if inner is None:
        yield path
        return
    for key, part in inner:
        yield from _leaves(part, (*path, key))


@cache
def _dumped(name: str) -> tuple[LoadedScheme, dict[str, Any], tuple[tuple[Any, ...], ...]]:
    """The scheme, its dump with all defaults, and every leaf of it."""
    loaded = load_scheme(name, demo=True)
    data = loaded.scheme.model_dump(mode="json", by_alias=True)
    return loaded, data, tuple(_leaves(data))


def _other(value: Any, draw: st.DataObject) -> Any:
    """Something else of the same sort."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return draw.draw(st.sampled_from([value + 1, value * 2 + 1, value + 0.5, value / 3]))
    if value is None:
        return draw.draw(st.sampled_from([1, "score", True, 0.5, {"zh": "新", "en": "new"}]))
    return draw.draw(
        st.sampled_from([f"{value}x", "unheard_of", "score > 1", "grid", "year", "direct", f"{value} 2"])
    )


@pytest.mark.parametrize("name", ["gulou-worker", "baotaqiao-grid"])
@settings(max_examples=40, deadline=None)
@given(draw=st.data())
def test_no_changed_leaf_goes_unsaid(name: str, draw: st.DataObject) -> None:
    """Any leaf of the dumped scheme, whatever its depth; also those no sensible scheme would change."""
    _change_a_leaf(name, draw)


@pytest.mark.deep
@pytest.mark.parametrize("name", ["gulou-worker", "baotaqiao-grid"])
@settings(max_examples=500, deadline=None)
@given(draw=st.data())
def test_none_of_many_changed_leaves_goes_unsaid(name: str, draw: st.DataObject) -> None:
    _change_a_leaf(name, draw)


def _change_a_leaf(name: str, draw: st.DataObject) -> None:
    loaded, data, leaves = _dumped(name)
    path = draw.draw(st.sampled_from(leaves))
    new = copy.deepcopy(data)
    at = new
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = _other(at[path[-1]], draw)
    try:
        scheme = Scheme.model_validate(new)
    except (ValidationError, SchemeError):
        assume(False)
    assume(scheme.model_dump(mode="json") != loaded.scheme.model_dump(mode="json"))
    for language in ("zh", "en"):
        changes = diff_schemes(loaded, replace(loaded, scheme=scheme), language)
        assert [one for one in changes if one.kind is not ChangeKind.WARNING]
        assert all(one.sentence and one.where for one in changes)


@pytest.mark.parametrize("name", ["gulou-worker", "baotaqiao-grid"])
def test_a_section_that_is_taken_away_is_told(name: str) -> None:
    """Sections one by one: without them something is said."""
    loaded, data, _ = _dumped(name)
    for section in data:
        if (
            section in {"minping_scheme", "id", "version", "title", "assessee_kind", "period"}
            or not data[section]
        ):
            continue
        scheme = Scheme.model_validate({key: part for key, part in data.items() if key != section})
        if scheme.model_dump(mode="json") != loaded.scheme.model_dump(mode="json"):
            assert diff_schemes(loaded, replace(loaded, scheme=scheme)), section
