"""The fairness page (S12, D7) answers its eight questions, says what to do, and asks nobody for anything."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from minping_engine.reporting import write_fairness
from minping_engine.reporting.fairness import build_fairness
from minping_engine.reporting.fairness_people import MOST_PICTURED
from minping_engine.reporting.section_page import Section
from tests.engine.reporting.factory import Round, Worker, make_round
from tests.engine.reporting.fair_factory import PEOPLE, counting, make_fair

SECTIONS = ["steps", "groups", "slopes", "heard", "modes", "weights", "drivers", "borderline"]


def page_of(made: Round, folder: Path, language: str = "zh") -> str:
    path = folder / "fairness.html"
    write_fairness(made.result, made.scheme, made.snapshot, path, language=language)
    return path.read_text("utf-8")


def section(made: Round, key: str, language: str = "zh") -> Section:
    built = build_fairness(made.result, made.scheme, made.snapshot, language)
    return next(part for part in built.districts[0].sections if part.key == key)


def without_fairness(made: Round) -> Round:
    scheme = made.scheme.scheme.model_copy(update={"fairness": None})
    return replace(made, scheme=replace(made.scheme, scheme=scheme))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_section_has_a_finding_and_says_what_to_do(tmp_path: Path, language: str) -> None:
    made = make_fair(tmp_path)
    built = build_fairness(made.result, made.scheme, made.snapshot, language)
    parts = built.districts[0].sections
    assert [part.key for part in parts] == SECTIONS
    assert all(part.finding and part.action and part.lead for part in parts)
    page = page_of(made, tmp_path, language)
    assert page.count('class="action"') == len(SECTIONS)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_loaded_from_outside_and_nothing_runs(tmp_path: Path, language: str) -> None:
    page = page_of(make_fair(tmp_path), tmp_path, language)
    assert not re.search(r"https?:|<script|<link|@import|url\(|src=|\son\w+=", page)
    assert not re.search(r"{\w+}", page), "a parameter was not filled"


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    made = make_fair(tmp_path)
    assert page_of(made, tmp_path / "a") == page_of(made, tmp_path / "b")


def test_a_ranking_that_the_data_do_not_carry_is_refused_with_its_width(tmp_path: Path) -> None:
    page = page_of(make_fair(tmp_path), tmp_path)
    assert "16人的名次范围多半宽达13名，分不出先后，不排名次。" in page
    assert "13名" not in page_of(make_fair(tmp_path, ranking="carried"), tmp_path)


def test_pictures_have_no_name_and_no_id(tmp_path: Path) -> None:
    made = make_fair(tmp_path)
    pictures = section(made, "groups").pictures + section(made, "drivers").pictures
    assert len(pictures) == 5
    for column in ("name", "assessee_id"):
        people = made.result["scores"][column].to_pylist()
        assert not [who for who in people for picture in pictures if who in picture]


def test_a_group_with_too_few_people_is_told_in_words(tmp_path: Path) -> None:
    made = make_fair(tmp_path, workers=[[Worker()] * 4, [Worker()] * 4])
    assert all("只有 4 人，少于 6 人，不画图" in picture for picture in section(made, "groups").pictures)


def test_people_below_the_threshold_are_in_no_picture(tmp_path: Path) -> None:
    few = Worker(n=20, status="not_assessed", reason="too_few", grade=None)
    made = make_fair(tmp_path, workers=[*PEOPLE, [few, few]])
    assert all(picture.count("16 人") >= 1 for picture in section(made, "groups").pictures)


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("none", "没有一项条件"),
        ("unclear", "还说不准的：辖区租户比例"),
        ("unfair", "容许范围的条件：辖区租户比例"),
    ],
)
def test_the_finding_on_slopes_follows_the_verdict_after_adjustment(
    tmp_path: Path, verdict: str, said: str
) -> None:
    assert said in section(make_fair(tmp_path, slope=verdict), "slopes").finding


def test_slopes_stand_before_and_after_with_their_intervals(tmp_path: Path) -> None:
    rows = section(make_fair(tmp_path), "slopes").tables[0].rows
    assert rows[0] == (
        "辖区租户比例",
        "−1.20（−1.25 至 −1.15）",
        "−0.10（−0.15 至 −0.05）",
        "在容许范围内",
    )
    assert rows[1][0] == "考核对象本人的性别（女）"


def test_who_was_heard_less_is_named_and_who_was_heard_more_is_not(tmp_path: Path) -> None:
    heard = section(make_fair(tmp_path), "heard")
    assert heard.finding == "回答偏少的：住房来源 · 1。"
    assert heard.notes == ("32 个评价范围中，3 个的回答率低于 30%。",)


def test_mode_effects_say_where_they_come_from(tmp_path: Path) -> None:
    rows = section(make_fair(tmp_path), "steps").tables[1].rows
    by_level = {row[1]: row for row in rows}
    assert by_level["电话，与“入户”相比"][2] == "这项差别由抽签决定调查方式的答卷比出，最可靠。"
    assert by_level["短信，与“入户”相比"][2] == "这种调查方式没有经过抽签，不作调整。"
    assert by_level["电话，与“入户”相比"][3:] == ("−0.60", "−0.80 至 −0.40")


def test_a_covariate_without_a_word_keeps_its_own_name(tmp_path: Path) -> None:
    assert "share_of_moonlight" in page_of(make_fair(tmp_path), tmp_path)


def test_borderline_decisions_are_counted_and_listed(tmp_path: Path) -> None:
    assert section(make_fair(tmp_path), "borderline").finding == "本期没有临界的决定。"
    named = section(make_fair(tmp_path, borderline=("W00101", "W00203")), "borderline")
    assert named.finding == "有 2 人的决定在界线上：W00101、W00203。"


def test_drivers_are_called_association_and_items_to_improve_first_are_named(tmp_path: Path) -> None:
    made = section(make_fair(tmp_path), "drivers")
    assert "不是因果" in made.lead
    assert "提供社区服务" in made.finding
    none = section(make_fair(tmp_path, quadrants=("keep_up", "enough")), "drivers")
    assert "关系较大的题得分都不低" in none.finding


def test_no_item_is_named_where_the_intervals_of_drivers_meet(tmp_path: Path) -> None:
    finding = section(make_fair(tmp_path, driver_error=0.006), "drivers").finding
    assert finding.startswith("各题的区间有重叠")
    assert "提供社区服务" not in finding


def test_markup_in_names_is_escaped(tmp_path: Path) -> None:
    made = make_fair(tmp_path, borderline=("<b>W1</b>",))
    page = page_of(made, tmp_path)
    assert "&lt;b&gt;W1&lt;/b&gt;" in page
    assert "<b>W1" not in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_scheme_without_fairness_gets_a_page_that_says_so(tmp_path: Path, language: str) -> None:
    page = page_of(without_fairness(make_round(tmp_path)), tmp_path, language)
    assert {"zh": "没有“公平”部分", "en": "no part on fairness"}[language] in page
    assert "<section" not in page


@pytest.mark.parametrize("empty", ["fairness", "comparison_groups", "drivers", "coefficients"])
def test_a_table_without_rows_becomes_words(tmp_path: Path, empty: str) -> None:
    made = make_fair(tmp_path)
    tables: dict[str, Any] = {**made.result.tables, empty: made.result[empty].slice(0, 0)}
    built = build_fairness(replace(made.result, tables=tables), made.scheme, made.snapshot)
    assert [part.key for part in built.districts[0].sections] == SECTIONS
    assert all(part.finding for part in built.districts[0].sections)


def test_a_result_without_ballots_says_that_there_is_no_report(tmp_path: Path) -> None:
    assert "没有可以检查的答卷" in page_of(make_round(tmp_path), tmp_path)


def test_demonstration_data_are_called_so_at_the_top(tmp_path: Path) -> None:
    page = page_of(make_fair(tmp_path), tmp_path)
    assert page.index("演示数据") < page.index("<h1>")


def test_two_districts_stand_apart_and_only_own_people_are_in_their_pictures(tmp_path: Path) -> None:
    made = make_fair(tmp_path)
    other = "990000"
    tables = dict(made.result.tables)
    for name in ("comparison_groups", "fairness"):
        twice = [*tables[name].to_pylist(), *[{**row, "district": other} for row in tables[name].to_pylist()]]
        tables[name] = pa.Table.from_pylist(twice, schema=tables[name].schema)
    built = build_fairness(replace(made.result, tables=tables), made.scheme, made.snapshot)
    assert [part.name for part in built.districts] == ["云山区", other]
    pictures = [
        next(each for each in part.sections if each.key == "groups").pictures for part in built.districts
    ]
    assert all("16 人" in picture for picture in pictures[0])
    assert all("只有 0 人" in picture for picture in pictures[1])


def test_with_many_comparison_groups_the_table_has_all_and_the_pictures_stop(tmp_path: Path) -> None:
    made = make_fair(tmp_path)
    row = made.result["comparison_groups"].to_pylist()[0]
    many = [{**row, "comparison_group": f"第{number}社区"} for number in range(MOST_PICTURED + 3)]
    groups = pa.Table.from_pylist(many, schema=made.result["comparison_groups"].schema)
    tables = {**made.result.tables, "comparison_groups": groups}
    found = section(replace(made, result=replace(made.result, tables=tables)), "groups")
    assert len(found.tables[0].rows) == MOST_PICTURED + 3
    assert len(found.pictures) == 2 * MOST_PICTURED
    assert found.notes == (f"可比组多于 {MOST_PICTURED} 个，图只画前 {MOST_PICTURED} 个；表中是全部。",)


def test_a_group_at_the_ceiling_is_warned_of(tmp_path: Path) -> None:
    made = make_fair(tmp_path)
    rows = [{**row, "ceiling": True} for row in made.result["comparison_groups"].to_pylist()]
    groups = pa.Table.from_pylist(rows, schema=made.result["comparison_groups"].schema)
    tables = {**made.result.tables, "comparison_groups": groups}
    notes = section(replace(made, result=replace(made.result, tables=tables)), "groups").notes
    assert len(notes) == 2
    assert notes[0].startswith("甲：半数以上答卷为满分")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_warnings_of_the_run_stand_in_the_first_section(tmp_path: Path, language: str) -> None:
    made = make_fair(tmp_path)
    warnings = [
        {"code": "x", "zh": "第一条提示", "en": "first note"},
        {"code": "y", "zh": "第二条", "en": "second"},
    ]
    page = page_of(
        replace(made, result=replace(made.result, head={**made.result.head, "warnings": warnings})),
        tmp_path,
        language,
    )
    first = page[page.index("<section") : page.index("</section>")]
    assert all(warning[language] in first for warning in warnings)


def test_the_introduction_names_only_what_was_levelled(tmp_path: Path) -> None:
    made = make_fair(tmp_path)
    assert "同样的居民、同样的调查方式、同样的辖区条件" in section(made, "steps").lead
    kept = [row for row in made.result["fairness"].to_pylist() if "ground" not in row["subject"]]
    findings = pa.Table.from_pylist(kept, schema=made.result["fairness"].schema)
    tables = {**made.result.tables, "fairness": findings}
    lead = section(replace(made, result=replace(made.result, tables=tables)), "steps").lead
    assert "同样的调查方式，得分" in lead
    assert "辖区条件" not in lead


def test_shrinkage_is_the_largest_step_only_where_it_counts(tmp_path: Path) -> None:
    made = make_fair(tmp_path)
    assert "按可靠程度向组均值靠拢" not in section(made, "steps").finding
    assert "按可靠程度向组均值靠拢" in section(counting(made, "shrunken"), "steps").finding


def test_where_intervals_of_drivers_meet_no_field_and_no_order_is_given(tmp_path: Path) -> None:
    alike = section(make_fair(tmp_path, driver_error=0.006), "drivers")
    assert {row[1] for row in alike.tables[0].rows} == {"分不出"}
    assert alike.action == "先不排顺序；看得分最低的题。"
    assert "先改进" not in alike.pictures[0]
    apart = section(make_fair(tmp_path / "apart"), "drivers")
    assert "先改进" in apart.pictures[0]
    assert [row[1] for row in apart.tables[0].rows] == ["先改进", "继续保持", "稍后改进", "已经够好"]


def test_wide_tables_say_that_they_can_be_slid_sideways(tmp_path: Path) -> None:
    page = page_of(make_fair(tmp_path), tmp_path)
    assert page.count("可左右滑动") == page.count('class="scroll wide"') + page.count("<figure")
    assert page.count('class="scroll wide"') > 0
