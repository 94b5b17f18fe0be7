"""Exports of survey platforms (问卷星, LimeSurvey, KoBo/ODK, 腾讯问卷), with those platforms' own columns."""

from __future__ import annotations

from datetime import timedelta

from ballots import LABELS_EN, TEXTS, YES_NO_EN, Ballot, make_ballots
from dressing import Columns, Layout, Sheet, csv_bytes, table, xlsx_bytes

SECONDS = (57, 81, 44, 132, 69)


def _seconds(ballot: Ballot) -> int:
    return SECONDS[ballot.number % len(SECONDS)]


def _points(ballot: Ballot) -> int:
    total = 0
    for item in TEXTS:
        code = ballot.answer(item)
        yes_no = {None: 0, 1: 20, 2: 0, 3: 10}
        total += yes_no[code] if item in ("q1", "q2") else ((code or 1) - 1) * 5
    return total


def web_layouts() -> list[Layout]:
    """Seven exports."""
    return [
        wjx_texts(),
        wjx_with_cells(),
        limesurvey_codes(),
        limesurvey_texts(),
        kobo_groups(),
        odk_english(),
        tencent(),
    ]


def wjx_texts() -> Layout:
    ballots = make_ballots(101)
    columns: Columns = [
        ("序号", lambda b: b.number),
        ("提交答卷时间", lambda b: f"{b.answered_at:%Y/%-m/%-d %H:%M:%S}"),
        ("所用时间", lambda b: f"{_seconds(b)}秒"),
        ("来源", lambda b: ("微信", "手机提交", "链接")[b.number % 3]),
        ("来源详情", lambda b: "N/A"),
        ("来自IP", lambda b: f"192.0.2.{b.number}(江苏-南京)"),
        ("1、您家所在的网格编号：", lambda b: b.grid),
        ("2、您家的户号：", lambda b: b.household),
        *[
            (f"{number}、{text}", lambda b, item=item: b.label(item) or "(空)")
            for number, (item, text) in enumerate(TEXTS.items(), start=3)
        ],
        ("总分", _points),
    ]
    return Layout(
        "wjx-texts",
        "问卷星导出（按选项文本），题目为全文，另有总分",
        {
            "320917845_按文本_社区工作者满意度_40_40.xlsx": xlsx_bytes(
                Sheet("Sheet1", table(columns, ballots))
            )
        },
        ballots,
        roles={
            "target": "1、您家所在的网格编号：",
            "household": "2、您家的户号：",
            "answered_at": "提交答卷时间",
            "items": {item: f"{n}、{text}" for n, (item, text) in enumerate(TEXTS.items(), start=3)},
        },
    )


def wjx_with_cells() -> Layout:
    ballots = make_ballots(102, 36)
    columns: Columns = [
        ("序号", lambda b: b.number),
        ("提交答卷时间", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M:%S}"),
        ("所用时间", lambda b: f"{_seconds(b)}秒"),
        ("来源", lambda b: "微信"),
        ("来源详情", lambda b: ""),
        ("来自IP", lambda b: f"198.51.100.{b.number}"),
        ("1、您的性别", lambda b: b.gender),
        ("2、您的年龄段", lambda b: b.age),
        ("3、您所在的社区", lambda b: b.community),
        ("4、为您服务的社工编号（见门口公示牌）", lambda b: b.worker),
        *[
            (f"{n}、{text}", lambda b, item=item: b.label(item))
            for n, (item, text) in enumerate(TEXTS.items(), start=5)
        ],
        ("10、您的姓名（选填）", lambda b: b.name),
        ("11、您的手机号", lambda b: b.phone),
    ]
    return Layout(
        "wjx-with-cells",
        "问卷星导出为 CSV（UTF-8 带 BOM），先问性别年龄，手机号即户",
        {"满意度调查_36.csv": csv_bytes(table(columns, ballots), encoding="utf-8-sig")},
        ballots,
        roles={
            "target": "4、为您服务的社工编号（见门口公示牌）",
            "household": "11、您的手机号",
            "answered_at": "提交答卷时间",
            "community": "3、您所在的社区",
            "cells": {"gender": "1、您的性别", "age": "2、您的年龄段"},
            "items": {item: f"{n}、{text}" for n, (item, text) in enumerate(TEXTS.items(), start=5)},
        },
        target="worker",
        cells=("gender", "age"),
    )


def limesurvey_codes() -> Layout:
    ballots = make_ballots(103)
    columns: Columns = [
        ("id", lambda b: b.number),
        ("submitdate", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M:%S}"),
        ("lastpage", lambda b: 2),
        ("startlanguage", lambda b: "zh-Hans"),
        ("seed", lambda b: 1093475 + 8191 * b.number),
        ("token", lambda b: b.household),
        ("startdate", lambda b: f"{b.answered_at - timedelta(seconds=_seconds(b)):%Y-%m-%d %H:%M:%S}"),
        ("datestamp", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M:%S}"),
        ("attribute_1 (网格)", lambda b: b.grid),
        *[(f"G01Q0{n}", lambda b, item=f"q{n}": b.label(item)) for n in range(1, 6)],
    ]
    return Layout(
        "limesurvey-codes",
        "LimeSurvey export: question codes as headings, full answers, token stands for the household",
        {"results-survey318264.csv": csv_bytes(table(columns, ballots))},
        ballots,
        roles={
            "target": "attribute_1 (网格)",
            "household": "token",
            "answered_at": "submitdate",
            "items": {f"q{n}": f"G01Q0{n}" for n in range(1, 6)},
        },
    )


def limesurvey_texts() -> Layout:
    ballots = make_ballots(104)
    columns: Columns = [
        ("答复 ID", lambda b: b.number),
        ("提交日期", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M:%S}"),
        ("最后一页", lambda b: 1),
        ("起始语言", lambda b: "zh-Hans"),
        ("操作代码", lambda b: b.household),
        ("开始日期", lambda b: f"{b.answered_at - timedelta(seconds=90):%Y-%m-%d %H:%M:%S}"),
        ("最后操作日期", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M:%S}"),
        ("IP 地址", lambda b: f"203.0.113.{b.number}"),
        ("GRID. 请填写您家所在的网格", lambda b: b.grid),
        *[(f"G02Q{n + 10}. {TEXTS[f'q{n}']}", lambda b, item=f"q{n}": b.label(item)) for n in range(1, 6)],
    ]
    return Layout(
        "limesurvey-texts",
        "LimeSurvey 中文导出：代码加全文作表头，操作代码（邀请码）即户",
        {"results-survey318265.csv": csv_bytes(table(columns, ballots))},
        ballots,
        roles={
            "target": "GRID. 请填写您家所在的网格",
            "household": "操作代码",
            "answered_at": "提交日期",
            "items": {f"q{n}": f"G02Q{n + 10}. {TEXTS[f'q{n}']}" for n in range(1, 6)},
        },
    )


def kobo_groups() -> Layout:
    ballots = make_ballots(105)
    columns: Columns = [
        ("start", lambda b: f"{b.answered_at - timedelta(seconds=140):%Y-%m-%dT%H:%M:%S}.000+08:00"),
        ("end", lambda b: f"{b.answered_at:%Y-%m-%dT%H:%M:%S}.000+08:00"),
        ("today", lambda b: f"{b.answered_at:%Y-%m-%d}"),
        ("deviceid", lambda b: f"collect:k{b.number % 3}Zq"),
        ("basics/grid_code", lambda b: b.grid),
        ("basics/household_no", lambda b: b.household),
        *[(f"service/q{n}", lambda b, item=f"q{n}": b.label(item)) for n in range(1, 6)],
        ("_id", lambda b: 880000 + b.number),
        ("_uuid", lambda b: f"5e1f0{b.number:03d}-77aa-4c1d-9b00-0000{b.number:08d}"),
        ("_submission_time", lambda b: f"{b.answered_at + timedelta(hours=6):%Y-%m-%dT%H:%M:%S}"),
        ("_validation_status", lambda b: ""),
        ("_notes", lambda b: ""),
        ("_status", lambda b: "submitted_via_web"),
        ("_submitted_by", lambda b: f"访员{b.number % 3}"),
        ("__version__", lambda b: "vJq8"),
        ("_tags", lambda b: ""),
        ("_index", lambda b: b.number),
    ]
    return Layout(
        "kobo-groups",
        "KoBo export: group/question headings, answers as labels, end of interview and time of upload",
        {"小区入户_-_all_versions_-_zh.csv": csv_bytes(table(columns, ballots), delimiter=";")},
        ballots,
        roles={
            "target": "basics/grid_code",
            "household": "basics/household_no",
            "answered_at": "end",
            "items": {f"q{n}": f"service/q{n}" for n in range(1, 6)},
        },
    )


def odk_english() -> Layout:
    ballots = make_ballots(106)
    names = (
        "service_provided",
        "invited_to_activities",
        "known_and_reachable",
        "prompt_answers",
        "attitude_and_results",
    )
    columns: Columns = [
        ("SubmissionDate", lambda b: f"{b.answered_at + timedelta(hours=3):%Y-%m-%dT%H:%M:%S}.120Z"),
        ("start", lambda b: f"{b.answered_at - timedelta(seconds=100):%Y-%m-%dT%H:%M:%S}.000+08:00"),
        ("end", lambda b: f"{b.answered_at:%Y-%m-%dT%H:%M:%S}.000+08:00"),
        ("place-grid_id", lambda b: b.grid),
        ("place-household_id", lambda b: b.household),
        *[
            (f"ratings-{name}", lambda b, item=f"q{n}": b.label(item, LABELS_EN).replace(" ", "_"))
            for n, name in enumerate(names, start=1)
        ],
        ("meta-instanceID", lambda b: f"uuid:0c5a0000-0000-4000-8000-{b.number:012d}"),
        ("KEY", lambda b: f"uuid:0c5a0000-0000-4000-8000-{b.number:012d}"),
        ("SubmitterID", lambda b: 11 + b.number % 3),
        ("DeviceID", lambda b: f"collect:x{b.number % 3}"),
        ("ReviewState", lambda b: "approved"),
        ("FormVersion", lambda b: "2019010701"),
    ]
    assert YES_NO_EN[3] == "not sure"
    return Layout(
        "odk-english",
        "ODK Central export: English names, choice names with underscores",
        {"household-visit.csv": csv_bytes(table(columns, ballots))},
        ballots,
        roles={
            "target": "place-grid_id",
            "household": "place-household_id",
            "answered_at": "end",
            "items": {f"q{n}": f"ratings-{name}" for n, name in enumerate(names, start=1)},
        },
    )


def tencent() -> Layout:
    ballots = make_ballots(107, 32)
    columns: Columns = [
        ("编号", lambda b: b.number),
        ("开始答题时间", lambda b: f"{b.answered_at - timedelta(seconds=_seconds(b)):%Y-%m-%d %H:%M:%S}"),
        ("结束答题时间", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M:%S}"),
        ("答题时长", lambda b: f"{_seconds(b)}秒"),
        ("语言", lambda b: "简体中文"),
        ("清洗数据结果", lambda b: "未清洗"),
        ("智能清洗数据结果", lambda b: "正常"),
        ("地理位置国家和地区", lambda b: "中国"),
        ("地理位置省", lambda b: "江苏"),
        ("地理位置市", lambda b: "南京"),
        ("用户类型", lambda b: "匿名用户"),
        ("用户ID", lambda b: ""),
        ("昵称", lambda b: b.name),
        ("自定义字段", lambda b: ""),
        ("1.请选择您家所在网格", lambda b: b.grid),
        ("2.门牌二维码编号（每户一个）", lambda b: b.household),
        *[
            (f"{n}.{text}", lambda b, item=item: b.label(item))
            for n, (item, text) in enumerate(TEXTS.items(), start=3)
        ],
    ]
    return Layout(
        "tencent",
        "腾讯问卷导出：编号、开始与结束答题时间、地理位置、昵称",
        {"10582377-居民满意度.xlsx": xlsx_bytes(Sheet("数据", table(columns, ballots)))},
        ballots,
        roles={
            "target": "1.请选择您家所在网格",
            "household": "2.门牌二维码编号（每户一个）",
            "answered_at": "结束答题时间",
            "items": {item: f"{n}.{text}" for n, (item, text) in enumerate(TEXTS.items(), start=3)},
        },
    )
