"""The block "among comparable colleagues": what a card says of level conditions, ranks, ties and change."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minping_engine.reporting import write_cards
from minping_engine.reporting.card_comparison import shares_of
from minping_engine.reporting.card_model import CardData, Comparison
from minping_engine.reporting.cards import build_cards
from minping_engine.reporting.numbers import rounded
from minping_engine.scheme.model import ComparisonGroup
from minping_engine.terms import AssesseeKind
from tests.engine.reporting.compared_factory import FIRST, make_fair_round
from tests.engine.reporting.factory import Worker, scheme_with_items
from tests.engine.reporting.pdf import pages_of, picture_of, text_of


def card_of(
    folder: Path, first: dict[str, Any] | None = None, language: str = "zh", **options: Any
) -> CardData:
    """Card of the first worker."""
    made = make_fair_round(folder, first, **options)
    return build_cards(made.result, made.scheme, made.snapshot, language, {FIRST})[0]


def block_of(folder: Path, first: dict[str, Any] | None = None, **options: Any) -> Comparison:
    """Her block."""
    block = card_of(folder, first, **options).comparison
    assert block is not None
    return block


def lines_of(folder: Path, first: dict[str, Any] | None = None, **options: Any) -> dict[str, str]:
    """Sentences by label."""
    return dict(block_of(folder, first, **options).lines)


def test_the_group_and_how_many_are_compared_are_named(tmp_path: Path) -> None:
    assert block_of(tmp_path).group == "可比组：乙类，共比较5人"


def test_a_group_of_one_place_each_is_named_without_its_id(tmp_path: Path) -> None:
    made = make_fair_round(tmp_path, {"comparison_group": "320106001 湖山路街道"})
    fairness = made.scheme.scheme.fairness
    assert fairness is not None
    rule = ComparisonGroup(level="street", attribute="self")
    scheme = made.scheme.with_fairness(fairness.model_copy(update={"comparison_group": rule}))
    card = build_cards(made.result, scheme, made.snapshot, "zh", {FIRST})[0]
    assert card.comparison is not None
    assert card.comparison.group == "可比组：湖山路街道，共比较5人"


def test_the_adjusted_score_stands_with_its_interval(tmp_path: Path) -> None:
    """89.77 is 1.6 below 91.37 by the factory, 0.10 less after adjustment; 1.96 x 0.8 = 1.57."""
    block = block_of(tmp_path)
    assert (block.score_label, block.score, block.interval) == ("条件拉平后", "89.67", "88.10–91.24")


def test_the_parts_taken_out_add_up_to_adjusted_less_direct_without_shrinkage(tmp_path: Path) -> None:
    text = lines_of(tmp_path)["拉平"]
    assert text == "答题人构成 +0.20、调查方式 +0.25、片区条件 −0.60、住户比例 +0.05；合计 −0.10 分。"


def test_a_part_that_the_scheme_does_not_adjust_is_not_named(tmp_path: Path) -> None:
    lines = lines_of(tmp_path, {"adjusted": 89.77 + 0.25}, steps={"age_band": 0.3, "sex": -0.1})
    assert lines["拉平"] == "答题人构成 +0.20、住户比例 +0.05；合计 +0.25 分。"
    assert lines["片区"] == "片区条件没有拉平：人数太少或没有数据。"


def test_a_part_of_nought_is_left_out_where_the_scheme_has_no_such_step(tmp_path: Path) -> None:
    made = make_fair_round(tmp_path, {"adjusted": 89.77 + 0.05}, steps={"mode": 0.0})
    fairness = made.scheme.scheme.fairness
    assert fairness is not None
    texts = []
    for changed in ({"context": ()}, {"context": (), "modes": None}):
        scheme = made.scheme.with_fairness(fairness.model_copy(update=changed))
        card = build_cards(made.result, scheme, made.snapshot, "zh", {FIRST})[0]
        assert card.comparison is not None
        texts.append(card.comparison.lines[0][1])
    assert texts == ["调查方式 0.00、住户比例 +0.05；合计 +0.05 分。", "住户比例 +0.05；合计 +0.05 分。"]


def test_the_ground_is_not_mentioned_where_it_was_levelled_or_not_asked_for(tmp_path: Path) -> None:
    assert "片区" not in lines_of(tmp_path)
    made = make_fair_round(tmp_path / "b", steps={"mode": -0.15})
    fairness = made.scheme.scheme.fairness
    assert fairness is not None
    scheme = made.scheme.with_fairness(fairness.model_copy(update={"context": ()}))
    card = build_cards(made.result, scheme, made.snapshot, "zh", {FIRST})[0]
    assert card.comparison is not None
    assert "片区" not in dict(card.comparison.lines)


@given(
    parts=st.lists(st.floats(-20, 20), min_size=1, max_size=4),
    direct=st.floats(40, 60),
)
def test_shown_parts_add_up_to_the_shown_move_and_none_is_off_by_a_hundredth(
    parts: list[float], direct: float
) -> None:
    total = rounded(direct + sum(parts), 2) - rounded(direct, 2)
    shown = shares_of(total, parts)
    assert sum(shown) == total
    assert all(abs(float(one) - part) < 0.01 + 1e-9 for one, part in zip(shown, parts, strict=True))


def test_a_rank_is_only_ever_a_range_with_its_confidence(tmp_path: Path) -> None:
    assert lines_of(tmp_path)["名次"] == "在5人中，名次在第2到第4名之间（把握95%）。"
    strip = block_of(tmp_path / "b").strip
    assert strip is not None
    assert (strip.low, strip.high, strip.last) == (0.25, 0.75, "第5名")


@pytest.mark.parametrize(
    ("standing", "words"),
    [("score_only", "不排名次"), ("no_differences", "看不出差别"), ("not_compared", "没有作比较")],
)
def test_who_has_no_rank_reads_why(tmp_path: Path, standing: str, words: str) -> None:
    block = block_of(tmp_path, {"standing": standing})
    assert words in dict(block.lines)["名次"]
    assert block.strip is None
    assert "并列" not in dict(block.lines)


def test_a_group_without_any_ranks_says_how_wide_they_would_be(tmp_path: Path) -> None:
    first = {"rank_low": None, "rank_high": None, "tie_band": None}
    lines = lines_of(tmp_path, first, group={"ranking": "too_wide", "median_width": 4.5})
    assert lines["名次"] == "5人的名次范围多半宽达5名，分不出先后，不排名次。"


def test_where_no_ranking_is_carried_the_place_is_rough_and_never_called_a_rank(tmp_path: Path) -> None:
    block = block_of(tmp_path, group={"ranking": "too_wide"})
    lines = dict(block.lines)
    assert "名次" not in lines
    assert lines["大致位置"] == "5人分不出先后，不排名次；大致第2到第4（把握95%）。"
    assert block.strip is not None
    assert (block.strip.first, block.strip.last) == ("第1", "第5")


def test_a_rough_place_of_one_is_no_range(tmp_path: Path) -> None:
    lines = lines_of(tmp_path, {"rank_low": 1, "rank_high": 1}, group={"ranking": "too_wide"})
    assert lines["大致位置"] == "5人分不出先后，不排名次；大致第1（把握95%）。"


@pytest.mark.parametrize("ranking", ["too_few", "one_assessee"])
def test_a_group_too_small_for_ranks_shows_no_place_at_all(tmp_path: Path, ranking: str) -> None:
    block = block_of(tmp_path, group={"ranking": ranking})
    assert block.strip is None
    assert "大致" not in str(block.lines)
    assert "名次。" in dict(block.lines)["名次"]


@pytest.mark.parametrize(
    ("first", "ranking", "sentence"),
    [
        ({"tie_band": 1}, "carried", "5人的得分首尾相连，没有断档，算作同一档。"),
        ({"tie_band": 2, "tie_rank": 5}, "carried", "与同组其他得分之间有断档，没有并列。"),
    ],
)
def test_ties_are_told_by_gaps(tmp_path: Path, first: dict[str, Any], ranking: str, sentence: str) -> None:
    assert lines_of(tmp_path, first, group={"ranking": ranking})["并列"] == sentence


@pytest.mark.parametrize(
    ("ranking", "sentence"),
    [
        ("carried", "第1到第5名之间没有断档，这5人算同一档。"),
        ("too_wide", "与另外4人之间没有断档，算作同一档。"),
    ],
)
def test_the_ranks_of_a_band_are_named_only_where_the_ranking_holds(
    tmp_path: Path, ranking: str, sentence: str
) -> None:
    lines = lines_of(tmp_path, {"ranked_of": 9}, group={"ranking": ranking})
    assert lines["并列"] == sentence


def test_a_joint_rank_is_for_two_only(tmp_path: Path) -> None:
    made = make_fair_round(tmp_path, {"tie_band": 2, "tie_rank": 4})
    rows = made.result["scores"].to_pylist()
    rows[1] |= {"tie_band": 2, "tie_rank": 4}
    scores = type(made.result["scores"]).from_pylist(rows, schema=made.result["scores"].schema)
    result = replace(made.result, tables={**made.result.tables, "scores": scores})
    card = build_cards(result, made.scheme, made.snapshot, "zh", {FIRST})[0]
    assert card.comparison is not None
    assert dict(card.comparison.lines)["并列"] == "与另外1人之间没有断档，并列第4名。"


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (2.0, "去掉运气成分，比上期提高2.0分（1.0到3.0分，把握95%）。"),
        (1.0, "去掉运气成分，比上期提高1.00分（0.02到1.98分，把握95%）。"),
        (-2.0, "去掉运气成分，比上期低2.0分（1.0到3.0分，把握95%）：先找原因。"),
        (0.4, "与上期的变化在误差之内（−0.6到+1.4分），不算升降。"),
    ],
)
def test_change_is_a_gain_a_loss_or_not_clear(tmp_path: Path, progress: float, words: str) -> None:
    assert lines_of(tmp_path, {"progress": progress, "progress_se": 0.5})["进退"] == words


def test_the_grade_says_how_sure_it_is(tmp_path: Path) -> None:
    assert lines_of(tmp_path)["等次"] == "等次“良好”很可能准确（把握88%）。"
    assert "等次" not in lines_of(tmp_path / "b", {"grade_chance": None})


def test_what_the_result_does_not_know_leaves_no_trace(tmp_path: Path) -> None:
    names = ("tie_band", "tie_rank", "rank_low", "rank_high", "ranked_of", "grade_chance", "weighted")
    card = card_of(tmp_path, {**dict.fromkeys(names), "comparison_group": None})
    assert card.comparison is not None
    assert card.comparison.group == "可比组：全区"
    assert "None" not in str(asdict(card.comparison)["lines"])
    assert all(text for _, text in card.comparison.lines)


def test_nobody_is_compared_without_fairness_in_the_scheme(tmp_path: Path) -> None:
    made = make_fair_round(tmp_path)
    cards = build_cards(made.result, made.scheme.with_fairness(None), made.snapshot)
    assert {card.comparison for card in cards} == {None}


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("unreliable", "偶然的成分还太大"),
        ("one_building", "超过50%的答卷来自同一栋楼"),
        ("too_few", "多半靠运气"),
    ],
)
def test_who_is_not_assessed_reads_why_and_is_not_compared(tmp_path: Path, reason: str, words: str) -> None:
    card = card_of(tmp_path, worker=Worker(status="not_assessed", reason=reason, grade=None))
    assert words in card.reason
    assert card.comparison is None
    assert card.grade_note == "仅供参考，不作评定"


def test_places_are_counted_as_places(tmp_path: Path) -> None:
    made = make_fair_round(tmp_path)
    scheme = replace(
        made.scheme, scheme=made.scheme.scheme.model_copy(update={"assessee_kind": AssesseeKind.COMMUNITY})
    )
    card = build_cards(made.result, scheme, made.snapshot, "zh", {FIRST})[0]
    assert card.comparison is not None
    assert dict(card.comparison.lines)["名次"].startswith("在5个中")


@pytest.mark.parametrize(("counts", "text"), [("adjusted", "89.67"), ("shrunken", "89.57")])
def test_the_big_number_is_the_estimate_that_counts_with_its_own_interval(
    tmp_path: Path, counts: str, text: str
) -> None:
    made = make_fair_round(tmp_path, counts=counts)
    rows = made.result["scores"].to_pylist()
    half = 1.959963984540054 * rows[0][f"{counts}_se"]
    score = rows[0][counts]
    rows[0] |= {"score": score, "score_low": score - half, "score_high": score + half}
    rows[0]["difference"] = score - 90.0
    scores = type(made.result["scores"]).from_pylist(rows, schema=made.result["scores"].schema)
    result = replace(made.result, tables={**made.result.tables, "scores": scores})
    card = build_cards(result, made.scheme, made.snapshot, "zh", {FIRST})[0]
    assert (card.score, card.marks[0].text) == (text, text)
    assert card.marks[0].low == pytest.approx(score - half, abs=1e-9)
    assert [mark.text for mark in card.marks[1:]] == ["90.00"]
    assert {mark.wide_low for mark in card.marks} == {None}
    assert f"{text}分" in card.statement
    assert "拉平前平均" in card.verdict
    assert card.trend_words.startswith("拉平前的得分")


def test_beside_an_adjusted_score_the_block_shows_the_score_before(tmp_path: Path) -> None:
    block = block_of(tmp_path, counts="adjusted")
    assert (block.score_label, block.score) == ("条件拉平前", "89.77")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("items", [1, 5, 6, 8, 73])
def test_a_card_with_the_block_stays_one_page_with_clean_margins(
    tmp_path: Path, items: int, language: str
) -> None:
    first = {"progress": -2.0, "progress_se": 0.5}
    long = scheme_with_items(items, long_texts=items > 8)
    made = make_fair_round(tmp_path, first, scheme=long, steps={"mode": -0.15}, group={"ranking": "too_wide"})
    write_cards(
        made.result, made.scheme, made.snapshot, tmp_path, language=language, processes=1, only={FIRST}
    )
    path = tmp_path / f"{FIRST}.pdf"
    picture = picture_of(path)
    assert pages_of(path) == 1
    margins = (picture[:12], picture[-12:], picture[:, :12], picture[:, -12:])
    assert all((margin == 255).all() for margin in margins)


def test_the_printed_card_has_heading_label_and_sentence(tmp_path: Path) -> None:
    made = make_fair_round(tmp_path)
    write_cards(made.result, made.scheme, made.snapshot, tmp_path, processes=1, only={FIRST})
    text = text_of(tmp_path / f"{FIRST}.pdf")
    for words in ("与同类比较", "条件拉平后", "名次在第2到第4名之间", "书记与本人商定的措施"):
        assert words in text


def test_no_english_sentence_of_the_block_has_chinese_words_of_ours(tmp_path: Path) -> None:
    block = card_of(tmp_path, {"progress": 2.0, "progress_se": 0.5}, "en").comparison
    assert block is not None
    own = [block.score_label, *(text for line in block.lines for text in line)]
    assert not re.search(r"[\u4e00-\u9fff]", " ".join(own))
