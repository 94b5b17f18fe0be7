"""Workbooks that survey firms make by hand: titles, two header rows, empty columns, totals, long form."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ballots import STREETS, TEXTS, Ballot, make_ballots
from dressing import Columns, Layout, Sheet, csv_bytes, rows, table, xlsx_bytes

MODE_ZH = {"visit": "入户", "phone": "电话", "sms": "短信"}
SHORTS = {
    "q1": "提供社区服务",
    "q2": "邀请参加活动",
    "q3": "认识与联系",
    "q4": "回应及时",
    "q5": "态度与效果",
}


def firm_layouts() -> list[Layout]:
    """Ten workbooks and sheets."""
    return [
        phone_bank(),
        title_and_notes(),
        two_header_rows(),
        empty_columns(),
        total_row(),
        long_codes(),
        long_texts(),
        sheet_per_street(),
        many_extras(),
        other_order(),
    ]


def phone_bank() -> Layout:
    ballots = make_ballots(201, 48)
    columns: Columns = [
        ("样本编号", lambda b: f"S{5000 + b.number}"),
        ("拨打时间", lambda b: f"{b.answered_at:%Y/%m/%d %H:%M}"),
        ("通话时长(秒)", lambda b: 60 + b.number % 50),
        ("坐席工号", lambda b: f"8{b.number % 4:02d}"),
        ("拨打结果", lambda b: "成功"),
        ("受访户编号", lambda b: b.household),
        ("被访人电话", lambda b: b.phone),
        ("社工工号", lambda b: b.worker),
        ("社工姓名", lambda b: b.worker_name),
        ("所属社区", lambda b: b.community),
        *[(f"Q{n}{SHORTS[f'q{n}']}", lambda b, item=f"q{n}": b.label(item) or "拒答") for n in range(1, 6)],
        ("备注", lambda b: ""),
    ]
    return Layout(
        "phone-bank",
        "电话访问公司：坐席、时长、被访人电话；题目为短标题；未答写“拒答”",
        {"回访明细表0228.xlsx": xlsx_bytes(Sheet("成功样本", table(columns, ballots)))},
        ballots,
        roles={
            "target": "社工工号",
            "household": "受访户编号",
            "answered_at": "拨打时间",
            "assessee_name": "社工姓名",
            "community": "所属社区",
            "items": {f"q{n}": f"Q{n}{SHORTS[f'q{n}']}" for n in range(1, 6)},
        },
        target="worker",
    )


def _plain(items: dict[str, str]) -> Columns:
    return [
        ("街道", lambda b: b.street),
        ("社区", lambda b: b.community),
        ("网格", lambda b: b.grid),
        ("户号", lambda b: b.household),
        ("调查方式", lambda b: MODE_ZH[b.mode]),
        ("调查日期", lambda b: b.answered_at),
        *[(header, lambda b, item=item: b.label(item)) for item, header in items.items()],
    ]


def _plain_roles(items: dict[str, str]) -> dict[str, Any]:
    return {
        "target": "网格",
        "household": "户号",
        "answered_at": "调查日期",
        "mode": "调查方式",
        "street": "街道",
        "community": "社区",
        "items": dict(items),
    }


def title_and_notes() -> Layout:
    ballots = make_ballots(202, 30)
    columns = _plain(TEXTS)
    width = len(columns)
    head: list[list[Any]] = [
        ["试验区2019年第一季度社区工作者满意度调查数据表", *[None] * (width - 1)],
        ["填表单位：测试调查有限公司　　填表日期：2019年3月31日", *[None] * (width - 1)],
    ]
    return Layout(
        "title-and-notes",
        "手工表：合并的大标题，下面一行填表说明，第三行才是表头",
        {
            "满意度数据（定稿）.xlsx": xlsx_bytes(
                Sheet("Sheet1", head + table(columns, ballots), ((0, 0, 0, width - 1), (1, 0, 1, width - 1)))
            )
        },
        ballots,
        roles=_plain_roles(TEXTS),
        mode=True,
    )


def two_header_rows() -> Layout:
    ballots = make_ballots(203, 30)
    columns = _plain(SHORTS)
    groups = ["基本信息", *[None] * 3, "调查情况", None, "行为题", None, "满意度题", None, None]
    names = [name for name, _ in columns]
    group_of = ["基本信息"] * 4 + ["调查情况"] * 2 + ["行为题"] * 2 + ["满意度题"] * 3
    joined = {name: f"{group} / {name}" for name, group in zip(names, group_of, strict=True)}
    roles = _plain_roles(SHORTS)
    roles = {key: joined[value] for key, value in roles.items() if key != "items"}
    roles["items"] = {item: joined[header] for item, header in SHORTS.items()}
    return Layout(
        "two-header-rows",
        "两行表头，上一行是合并的分组名",
        {
            "调查数据.xlsx": xlsx_bytes(
                Sheet(
                    "数据",
                    [groups, *table(columns, ballots)],
                    ((0, 0, 0, 3), (0, 4, 0, 5), (0, 6, 0, 7), (0, 8, 0, 10)),
                )
            )
        },
        ballots,
        roles=roles,
        mode=True,
    )


def empty_columns() -> Layout:
    ballots = make_ballots(204, 30)
    columns = list(_plain(SHORTS))
    columns[4:4] = [("", lambda b: None), ("原始编码", lambda b: None)]
    columns.append(("", lambda b: None))
    grid = table(columns, ballots)
    grid.insert(11, [None] * len(columns))
    return Layout(
        "empty-columns",
        "夹有空列、隐藏列和空行的手工表",
        {"Q1数据.xlsx": xlsx_bytes(Sheet("Sheet1", grid, hidden_columns=(4, 5)))},
        ballots,
        roles=_plain_roles(SHORTS),
        mode=True,
    )


def total_row() -> Layout:
    ballots = make_ballots(205, 30)
    columns: Columns = [("序号", lambda b: b.number), *_plain(TEXTS)]
    bottom = ["合计", "", "", "", f"{len(ballots)}户", *[""] * (len(columns) - 5)]
    return Layout(
        "total-row",
        "最后一行是合计",
        {"数据汇总.csv": csv_bytes([*table(_as_text(columns), ballots), bottom], encoding="gb18030")},
        ballots,
        roles=_plain_roles(TEXTS),
        mode=True,
    )


def _as_text(columns: Columns) -> Columns:
    return [
        (name, (lambda b: f"{b.answered_at:%Y/%-m/%-d %H:%M}") if name == "调查日期" else cell)
        for name, cell in columns
    ]


def _long(ballots: list[Ballot], names: dict[str, str]) -> list[list[Any]]:
    lines = []
    for ballot in ballots:
        for item, name in names.items():
            if ballot.answer(item) is not None:
                lines.append([f"D{700 + ballot.number}", ballot, name, ballot.label(item)])
    return lines


def long_codes() -> Layout:
    ballots = make_ballots(206, 30)
    lines = [
        [sheet, b.grid, b.household, f"{b.answered_at:%Y-%m-%d %H:%M}", MODE_ZH[b.mode], name, answer]
        for sheet, b, name, answer in _long(ballots, {f"q{n}": f"Q{n}" for n in range(1, 6)})
    ]
    header = ["答卷编号", "网格编号", "户号", "答题时间", "渠道", "题号", "答案"]
    return Layout(
        "long-codes",
        "长表：一题一行，题号为 Q1-Q5",
        {"answers_long.csv": csv_bytes([header, *lines])},
        ballots,
        roles={
            "target": "网格编号",
            "household": "户号",
            "answered_at": "答题时间",
            "mode": "渠道",
            "ballot": "答卷编号",
            "item": "题号",
            "answer": "答案",
            "items": {f"q{n}": f"Q{n}" for n in range(1, 6)},
        },
        mode=True,
    )


def long_texts() -> Layout:
    ballots = make_ballots(207, 30)
    names = {item: f"{n}. {text}" for n, (item, text) in enumerate(TEXTS.items(), start=1)}
    lines = [
        [sheet, b.worker, b.worker_name, b.household, b.answered_at, name, answer]
        for sheet, b, name, answer in _long(ballots, names)
    ]
    header = ["问卷流水号", "被评社工编号", "被评社工", "家庭编号", "提交时间", "题目", "选项"]
    return Layout(
        "long-texts",
        "长表：一题一行，题目为全文",
        {"明细.xlsx": xlsx_bytes(Sheet("明细", [header, *lines]))},
        ballots,
        roles={
            "target": "被评社工编号",
            "assessee_name": "被评社工",
            "household": "家庭编号",
            "answered_at": "提交时间",
            "ballot": "问卷流水号",
            "item": "题目",
            "answer": "选项",
            "items": names,
        },
        target="worker",
    )


def sheet_per_street() -> Layout:
    ballots = make_ballots(208, 40)
    columns = _plain(TEXTS)
    sheets = [
        Sheet(street, table(columns, [ballot for ballot in ballots if ballot.street == street]))
        for street in STREETS
    ]
    return Layout(
        "sheet-per-street",
        "每个街道一张工作表",
        {"分街道数据.xlsx": xlsx_bytes(*sheets)},
        ballots,
        roles=_plain_roles(TEXTS),
        mode=True,
    )


def many_extras() -> Layout:
    ballots = make_ballots(209, 36)
    columns: Columns = [
        ("姓名", lambda b: b.name),
        ("联系电话", lambda b: b.phone),
        ("身份证号", lambda b: f"320106190001{b.number:02d}000X"),
        ("家庭住址", lambda b: b.address),
        ("户编号", lambda b: b.household),
        ("性别", lambda b: b.gender),
        ("年龄", lambda b: b.age),
        ("责任片编号", lambda b: b.grid),
        ("片区社工", lambda b: b.worker_name),
        ("访问员", lambda b: f"访员{b.number % 3}"),
        ("访问开始", lambda b: f"{b.answered_at - timedelta(minutes=8):%Y-%m-%d %H:%M}"),
        ("访问结束", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M}"),
        ("访问方式", lambda b: MODE_ZH[b.mode]),
        *[
            (f"第{'一二三四五'[n - 1]}题 {TEXTS[f'q{n}']}", lambda b, item=f"q{n}": b.label(item))
            for n in range(1, 6)
        ],
        ("意见和建议", lambda b: "希望多装几盏路灯" if b.number % 7 == 0 else ""),
        ("录音文件名", lambda b: f"rec_{b.number:05d}.wav"),
    ]
    return Layout(
        "many-extras",
        "附带姓名、电话、身份证号、住址、访问员、录音等大量无关列",
        {"入户访问数据.xlsx": xlsx_bytes(Sheet("全部", table(columns, ballots)))},
        ballots,
        roles={
            "target": "责任片编号",
            "household": "户编号",
            "answered_at": "访问结束",
            "mode": "访问方式",
            "assessee_name": "片区社工",
            "cells": {"gender": "性别", "age": "年龄"},
            "items": {f"q{n}": f"第{'一二三四五'[n - 1]}题 {TEXTS[f'q{n}']}" for n in range(1, 6)},
        },
        mode=True,
        cells=("gender", "age"),
    )


def other_order() -> Layout:
    ballots = make_ballots(210, 30)
    order = ("q5", "q3", "q1", "q4", "q2")
    loose = {
        "q1": "近三个月网格社工是否提供过社区服务",
        "q2": "近三个月网格社工是否邀请您家参加社区活动",
        "q3": "对社工熟悉程度、联系方便程度的满意度",
        "q4": "对社工回应诉求及时程度的满意度",
        "q5": "对社工服务态度、工作效果的总体满意度",
    }
    columns: Columns = [
        *[(loose[item], lambda b, item=item: b.label(item)) for item in order],
        ("住户编码", lambda b: b.household),
        ("网格代码", lambda b: b.grid),
        ("完成时间", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M}"),
    ]
    assert rows(columns, ballots)
    return Layout(
        "other-order",
        "题目顺序打乱、措辞改写，标识列在后",
        {"数据_按题.csv": csv_bytes(table(columns, ballots))},
        ballots,
        roles={
            "target": "网格代码",
            "household": "住户编码",
            "answered_at": "完成时间",
            "items": {item: loose[item] for item in sorted(loose)},
        },
    )
