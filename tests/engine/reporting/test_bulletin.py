"""The bulletin tells residents about places, never about a person, and needs nothing from outside."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from minping_engine.reporting import write_bulletin
from minping_engine.reporting.bulletin import build_bulletin
from minping_engine.reporting.bulletin_places import natural_order
from minping_engine.scheme import LoadedScheme
from minping_engine.terms import AssesseeKind
from tests.engine.reporting.factory import Worker, make_round, scheme_with_items
from tests.engine.reporting.fair_factory import counting, make_fair, with_rows

LARGE = [[Worker(points=91.0)] * 5, [Worker(points=90.0)] * 6, [Worker(points=92.0)] * 7, [Worker()] * 8]


def page_of(folder: Path, workers: list[list[Worker]] | None = None, **options: Any) -> str:
    language = options.pop("language", "zh")
    made = make_round(folder, workers or LARGE, **options)
    write_bulletin(made.result, made.scheme, made.snapshot, folder / "bulletin.html", language=language)
    return (folder / "bulletin.html").read_text("utf-8")


def test_no_name_or_id_of_a_person_stands_in_the_bulletin(tmp_path: Path) -> None:
    made = make_round(tmp_path / "round", LARGE)
    page = page_of(tmp_path, LARGE)
    for column in ("name", "assessee_id"):
        assert not [value for value in made.result["scores"][column].to_pylist() if value in page]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_loaded_from_outside_and_nothing_runs(tmp_path: Path, language: str) -> None:
    page = page_of(tmp_path, language=language)
    assert not re.search(r"https?:|<script|<link|@import|url\(|src=|\son\w+=", page)


def test_a_place_with_too_few_people_is_not_shown(tmp_path: Path) -> None:
    made = make_round(tmp_path, [[Worker()] * 5, [Worker()] * 2, [Worker()] * 6, [Worker()] * 6])
    bulletin = build_bulletin(made.result, made.scheme, made.snapshot)
    hidden = dict(bulletin.communities[0].rows)
    assert {mean for cells in hidden.values() for mean, _ in cells} == {"–"}
    assert bulletin.hidden_note


def test_places_stand_in_order_of_their_codes(tmp_path: Path) -> None:
    made = make_round(tmp_path, LARGE)
    streets = build_bulletin(made.result, made.scheme, made.snapshot).streets
    assert streets is not None
    assert [strip.name for strip in streets.strips] == ["湖山路街道", "望江门街道"]


def test_streets_that_equal_the_district_are_said_not_to_differ(tmp_path: Path) -> None:
    page = page_of(tmp_path, [[Worker()] * 6] * 4)
    assert "分不出高低" in page


def test_demonstration_data_are_called_so_at_the_top(tmp_path: Path) -> None:
    page = page_of(tmp_path)
    assert page.index("演示数据") < page.index("<h1>")


def test_markup_in_words_of_the_scheme_is_escaped(tmp_path: Path) -> None:
    scheme = scheme_with_items(1)
    item = scheme.scheme.instrument.items[0]
    text = item.text.model_copy(update={"zh": "<b>您</b>满意吗？"})
    items = (item.model_copy(update={"text": text}),)
    instrument = scheme.scheme.instrument.model_copy(update={"items": items})
    changed = scheme.with_instrument(instrument)
    assert "&lt;b&gt;您&lt;/b&gt;" in page_of(tmp_path, scheme=changed)


def test_with_very_many_items_places_are_shown_by_total_only(tmp_path: Path) -> None:
    made = make_round(tmp_path, LARGE, scheme=scheme_with_items(73))
    bulletin = build_bulletin(made.result, made.scheme, made.snapshot)
    assert len(bulletin.questions) == 73
    assert bulletin.streets_by_item == ()
    assert {len(table.heads) for table in bulletin.communities} == {1}


def test_without_history_there_is_no_picture_over_time(tmp_path: Path) -> None:
    made = make_round(tmp_path, LARGE, history=False)
    assert build_bulletin(made.result, made.scheme, made.snapshot).trend is None


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    assert page_of(tmp_path / "a") == page_of(tmp_path / "b")


def fair_page(folder: Path, language: str = "zh", **options: Any) -> str:
    made = make_fair(folder, **options)
    write_bulletin(made.result, made.scheme, made.snapshot, folder / "fair.html", language=language)
    return (folder / "fair.html").read_text("utf-8")


def test_what_residents_care_about_is_shown_by_item_and_called_no_cause(tmp_path: Path) -> None:
    made = make_fair(tmp_path)
    bulletin = build_bulletin(made.result, made.scheme, made.snapshot)
    assert bulletin.drivers is not None
    assert [strip.text for strip in bulletin.drivers.strips] == ["4.0%", "3.0%", "2.0%", "1.0%"]
    assert "与总体评价关系最大的是：提供社区服务、邀请参加活动。" in bulletin.drivers_sentence
    assert "其中提供社区服务的得分比其他题低" in bulletin.drivers_sentence
    assert "不等于改好一题总体评价就一定上升" in bulletin.drivers_sentence


def test_no_question_is_called_more_important_where_intervals_meet(tmp_path: Path) -> None:
    made = make_fair(tmp_path, driver_error=0.006)
    said = build_bulletin(made.result, made.scheme, made.snapshot).drivers_sentence
    assert said.startswith("各题与总体评价的关系，从这次的答卷还分不出谁大谁小。")
    assert "提供社区服务" not in said


def test_without_drivers_nothing_is_said_of_what_residents_care_about(tmp_path: Path) -> None:
    heading = "各题与总体评价的关系"
    assert heading in fair_page(tmp_path / "some")
    assert heading not in page_of(tmp_path)
    assert heading not in fair_page(tmp_path, workers=[[Worker()] * 2])


def test_one_sentence_says_whether_people_differ_by_more_than_chance(tmp_path: Path) -> None:
    refused, carried = fair_page(tmp_path), fair_page(tmp_path, ranking="carried")
    assert "各社区工作者得分之间的差别大于抽样误差" in refused
    assert "不足以排出先后" in refused
    assert "足以排出大致先后，但不公布" in carried
    assert "不足以排出先后" not in carried


def test_groups_that_carry_an_order_and_groups_that_do_not_are_told_apart(tmp_path: Path) -> None:
    made = with_rows(make_fair(tmp_path), "comparison_groups", ranking=["carried", "too_wide"])
    said = build_bulletin(made.result, made.scheme, made.snapshot).people_sentence
    assert "只有一部分可比组的差别足以排出大致先后" in said


def test_the_bulletin_holds_no_rank_and_no_comparison_of_persons(tmp_path: Path) -> None:
    made = make_fair(tmp_path, borderline=("W00101",))
    page = fair_page(tmp_path, borderline=("W00101",))
    for column in ("name", "assessee_id"):
        assert not [value for value in made.result["scores"][column].to_pylist() if value in page]
    assert not re.search("名次范围|并列|第[一二三四五六七八九十0-9]+名", page)


@pytest.mark.parametrize(("counts", "is_told"), [("direct", False), ("adjusted", True), ("shrunken", True)])
def test_plain_scores_are_called_so_where_another_estimate_counts(
    tmp_path: Path, counts: str, is_told: bool
) -> None:
    made = counting(make_fair(tmp_path), counts)
    write_bulletin(made.result, made.scheme, made.snapshot, tmp_path / "bulletin.html")
    assert ("本公报为未拉平的原得分。" in (tmp_path / "bulletin.html").read_text("utf-8")) is is_told


def of_kind(kind: AssesseeKind, unit: str) -> LoadedScheme:
    loaded = scheme_with_items(1)
    sampling = loaded.scheme.sampling.model_copy(update={"unit": unit})
    return loaded.changed(assessee_kind=kind, sampling=sampling, use=())


def test_nouns_follow_what_is_assessed_and_who_answers(tmp_path: Path) -> None:
    made = make_round(tmp_path, LARGE, scheme=of_kind(AssesseeKind.AREA, "person"))
    bulletin = build_bulletin(made.result, made.scheme, made.snapshot, "en")
    said = " ".join([bulletin.asked_lead, *bulletin.next_steps, *bulletin.notes])
    assert "Every area receives a card of its own" in said
    assert "One vote per person and subject" in said
    assert "1 question," in said
    assert not re.search("community worker|household|1 questions", said)


def test_places_are_counted_as_people_count() -> None:
    assert sorted(["10", "2", "1"], key=natural_order) == ["1", "2", "10"]
    assert sorted(["D2-10", "D10-1", "D2-9"], key=natural_order) == ["D2-9", "D2-10", "D10-1"]


def test_answers_that_many_questions_share_are_printed_once(tmp_path: Path) -> None:
    many = page_of(tmp_path / "many", scheme=scheme_with_items(73))
    assert many.count("非常不满意") == 1
    assert "没有另列选项的题" in many
    assert page_of(tmp_path).count("非常不满意") == 3


def test_ballots_of_those_not_assessed_are_told(tmp_path: Path) -> None:
    few = Worker(n=7, status="not_assessed", reason="too_few", grade=None)
    page = page_of(tmp_path, [*LARGE[:3], [*LARGE[3], few, replace(few, n=12), replace(few, n=0)]])
    assert "，其中 19 份属于未评定的 2 人（社区工作者）。" in page
    assert "未评定的" not in page_of(tmp_path / "all")
