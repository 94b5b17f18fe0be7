"""Layouts where a careless guess would be wrong: each must be refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ballots import TEXTS, Ballot, make_ballots
from dressing import Columns, Layout, Sheet, csv_bytes, table, xlsx_bytes

LEAD: Columns = [
    ("网格编号", lambda b: b.grid),
    ("户号", lambda b: b.household),
    ("答题时间", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M}"),
]


def _trap(name: str, about: str, columns: Columns, *codes: str, seed: int) -> Layout:
    ballots = make_ballots(seed, 36)
    return Layout(
        name,
        about,
        {"data.csv": csv_bytes(table(columns, ballots))},
        ballots,
        outcome="refuse",
        refused_for=codes,
    )


def _texts(**changed: str) -> list[tuple[str, Callable[[Ballot], Any]]]:
    return [(changed.get(item, text), lambda b, item=item: b.label(item)) for item, text in TEXTS.items()]


def _sheets(name: str, about: str, names: tuple[str, str], code: str) -> Layout:
    ballots = make_ballots(510, 36)
    columns: Columns = [*LEAD, *_texts()]
    other = columns if code == "guess.sheets_repeat" else [(f"表二 {n}", c) for n, c in LEAD] + _texts()[:3]
    first, second = table(columns, ballots), table(other, ballots[: 30 if other is columns else 20])
    content = xlsx_bytes(Sheet(names[0], first), Sheet(names[1], second))
    return Layout(name, about, {"data.xlsx": content}, ballots, outcome="refuse", refused_for=(code,))


def trap_layouts() -> list[Layout]:
    """Eleven traps."""
    codes: Columns = [(text, lambda b, item=item: b.answer(item)) for item, text in TEXTS.items()]
    wjx: Columns = [
        ("序号", lambda b: b.number),
        ("提交答卷时间", lambda b: f"{b.answered_at:%Y/%-m/%-d %H:%M:%S}"),
        ("所用时间", lambda b: "60秒"),
        *[(f"{n}、{name}", cell) for n, (name, cell) in enumerate([*LEAD[:2], *codes], start=1)],
    ]
    negated = _texts(q2="过去三个月，您的网格社工没有邀请过您家参加社区活动，对吗？")
    doubled = [*_texts(), ("您对网格社工回应诉求的及时程度满意吗（复核）", lambda b: b.label("q4") or "一般")]
    worst = [
        (text, lambda b, item=item: b.label(item).replace("一般", "基本满意")) for item, text in TEXTS.items()
    ]
    months: Columns = [
        *LEAD[:2],
        ("日期", lambda b: f"{b.answered_at.month:02d}/{3 + b.number % 9:02d}/2019 10:00"),
    ]
    return [
        _trap(
            "wjx-option-numbers",
            "问卷星按选项序号导出：1 是第一个选项",
            wjx,
            "guess.numbers_unclear",
            seed=501,
        ),
        _trap("no-target", "没有网格、社工等列", [*LEAD[1:], *_texts()], "guess.no_target", seed=502),
        _trap("negated-item", "题目改成了反问", [*LEAD, *negated], "guess.item_negated", seed=503),
        _trap("item-twice", "同一题有两列（复核）", [*LEAD, *doubled], "guess.item_twice", seed=504),
        _trap("item-missing", "少一题", [*LEAD, *_texts()[:4]], "guess.item_missing", seed=505),
        _trap(
            "other-scale", "答案里有方案没有的“基本满意”", [*LEAD, *worst], "guess.labels_unknown", seed=506
        ),
        _trap("day-or-month", "日期分不清日和月", [*months, *_texts()], "guess.dates_unclear", seed=507),
        _trap(
            "text-swapped",
            "编号与题目对不上：q3 的编号，q4 的文字",
            [*LEAD, *_texts(q3="Q4 " + TEXTS["q3"], q4="Q3 " + TEXTS["q4"])],
            "guess.item_contradicts",
            seed=508,
        ),
    ]
