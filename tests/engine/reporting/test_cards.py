"""What a card says: scores past the thresholds, differences past error, no rank without a comparison."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from minping_engine.assessment.result import Result
from minping_engine.reporting.card_model import CardData
from minping_engine.reporting.card_parts import axis_for
from minping_engine.reporting.cards import build_cards, build_frame
from minping_engine.reporting.grade_words import grade_labels
from minping_engine.scheme import load_scheme
from minping_engine.scheme.model import ChanceGrades, Grading, QuotaGrades
from minping_engine.terms import AssesseeKind
from tests.engine.reporting.factory import Worker, make_round, scheme_with_items

TOO_FEW = Worker(n=22, status="not_assessed", reason="too_few", grade=None)
HIDDEN = Worker(n=7, status="not_assessed", reason="too_few", grade=None)
NO_SAMPLE = Worker(n=0, status="not_assessed", reason="no_sample", grade=None)


def cards_of(folder: Path, *first: Worker, language: str = "zh", **options: Any) -> list[CardData]:
    """Cards of a round whose first community starts with these workers."""
    made = make_round(folder, [[*first, *[Worker()] * 4], [Worker(points=89.0)] * 3], **options)
    return build_cards(made.result, made.scheme, made.snapshot, language)


def with_rows(result: Result, name: str, rows: list[dict[str, Any]]) -> Result:
    """The result with another content of one table."""
    table = pa.Table.from_pylist(rows, schema=result[name].schema)
    return replace(result, tables={**result.tables, name: table})


def test_a_card_shows_score_grade_and_means_of_community_and_district(tmp_path: Path) -> None:
    card = cards_of(tmp_path, Worker(points=91.37 + 1.6))[0]
    assert (card.score, card.grade) == ("91.37", "良好")
    assert [mark.label for mark in card.marks] == ["本人", "清苑社区均值", "全区均值"]


def test_a_card_of_a_place_does_not_speak_of_a_person(tmp_path: Path) -> None:
    loaded = load_scheme("gulou-worker", demo=True)
    place = replace(loaded, scheme=loaded.scheme.model_copy(update={"assessee_kind": AssesseeKind.AREA}))
    made = make_round(tmp_path, scheme=place)
    card = build_cards(made.result, made.scheme, made.snapshot)[0]
    frame = build_frame(made.result, made.scheme, made.snapshot, "zh")
    assert card.marks[0].label == "本期得分"
    assert (frame.words["sign_own"], frame.words["agreed"]) == ("负责人", "商定的措施：")


def test_a_community_of_two_has_no_mean_on_the_card(tmp_path: Path) -> None:
    made = make_round(tmp_path, [[Worker()] * 2, [Worker()] * 5])
    card = build_cards(made.result, made.scheme, made.snapshot)[0]
    assert "清苑社区均值" not in [mark.label for mark in card.marks]


def test_below_the_threshold_for_showing_no_number_of_the_score_is_left(tmp_path: Path) -> None:
    card = cards_of(tmp_path, HIDDEN)[0]
    assert (card.score, card.marks, card.items, card.answered.modes) == ("", (), (), ())
    assert card.reason.startswith("有效答卷7份，少于30份")
    assert "少于 10 份时不显示" in card.reason


def test_too_few_ballots_give_a_score_for_information_without_grade_or_verdict(tmp_path: Path) -> None:
    card = cards_of(tmp_path, TOO_FEW)[0]
    assert (card.is_assessed, card.grade, card.verdict) == (False, "", "")
    assert card.grade_note == "仅供参考，不作评定"


def test_a_score_that_cannot_be_levelled_is_not_explained_by_too_few_ballots(tmp_path: Path) -> None:
    card = cards_of(tmp_path, Worker(status="not_assessed", reason="not_levelled", grade=None))[0]
    assert card.reason == "方案以拉平后的得分为准，而这里拉平不了，本期不评；这不是低分。"


def test_a_score_without_an_interval_still_says_from_how_many_ballots_it_comes(tmp_path: Path) -> None:
    made = make_round(tmp_path)
    rows = made.result["scores"].to_pylist()
    rows[0] |= {"score_low": None, "score_high": None}
    card = build_cards(with_rows(made.result, "scores", rows), made.scheme, made.snapshot)[0]
    assert card.statement == "得分来自 312 份答卷；重新调查会略有不同。"


def test_no_sample_says_that_silence_is_not_satisfaction(tmp_path: Path) -> None:
    assert "没有答卷不等于不满意" in cards_of(tmp_path, NO_SAMPLE)[0].reason


def test_without_published_bands_the_card_says_so(tmp_path: Path) -> None:
    made = make_round(tmp_path, [[Worker(grade=None)] * 4])
    card = build_cards(made.result, made.scheme.changed(grading=Grading()), made.snapshot)[0]
    assert (card.grade, card.grade_note) == ("", "等次线未公布")


def test_fewer_ballots_than_the_target_are_flagged(tmp_path: Path) -> None:
    assert cards_of(tmp_path, Worker(n=212))[0].flag == "答卷 212/300，未达目标数"


def test_a_difference_within_error_is_called_neither_above_nor_below(tmp_path: Path) -> None:
    near, far = cards_of(tmp_path, Worker(points=93.5), Worker(points=70.0))[:2]
    assert near.verdict.startswith("与全区均值的差距在误差之内")
    assert "超出抽样误差" in far.verdict


def test_within_error_the_wider_range_that_decides_is_printed_and_drawn(tmp_path: Path) -> None:
    """The printed interval (with population correction) may leave the mean out; the wider range holds it."""
    made = make_round(tmp_path, [[Worker(points=93.0), *[Worker()] * 4]])
    row = made.result["scores"].to_pylist()[0]
    card = build_cards(made.result, made.scheme, made.snapshot)[0]
    own, mean = card.marks[0], row["score"] - row["difference"]
    assert own.wide_low is not None
    assert own.wide_high is not None
    assert not row["low"] <= mean <= row["high"]
    assert own.wide_low <= mean <= own.wide_high
    assert f"（比较个人用更宽的范围：{own.wide_low:.2f} 到 {own.wide_high:.2f}）" in card.verdict


def test_the_range_that_decides_is_never_narrower_than_the_printed_interval(tmp_path: Path) -> None:
    """Intervals of few ballots are wider than normal ones: the thin line must not hide under the thick."""
    made = make_round(tmp_path)
    rows = made.result["scores"].to_pylist()
    score = rows[0]["score"]
    rows[0] |= {"score_low": score - 6.0, "score_high": score + 6.0, "difference": -5.9}
    card = build_cards(with_rows(made.result, "scores", rows), made.scheme, made.snapshot)[0]
    assert (card.marks[0].wide_low, card.marks[0].wide_high) == (score - 6.0, score + 6.0)
    assert card.verdict.startswith("与全区均值的差距在误差之内。")


def test_the_card_names_the_mean_of_the_year_so_far(tmp_path: Path) -> None:
    """S2: the annual mean stands beside the quarter's score."""
    assert "本年已评 4 期，平均 90.87 分" in cards_of(tmp_path, Worker(points=92.97))[0].verdict


def test_the_trend_leaves_out_periods_of_another_scheme_version(tmp_path: Path) -> None:
    made = make_round(tmp_path)
    other = {**made.result.head, "scheme": {"id": "gulou-worker", "version": "2021.1"}}
    same, changed = (
        build_cards(replace(made.result, head=head), made.scheme, made.snapshot)[0]
        for head in (made.result.head, other)
    )
    assert len(same.trend) > 1
    assert len(changed.trend) <= 1


def test_a_card_without_a_comparison_holds_no_rank(tmp_path: Path) -> None:
    text = str([asdict(card) for card in cards_of(tmp_path)])
    assert "名次" not in text
    assert "排名" not in text


def test_up_to_eight_items_are_all_shown(tmp_path: Path) -> None:
    card = cards_of(tmp_path, scheme=scheme_with_items(8))[0]
    assert (len(card.items), card.items_note) == (8, "")


def test_of_many_items_the_weakest_five_and_strongest_three_are_shown(tmp_path: Path) -> None:
    card = cards_of(tmp_path, scheme=scheme_with_items(73))[0]
    shares = [item.share or 0.0 for item in card.items]
    assert (len(shares), card.items_note[:6]) == (8, "共 73 题")
    assert min(shares) < max(shares)


def test_advice_is_for_the_two_weakest_items_and_comes_from_the_scheme(tmp_path: Path) -> None:
    card = cards_of(tmp_path)[0]
    assert {advice.item for advice in card.advice} == {item.name for item in card.items if item.has_advice}
    assert len(card.advice) == 2
    assert "优先走访" in card.advice[0].text


@pytest.mark.parametrize(
    ("offsets", "lead"),
    [
        ((-1.0, -2.0, 0.5, 0.5, 0.5), "与均值相比最需要改进的两题"),
        ((-1.0, 0.1, 0.5, 0.5, 0.5), "只有一题低于均值；另一题还可以再提高"),
        ((0.0, 0.1, 0.5, 0.5, 0.5), "各题都不低于均值；还可以再提高的两题"),
        ((-0.0004, 0.1, 0.5, 0.5, 0.5), "各题都不低于均值；还可以再提高的两题"),
    ],
)
def test_only_what_is_printed_below_the_mean_is_said_to_need_work(
    tmp_path: Path, offsets: tuple[float, ...], lead: str
) -> None:
    made = make_round(tmp_path)
    groups = [
        row | {"mean": row["mean"] and round(row["mean"], 1)} for row in made.result["groups"].to_pylist()
    ]
    means = {row["variable"]: row["mean"] for row in groups if row["level"] == "district"}
    rows = made.result["indicators"].to_pylist()
    for row, offset in zip(rows, offsets, strict=False):
        row["points"] = means[row["indicator"]] + offset
    changed = with_rows(with_rows(made.result, "groups", groups), "indicators", rows)
    assert build_cards(changed, made.scheme, made.snapshot)[0].advice_lead == lead


def test_without_a_mean_the_lowest_shares_are_named_and_nothing_is_called_below_it(tmp_path: Path) -> None:
    made = make_round(tmp_path, [[Worker()] * 2])
    card = build_cards(made.result, made.scheme, made.snapshot)[0]
    assert card.advice_lead == "得分占满分比例最低的两题"


def test_a_change_within_error_has_a_circle_and_no_arrow(tmp_path: Path) -> None:
    directions = {item.change: item.direction for item in cards_of(tmp_path)[0].items}
    assert directions["0.0"] == 0
    assert directions["+0.9"] == 1


def test_without_history_there_is_no_trend_and_no_change(tmp_path: Path) -> None:
    card = cards_of(tmp_path, history=False)[0]
    assert card.trend == ()
    assert {item.change for item in card.items} == {"–"}


def test_the_trend_ends_with_this_period(tmp_path: Path) -> None:
    points = cards_of(tmp_path)[0].trend
    assert len(points) == 8
    assert [point.is_current for point in points] == [False] * 7 + [True]


def test_below_the_threshold_for_showing_nobody_reads_how_many_of_few_drawn_answered(tmp_path: Path) -> None:
    labels = [fact[0] for fact in cards_of(tmp_path, HIDDEN)[0].answered.facts]
    assert labels == ["有效答卷", "住户", "走访"]


def test_a_shared_area_counts_for_both_by_their_shares_and_no_estimate_is_called_the_same(
    tmp_path: Path,
) -> None:
    made = make_round(tmp_path)
    rows = made.result["scores"].to_pylist()
    rows[0]["shared_target"] = True
    shared = with_rows(made.result, "scores", rows)
    note = build_cards(shared, made.scheme, made.snapshot)[0].answered.note
    assert "两人都计入，按各自份额加权" in note


def test_the_footer_promises_only_what_trace_can_compute_again(tmp_path: Path) -> None:
    made = make_round(tmp_path)
    footer = build_frame(made.result, made.scheme, made.snapshot, "zh").footer
    assert footer[-1] == "得分和各题得分可用 minping trace 重算"


CHANCES = Grading(chances=ChanceGrades(excellent_from=94, support_below=85))
QUOTA = Grading(quota=QuotaGrades(percent=15))


@pytest.mark.parametrize(
    ("grading", "grade", "zh", "en"),
    [
        (CHANCES, "excellent", "优秀", "excellent"),
        (CHANCES, "middle", "未到分界线", "between the lines"),
        (CHANCES, "needs_support", "需要帮扶", "needs support"),
        (QUOTA, "excellent", "优秀", "excellent"),
        (QUOTA, "middle", "未入选", "not selected"),
    ],
)
def test_a_grade_by_chance_or_quota_has_a_label_that_claims_no_middle(
    tmp_path: Path, grading: Grading, grade: str, zh: str, en: str
) -> None:
    loaded = load_scheme("gulou-worker", demo=True)
    graded = loaded.changed(grading=grading)
    card = cards_of(tmp_path, Worker(grade=grade), scheme=graded)[0]
    assert (card.grade, grade_labels(graded, "en")[grade]) == (zh, en)


def test_labels_of_bands_are_the_schemes_from_the_best_down() -> None:
    loaded = load_scheme("gulou-worker", demo=True)
    assert list(grade_labels(loaded, "zh").items())[:2] == [("A", "优秀"), ("B", "良好")]


def test_without_a_frame_no_response_rate_is_claimed(tmp_path: Path) -> None:
    facts = [fact[0] for fact in cards_of(tmp_path, frame=False)[0].answered.facts]
    assert facts == ["有效答卷", "走访"]


def test_the_frame_says_that_data_are_invented_only_if_they_are(tmp_path: Path) -> None:
    invented = make_round(tmp_path / "a")
    real = make_round(tmp_path / "b", synthetic=False)
    scheme = replace(real.scheme, values={})
    assert build_frame(invented.result, invented.scheme, invented.snapshot, "zh").is_demo
    assert not build_frame(real.result, scheme, real.snapshot, "zh").is_demo


@pytest.mark.parametrize(
    "values", [[0.0, 0.0], [100.0, 100.0], [99.999], [3.0, 97.0], [91.2, 91.20001], [None, 50.0]]
)
def test_an_axis_holds_all_values_and_has_ticks_to_read_them_by(values: list[float | None]) -> None:
    axis = axis_for(values, 100.0)
    known = [value for value in values if value is not None]
    assert axis.low <= min(known)
    assert axis.high >= max(known)
    assert axis.low < axis.high
    assert 2 <= len(axis.ticks) <= 8
