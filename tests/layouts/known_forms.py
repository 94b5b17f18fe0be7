"""Forms of files, numbers and dates: encodings, delimiters, points, scores in labels, English, Parquet."""

from __future__ import annotations

from datetime import datetime

from ballots import FIVE_STEPS, LABELS_EN, TEXTS, YES_NO, Ballot, make_ballots
from dressing import Columns, Layout, Sheet, csv_bytes, parquet_bytes, table, xlsx_bytes
from known_firms import MODE_ZH, SHORTS

TEXTS_EN = {
    "q1": "In the last three months, did your community worker provide a community service to you?",
    "q2": "In the last three months, did your community worker invite you to a community activity?",
    "q3": "How satisfied are you with how well you know your community worker and how easily you reach them?",
    "q4": "How satisfied are you with how promptly your community worker answers requests?",
    "q5": "Overall, how satisfied are you with your community worker's attitude and results?",
}
YES_NO_POINTS = {1: 20, 2: 0, 3: 10}
MODE_EN = {"visit": "Home visit", "phone": "Telephone", "sms": "SMS"}


def form_layouts() -> list[Layout]:
    """Ten forms."""
    return [
        gb18030_commas(),
        bom_tabs(),
        semicolons(),
        full_width_scores(),
        labels_with_scores(),
        english(),
        mixed_languages(),
        parquet_points(),
        legend_reversed(),
        serial_dates(),
    ]


def points(ballot: Ballot, item: str) -> int | None:
    """Points of the answer as the scheme gives them."""
    code = ballot.answer(item)
    if code is None:
        return None
    return YES_NO_POINTS[code] if item in ("q1", "q2") else (code - 1) * 5


def _roles(target: str, household: str, answered_at: str, items: dict[str, str]) -> dict[str, object]:
    return {"target": target, "household": household, "answered_at": answered_at, "items": items}


def gb18030_commas() -> Layout:
    ballots = make_ballots(301)
    texts = {item: text.replace("，", ",") for item, text in TEXTS.items()}
    columns: Columns = [
        ("编号", lambda b: b.number),
        ("网格编码", lambda b: b.grid),
        ("家庭户编号", lambda b: b.household),
        ("填写时间", lambda b: f"{b.answered_at:%Y年%-m月%-d日 %H:%M}"),
        *[(text, lambda b, item=item: b.label(item)) for item, text in texts.items()],
        ("您的意见,建议", lambda b: "路灯不亮,请修" if b.number % 5 == 0 else ""),
    ]
    return Layout(
        "gb18030-commas",
        "GB18030 编码的 CSV，题目和意见里有逗号，日期为年月日",
        {"导出.csv": csv_bytes(table(columns, ballots), encoding="gb18030")},
        ballots,
        roles=_roles("网格编码", "家庭户编号", "填写时间", texts),
    )


def bom_tabs() -> Layout:
    ballots = make_ballots(302)
    columns: Columns = [
        ("GridCode", lambda b: b.grid),
        ("HouseholdID", lambda b: b.household),
        ("FinishTime", lambda b: f"{b.answered_at:%Y/%m/%d %H:%M:%S}"),
        ("Channel", lambda b: MODE_ZH[b.mode]),
        *[(f"Q{n}", lambda b, item=f"q{n}": b.label(item)) for n in range(1, 6)],
    ]
    return Layout(
        "bom-tabs",
        "制表符分隔、UTF-8 带 BOM，题目只有编号 Q1-Q5",
        {"export.tsv": csv_bytes(table(columns, ballots), encoding="utf-8-sig", delimiter="\t")},
        ballots,
        roles={
            **_roles("GridCode", "HouseholdID", "FinishTime", {f"q{n}": f"Q{n}" for n in range(1, 6)}),
            "mode": "Channel",
        },
        mode=True,
    )


def semicolons() -> Layout:
    ballots = make_ballots(303)
    headers = {item: f"{item.upper()}_{SHORTS[item]}" for item in SHORTS}
    columns: Columns = [
        ("网格号", lambda b: b.grid),
        ("户 号", lambda b: b.household),
        ("时间", lambda b: f"{b.answered_at:%Y.%-m.%-d %H:%M}"),
        *[(header, lambda b, item=item: b.label(item)) for item, header in headers.items()],
    ]
    return Layout(
        "semicolons",
        "分号分隔，日期为年.月.日",
        {"data.csv": csv_bytes(table(columns, ballots), delimiter=";")},
        ballots,
        roles=_roles("网格号", "户 号", "时间", headers),
    )


FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def full_width_scores() -> Layout:
    ballots = make_ballots(304)
    columns: Columns = [
        ("所属网格", lambda b: b.grid),
        ("住户号", lambda b: b.household),
        ("评价日期", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M}".translate(FULL_WIDTH)),
        *[(f"{SHORTS[f'q{n}']}（满分20分）", lambda b, item=f"q{n}": _scored(b, item)) for n in range(1, 6)],
    ]
    return Layout(
        "full-width-scores",
        "每题按二十分制记分，数字为全角并带“分”",
        {"评分表.csv": csv_bytes(table(columns, ballots), encoding="gb18030")},
        ballots,
        roles=_roles(
            "所属网格", "住户号", "评价日期", {item: f"{short}（满分20分）" for item, short in SHORTS.items()}
        ),
    )


def _scored(ballot: Ballot, item: str) -> str:
    value = points(ballot, item)
    return "" if value is None else f"{value}分".translate(FULL_WIDTH)


def labels_with_scores() -> Layout:
    ballots = make_ballots(305)

    def answer(ballot: Ballot, item: str) -> str:
        label, value = ballot.label(item), ballot.answer(item)
        return label if not label or item in ("q1", "q2") else f"{label}（{value}分）"

    columns: Columns = [
        ("网格名称", lambda b: b.grid),
        ("户主编号", lambda b: b.household),
        ("提交时间", lambda b: b.answered_at),
        *[(text, lambda b, item=item: answer(b, item)) for item, text in TEXTS.items()],
    ]
    return Layout(
        "labels-with-scores",
        "答案写成“非常满意（5分）”",
        {"问卷数据.xlsx": xlsx_bytes(Sheet("Sheet1", table(columns, ballots)))},
        ballots,
        roles=_roles("网格名称", "户主编号", "提交时间", dict(TEXTS)),
    )


def english() -> Layout:
    ballots = make_ballots(306)
    columns: Columns = [
        ("Response ID", lambda b: b.number),
        ("Date submitted", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M:%S}"),
        ("Grid", lambda b: b.grid),
        ("Household", lambda b: b.household),
        ("Mode of interview", lambda b: MODE_EN[b.mode]),
        ("Gender", lambda b: {"男": "male", "女": "female"}[b.gender]),
        *[
            (text, lambda b, item=item: b.label(item, LABELS_EN).capitalize())
            for item, text in TEXTS_EN.items()
        ],
        ("Email address", lambda b: f"test{b.number}@example.org"),
    ]
    return Layout(
        "english",
        "English headings and labels",
        {"responses.csv": csv_bytes(table(columns, ballots))},
        ballots,
        roles={
            **_roles("Grid", "Household", "Date submitted", dict(TEXTS_EN)),
            "mode": "Mode of interview",
            "cells": {"gender": "Gender"},
        },
        mode=True,
    )


def mixed_languages() -> Layout:
    ballots = make_ballots(307)
    columns: Columns = [
        ("ID 序号", lambda b: b.number),
        ("Grid 网格编号", lambda b: b.grid),
        ("Household 户号", lambda b: b.household),
        ("Date 日期", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M}"),
        ("Mode 方式", lambda b: f"{MODE_ZH[b.mode]}"),
        *[
            (f"Q{n} {TEXTS[f'q{n}']} / {TEXTS_EN[f'q{n}']}", lambda b, item=f"q{n}": _both(b, item))
            for n in range(1, 6)
        ],
    ]
    return Layout(
        "mixed-languages",
        "中英文对照的表头和答案",
        {"bilingual.csv": csv_bytes(table(columns, ballots), encoding="utf-8-sig")},
        ballots,
        roles={
            **_roles(
                "Grid 网格编号",
                "Household 户号",
                "Date 日期",
                {f"q{n}": f"Q{n} {TEXTS[f'q{n}']} / {TEXTS_EN[f'q{n}']}" for n in range(1, 6)},
            ),
            "mode": "Mode 方式",
        },
        mode=True,
    )


def _both(ballot: Ballot, item: str) -> str:
    label = ballot.label(item)
    return label and f"{label} {ballot.label(item, LABELS_EN)}"


def parquet_points() -> Layout:
    ballots = make_ballots(308)
    columns = {
        "grid_id": [ballot.grid for ballot in ballots],
        "household_id": [ballot.household for ballot in ballots],
        "answered_at": [ballot.answered_at for ballot in ballots],
        "mode": [ballot.mode for ballot in ballots],
        **{item: [points(ballot, item) for ballot in ballots] for item in TEXTS},
    }
    return Layout(
        "parquet-points",
        "Parquet 文件，类型齐全，答案存为分值 20/15/10/5/0",
        {"ballots.parquet": parquet_bytes(columns)},
        ballots,
        roles={
            **_roles("grid_id", "household_id", "answered_at", {item: item for item in TEXTS}),
            "mode": "mode",
        },
        mode=True,
    )


def legend_reversed() -> Layout:
    ballots = make_ballots(309)
    legend = {"q1": "1是2否3不清楚", "q2": "1=是，2=否，3=不清楚"}
    steps = "（1非常满意 2满意 3一般 4不满意 5非常不满意）"
    headers = {
        item: f"{text}({legend[item]})" if item in legend else text + steps for item, text in TEXTS.items()
    }
    assert YES_NO[1] == "是"
    assert FIVE_STEPS[5] == "非常满意"

    def answer(ballot: Ballot, item: str) -> int | None:
        code = ballot.answer(item)
        return code if code is None or item in legend else 6 - code

    columns: Columns = [
        ("网格编号", lambda b: b.grid),
        ("户号", lambda b: b.household),
        ("日期", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M}"),
        *[(header, lambda b, item=item: answer(b, item)) for item, header in headers.items()],
    ]
    return Layout(
        "legend-reversed",
        "数字答案，表头写明 1 为非常满意（与方案代码相反）",
        {"编码数据.xlsx": xlsx_bytes(Sheet("编码", _text_numbers(table(columns, ballots))))},
        ballots,
        roles=_roles("网格编号", "户号", "日期", headers),
    )


def _text_numbers(grid: list[list[object]]) -> list[list[object]]:
    return [list(row) for row in grid]


def serial_dates() -> Layout:
    ballots = make_ballots(310)
    columns: Columns = [
        ("网格编号", lambda b: b.grid),
        ("门牌户号", lambda b: b.household),
        ("录入时间", lambda b: f"{b.answered_at:%Y-%m-%d} 23:00"),
        ("受访时间", lambda b: _serial(b)),
        ("手机号码", lambda b: b.phone),
        *[(text, lambda b, item=item: b.label(item)) for item, text in TEXTS.items()],
    ]
    return Layout(
        "serial-dates",
        "两列日期：录入时间与受访时间，后者为 Excel 序列号",
        {"序列号日期.csv": csv_bytes(table(columns, ballots))},
        ballots,
        roles=_roles("网格编号", "门牌户号", "受访时间", dict(TEXTS)),
    )


def _serial(ballot: Ballot) -> str:
    delta = ballot.answered_at - datetime.fromisoformat("1899-12-30")
    return f"{delta.days + delta.seconds / 86400:.6f}"
