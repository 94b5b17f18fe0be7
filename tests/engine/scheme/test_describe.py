"""A scheme in words: the five parts of the manual, nothing unpublished taken for the rule (S18)."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

import pytest

from minping_engine.scheme import LoadedScheme, load_scheme, scheme_ids
from minping_engine.scheme.describe import Manual, Table, describe_scheme, value_state
from minping_engine.scheme.describe.context import context_of
from minping_engine.scheme.describe.criteria import criterion_words
from minping_engine.scheme.describe.document import texts_of
from minping_engine.scheme.describe.wording import Wording, both_languages
from minping_engine.scheme.expressions import Unit
from minping_engine.scheme.model import Bilingual, Disabled, Indicator

FIVE_PARTS = ("问卷结构", "评分", "抽样", "调查方式", "结果运用")


@pytest.fixture(scope="module")
def grids() -> LoadedScheme:
    return load_scheme("baotaqiao-grid")


def _everything(manual: Manual) -> str:
    return "\n".join(manual.texts)


def _rows(manual: Manual, first: str) -> list[list[str]]:
    """Rows of all tables whose row holds a cell that is `first`."""
    tables = [block for chapter in manual.chapters for block in chapter.blocks if isinstance(block, Table)]
    rows = [[cell.text for cell in row] for table in tables for row in table.rows]
    return [row for row in rows if first in row]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", scheme_ids())
def test_every_scheme_of_the_library_can_be_described(name: str, language: str) -> None:
    manual = describe_scheme(load_scheme(name, demo=True), language)
    assert len(manual.chapters) == 7
    assert not re.search(r"{\w+}", "\n".join(manual.texts))


@pytest.mark.parametrize("name", ["gulou-worker", "baotaqiao-grid"])
def test_the_manual_has_the_five_parts_in_order(name: str) -> None:
    """S18: the manual has five parts."""
    titles = [chapter.title for chapter in describe_scheme(load_scheme(name)).chapters[:5]]
    assert [part in title for part, title in zip(FIVE_PARTS, titles, strict=True)] == [True] * 5


def test_a_condition_stands_in_words_with_its_text_beside(grids: LoadedScheme) -> None:
    cells = [
        cell
        for chapter in describe_scheme(grids).chapters
        for block in chapter.blocks
        if isinstance(block, Table)
        for row in block.rows
        for cell in row
    ]
    (said,) = {cell.text for cell in cells if cell.small.startswith("verified_complaints >=")}
    assert said.startswith("查实的投诉不少于 1 次")


def test_a_deduction_is_told_in_percentage_points(grids: LoadedScheme) -> None:
    (row,) = _rows(describe_scheme(grids), "有求必应")
    assert row[-1].startswith("达到 95% 得满分，每低 1 个百分点扣 1 分")


def test_an_indicator_has_its_number_points_measure_and_line(grids: LoadedScheme) -> None:
    (row,) = _rows(describe_scheme(grids), "任务完成")
    assert row == ["2.1", "任务完成", "25", "任务完成率", "从 0% 到 100% 按比例得 0 至 25 分"]


def test_bands_stand_in_a_table_down_to_the_rest() -> None:
    told = _everything(describe_scheme(load_scheme("taiyuan-staffing")))
    assert "≤ 110%\n\n80\n" in told
    assert "其余\n\n0\n" in told


def test_an_unpublished_value_is_a_blank_and_its_place_is_marked(grids: LoadedScheme) -> None:
    manual = describe_scheme(grids)
    (row,) = [row for row in _rows(manual, "未公布，须由区里填写") if row[0] == "各档奖金"]
    assert row[1] == "＿＿＿（区里填写）"
    use = next(chapter for chapter in manual.chapters if "结果运用" in chapter.title)
    warning = " ".join(texts_of(use.blocks[0]))
    assert "留空由区里填写" in warning
    assert "各档奖金" in warning


def _money(loaded: LoadedScheme) -> list[str]:
    return [row[3] for row in _rows(describe_scheme(loaded), "奖金") if row[0] == "奖金"]


def test_a_number_that_rests_on_an_unfilled_value_is_a_blank_wherever_it_stands(grids: LoadedScheme) -> None:
    tiers = ("一档", "二档", "三档", "四档")
    assert _money(grids) == ["；".join(f"{tier} ＿＿＿ 元（区里填写）" for tier in tiers)]
    assert "不少于 ＿＿＿（区里填写）人" in _everything(describe_scheme(grids))


def test_demo_numbers_are_printed_where_they_are_asked_for() -> None:
    assert "一档 500 元" in _money(load_scheme("baotaqiao-grid", demo=True))[0]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", scheme_ids())
def test_every_scheme_says_what_the_district_fills_in(name: str, language: str) -> None:
    loaded = load_scheme(name)
    unfilled = [value for value in loaded.values.values() if value.origin == "unfilled"]
    told = _everything(describe_scheme(loaded, language))
    assert (Wording(language).say("filled_by") in told) is bool(unfilled)
    assert "Blank" not in told


GRADES = [
    ("press", "published"), ("law", "published"), ("document_copy", "copied"), ("inference", "inferred"),
    ("recommendation", "recommended"),
]  # fmt: skip


@pytest.mark.parametrize(("grade", "state"), GRADES)
def test_only_what_a_source_says_is_called_published(grade: str, state: str, grids: LoadedScheme) -> None:
    used = next(value for value in grids.values.values() if value.origin == "published")
    source = used.source.model_copy(update={"grade": grade})
    assert value_state(replace(used, source=source)) == state
    assert value_state(replace(used, source=source, origin="demo")) == "demo"


def test_what_the_district_filled_in_is_no_longer_marked() -> None:
    own = {"bonus_by_tier": {"tier_1": 70000}}
    manual = describe_scheme(load_scheme("baotaqiao-grid", values=own))
    (row,) = [row for row in _rows(manual, "区里填写") if row[0] == "各档奖金"]
    assert row[1] == "一档：700 元"
    assert not any("各档奖金" in notice for notice in manual.notices)


def test_a_recommendation_of_ours_is_not_called_published(grids: LoadedScheme) -> None:
    (row,) = _rows(describe_scheme(grids), "任务完成分值")
    assert row[-1] == "本项目建议"


def test_an_example_says_so_before_anything_else() -> None:
    manual = describe_scheme(load_scheme("gulou-street", demo=True))
    assert any(notice.startswith("示例") for notice in manual.notices)


def test_a_disabled_scheme_says_so() -> None:
    loaded = load_scheme("gulou-worker", demo=True)
    disabled = Disabled(rule="G1", why=Bilingual(zh="按点赞计分", en="counts likes"))
    stopped = loaded.changed(disabled=disabled)
    assert describe_scheme(stopped).notices[0] == "停用（G1）：按点赞计分"


CRITERIA = [
    ({"kind": "linear", "from": 0.2, "to": 0.05}, "从 20% 到 5% 按比例得 0 至 20 分"),
    ({"kind": "deduct", "full_from": 0.1, "per": 0.005, "points": 2, "counting": "begun",
      "low_is_good": True},
     "不超过 10% 得满分，每多 0.5 个百分点扣 2 分；不足一个单位的按一个单位计"),
    ({"kind": "per_step", "per": 0.1, "points": 1.5},
     "每 10 个百分点得 1.5 分，最多得满分；不足一个单位的不计"),
    ({"kind": "percentile"}, "按在可比组中超过的比例得分（相同的计一半）"),
    ({"kind": "z", "at_mean": 0.6, "per_sd": 0.1}, "等于可比组均值的得满分的 60%，每高一个标准差多得 10%"),
    ({"kind": "table", "shares": {"A": 1, "B": 0.8}}, "“A”得满分的 100%；“B”得满分的 80%"),
    ({"kind": "formula", "value": "measure * full"}, "得分＝任务完成率 × 本项满分"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("criterion", "told"), CRITERIA, ids=lambda part: part["kind"] if isinstance(part, dict) else ""
)
def test_every_kind_of_criterion_has_words(
    criterion: dict[str, object], told: str, grids: LoadedScheme
) -> None:
    data = {
        "id": "x",
        "title": {"zh": "某项", "en": "some"},
        "points": 20,
        "measure": "tasks",
        "criterion": criterion,
    }
    node = Indicator.model_validate(data)
    assert criterion_words(context_of(grids, "zh"), node).text == told


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (Fraction(19, 20), Unit.SHARE, "95%", "95%"),
        (Fraction(1), Unit.POINTS, "1 分", "1 point"),
        (Fraction(3), Unit.TIMES, "3 次", "3 times"),
        (Fraction(150000), Unit.FEN, "1,500 元", "1,500 yuan"),
        (Fraction(12345), Unit.FEN, "123.45 元", "123.45 yuan"),
        (Fraction(1, 3), None, "1/3", "1/3"),
    ],
)
def test_amounts_have_their_units(value: Fraction, unit: Unit | None, zh: str, en: str) -> None:
    assert (Wording("zh").amount(value, unit), Wording("en").amount(value, unit)) == (zh, en)


@pytest.mark.parametrize("key", sorted(both_languages()))
def test_every_word_has_both_languages_with_the_same_parameters(key: str) -> None:
    entry = both_languages()[key]
    assert set(entry) == {"zh", "en"}
    zh, en = (set(re.findall(r"{\w+}", entry[language])) for language in ("zh", "en"))
    assert zh == en


def test_a_value_that_is_a_whole_tree_is_told_in_its_place_only() -> None:
    manual = describe_scheme(load_scheme("gulou-street", demo=True))
    rows = [row for chapter in manual.chapters[5:6] for row in _rows(manual, "整段内容，见正文")]
    assert len(rows) == 1
