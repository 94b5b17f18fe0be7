"""Texts, hours, money, and what may be said about a message somebody got."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from minping_web.channels.rules import asking, hours, money, texts
from minping_web.channels.rules.asking import Known, Verdict
from minping_web.channels.services.presets import SIGNATURE, WORDINGS

HOSTS = ["minping.example.cn", "localhost"]
KNOWN = [
    Known(SIGNATURE[0], texts.composed(SIGNATURE[0], zh, language="zh", stop_word="R").partition("】")[2])
    for _title, zh, _en in WORDINGS.values()
]
REAL = "【民评办】请您评价和平社区的社区工作者，约2分钟，10月31日前有效：https://minping.example.cn/v/ABCD拒收请回复R"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 9, day, hour, minute, tzinfo=UTC)


def codes(body: str, purpose: str = "invite") -> set[str]:
    return {one.code for one in texts.faults(body, purpose=purpose, key="zh")}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("请评价：{url}", "channels.gap_unknown"),
        ("请评价：{link", "channels.gap_unknown"),
        ("请评价您的社区", "channels.link_missing"),
        ("评价抽大奖{link}", "channels.selling_words"),
        ("【民评办】请评价{link}", "channels.signature_inside"),
        ("请评价\u200b{link}", "channels.unseen_character"),
        ("请到 https://a.cn 或{link}", "channels.foreign_link"),
    ],
)
def test_a_wording_is_refused_for(body: str, code: str) -> None:
    assert code in codes(body)


def test_the_texts_to_begin_with_have_no_fault() -> None:
    for purpose, (_title, zh, en) in WORDINGS.items():
        assert codes(zh, purpose) == codes(en, purpose) == set()


def test_a_notice_needs_no_link() -> None:
    assert codes("评价安排有调整", "notice") == set()


@pytest.mark.parametrize(("length", "parts"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3)])
def test_parts_are_counted_as_carriers_bill_them(length: int, parts: int) -> None:
    assert texts.parts_of("评" * length) == parts


def test_a_sign_beyond_the_first_plane_counts_twice() -> None:
    assert texts.parts_of("评" * 69 + "𠮷") == 2


@pytest.mark.parametrize(
    ("hour", "minute", "may"), [(8, 59, False), (9, 0, True), (19, 59, True), (20, 0, False), (0, 0, False)]
)
def test_messages_leave_by_day_only(hour: int, minute: int, may: bool) -> None:
    assert hours.may_send(at(1, hour, minute), 9, 20) is may


def test_the_next_window_is_this_morning_or_tomorrow() -> None:
    assert hours.next_window(at(1, 3), 9, 20) == at(1, 9)
    assert hours.next_window(at(1, 21), 9, 20) == at(2, 9)


def test_costs_are_rounded_up_and_never_bought_short() -> None:
    assert money.cost_fen(3, 45) == 14
    assert money.affordable_parts(14, 45) == 3
    assert money.affordable_parts(13, 45) == 2
    assert money.affordable_parts(0, 0) is None


@pytest.mark.parametrize(
    ("text", "verdict", "why"),
    [
        (REAL, Verdict.YES, "fits"),
        ("【民评办】请您评价和平社区的社区工作者", Verdict.YES, "fits"),
        ("请您评价 东街道和平社区 的社区工作者，约 2 分钟", Verdict.YES, "fits"),
        (REAL.replace("example.cn", "example-cn.top"), Verdict.NO, "foreign_link"),
        ("【民评局】请您评价和平社区的社区工作者", Verdict.NO, "wrong_signature"),
        ("【民评办】请您", Verdict.UNKNOWN, "too_short"),
        ("【民评办】您的银行卡已冻结，请立即致电", Verdict.UNKNOWN, "no_match"),
        (REAL.replace("拒收请回复R", "，并致电核对银行卡号"), Verdict.UNKNOWN, "no_match"),
        ("【民评办】请您评价和平社区的社区工作者，约2分钟，速回02580001234", Verdict.UNKNOWN, "no_match"),
        ("【民评办】请您评价和平社区的社区工作者，约2分钟，请转账到", Verdict.UNKNOWN, "no_match"),
        ("【民评办】请您评价和平社区的社区工作者，约2分钟，10月3", Verdict.YES, "fits"),
        ("和平社区和平社区和平社区", Verdict.UNKNOWN, "no_match"),
        ("请您评价" + "和" * 41 + "的社区工作者", Verdict.UNKNOWN, "no_match"),
    ],
)
def test_what_is_said_about_a_message(text: str, verdict: Verdict, why: str) -> None:
    answer = asking.judged(text, KNOWN, HOSTS)
    assert (answer.verdict, answer.why) == (verdict, why)


def test_the_answer_comes_quickly_for_texts_made_to_be_slow() -> None:
    import time

    begin = time.process_time()
    for text in ("请您评价" * 150, "的" * 600, "{" * 600):
        asking.judged(text, KNOWN * 20, HOSTS)
    assert time.process_time() - begin < 2
