"""Layouts written after the guesser was done, with other words; the guesser is not tuned against them.

A test asks only that none is guessed wrong; how many were right on the first try stands in
`docs/reference/import-guess.md`. `outcome` is what an informed person would wish for.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ballots import LABELS_EN, STREETS, TEXTS, make_ballots
from dressing import Columns, Layout, Sheet, csv_bytes, parquet_bytes, rows, table, xlsx_bytes
from unseen_second import second_layouts


def unseen_layouts() -> list[Layout]:
    """Eleven layouts, and the nine of the second set."""
    return [
        form_service(),
        hotline(),
        english_firm(),
        subtotals(),
        option_letters(),
        broken_lines(),
        long_english(),
        typed_from_paper(),
        file_per_street(),
        scale_in_numbers(),
        warehouse_codes(),
        *second_layouts(),
    ]


def _roles(target: str, household: str, answered_at: str | None, items: dict[str, str]) -> dict[str, Any]:
    roles = {"target": target, "household": household, "answered_at": answered_at, "items": items}
    return {role: column for role, column in roles.items() if column}


def form_service() -> Layout:
    ballots = make_ballots(601, 34)
    headers = {item: f"【单选】{text}" for item, text in TEXTS.items()}
    columns: Columns = [
        ("数据编号", lambda b: b.number),
        ("所属责任网格", lambda b: b.grid),
        ("家庭户编码", lambda b: b.household),
        *[(header, lambda b, item=item: b.label(item)) for item, header in headers.items()],
        ("您还有什么想说的", lambda b: "谢谢" if b.number % 6 == 0 else ""),
        ("提交人", lambda b: b.name),
        ("提交于", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M:%S}"),
        ("填写设备", lambda b: "手机"),
        ("操作系统", lambda b: "Android"),
        ("浏览器", lambda b: "微信"),
        ("填写地区", lambda b: "江苏南京"),
    ]
    return Layout(
        "form-service",
        "表单平台导出：题目前有【单选】，时间列叫“提交于”",
        {"表单数据.xlsx": xlsx_bytes(Sheet("数据", table(columns, ballots)))},
        ballots,
        roles=_roles("所属责任网格", "家庭户编码", "提交于", headers),
    )


def hotline() -> Layout:
    ballots = make_ballots(602, 40)
    headers = {
        "q1": "A1 是否提供过社区服务",
        "q2": "A2 是否主动邀请参加社区活动",
        "q3": "A3 熟悉和联系方便程度满意度",
        "q4": "A4 回应诉求及时程度满意度",
        "q5": "A5 总体服务态度和工作效果满意度",
    }
    columns: Columns = [
        ("受理编号", lambda b: f"T{9000 + b.number}"),
        ("呼出号码", lambda b: b.phone),
        ("接通时间", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M:%S}"),
        ("话务员", lambda b: f"8{b.number % 5}"),
        ("服务网格", lambda b: b.grid),
        ("户代码", lambda b: b.household),
        *[(header, lambda b, item=item: b.label(item)) for item, header in headers.items()],
    ]
    return Layout(
        "hotline",
        "热线外呼：A1-A5 加改写的短标题",
        {"外呼结果.csv": csv_bytes(table(columns, ballots), encoding="gb18030")},
        ballots,
        roles=_roles("服务网格", "户代码", "接通时间", headers),
    )


def english_firm() -> Layout:
    ballots = make_ballots(603, 40)
    headers = {
        "q1": "Q1_community_service_provided",
        "q2": "Q2_invited_to_community_activity",
        "q3": "Q3_knows_and_reaches_worker",
        "q4": "Q4_prompt_answers_to_requests",
        "q5": "Q5_overall_attitude_and_results",
    }
    columns: Columns = [
        ("resp_no", lambda b: b.number),
        ("interview_start", lambda b: f"{b.answered_at - timedelta(minutes=5):%Y-%m-%d %H:%M}"),
        ("interview_end", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M}"),
        ("interview_method", lambda b: {"visit": "Face to face", "phone": "CATI", "sms": "SMS"}[b.mode]),
        ("grid_ref", lambda b: b.grid),
        ("household_ref", lambda b: b.household),
        *[(header, lambda b, item=item: b.label(item, LABELS_EN)) for item, header in headers.items()],
        ("interviewer_id", lambda b: b.number % 4),
    ]
    return Layout(
        "english-firm",
        "English names with underscores, methods as survey firms abbreviate them",
        {"wave1.csv": csv_bytes(table(columns, ballots))},
        ballots,
        roles={**_roles("grid_ref", "household_ref", "interview_end", headers), "mode": "interview_method"},
        mode=True,
    )


def subtotals() -> Layout:
    ballots = make_ballots(604, 30)
    columns: Columns = [
        ("社区名称", lambda b: b.community),
        ("网格编号", lambda b: b.grid),
        ("户号", lambda b: b.household),
        ("日期", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M}"),
        *[(text, lambda b, item=item: b.label(item)) for item, text in TEXTS.items()],
    ]
    grid = [[name for name, _ in columns]]
    for communities in STREETS.values():
        for community in communities:
            own = [ballot for ballot in ballots if ballot.community == community]
            grid += rows(columns, own)
            grid.append([community, "小计", len(own), *[""] * 6])
    grid += [["全区", "合计", len(ballots), *[""] * 6], ["注：数据截至3月31日", *[""] * 8]]
    return Layout(
        "subtotals",
        "每个社区后有小计行，最后有合计和注",
        {"分社区.csv": csv_bytes(grid)},
        ballots,
        roles={**_roles("网格编号", "户号", "日期", dict(TEXTS)), "community": "社区名称"},
    )


def option_letters() -> Layout:
    ballots = make_ballots(605, 30)
    letters = {"是": "A", "否": "B", "不清楚": "C", "非常满意": "A", "满意": "B", "一般": "C", "不满意": "D"}
    columns: Columns = [
        ("包片网格", lambda b: b.grid),
        ("门牌号", lambda b: b.household),
        ("走访时间", lambda b: b.answered_at),
        ("走访人", lambda b: "访员甲"),
        *[
            (
                f"{n}）{text}",
                lambda b, item=item: b.label(item) and f"{letters.get(b.label(item), 'E')}.{b.label(item)}",
            )
            for n, (item, text) in enumerate(TEXTS.items(), start=1)
        ],
    ]
    return Layout(
        "option-letters",
        "答案带选项字母 A.非常满意",
        {"走访登记.xlsx": xlsx_bytes(Sheet("登记", table(columns, ballots)))},
        ballots,
        roles=_roles(
            "包片网格",
            "门牌号",
            "走访时间",
            {item: f"{n}）{text}" for n, (item, text) in enumerate(TEXTS.items(), start=1)},
        ),
    )


def broken_lines() -> Layout:
    ballots = make_ballots(606, 30)
    texts = {item: text[:8] + "\n" + text[8:] for item, text in TEXTS.items()}
    columns: Columns = [
        ("序\n号", lambda b: b.number),
        ("网格\n编号", lambda b: b.grid),
        ("户\n号", lambda b: b.household),
        ("填表\n日期", lambda b: b.answered_at),
        *[(text, lambda b, item=item: b.label(item)) for item, text in texts.items()],
    ]
    head: list[list[Any]] = [["附件3"], ["社区工作者居民满意度调查汇总表"], ["（2019年一季度）"]]
    return Layout(
        "broken-lines",
        "三行标题，表头里有换行",
        {"附件3.xlsx": xlsx_bytes(Sheet("附件3", head + table(columns, ballots), ((1, 0, 1, 8),)))},
        ballots,
        roles=_roles(
            "网格 编号", "户 号", "填表 日期", {item: " ".join(text.split()) for item, text in texts.items()}
        ),
    )


def long_english() -> Layout:
    ballots = make_ballots(607, 30)
    lines = [
        [
            f"s{ballot.number:04d}",
            ballot.grid,
            ballot.household,
            f"{ballot.answered_at:%Y-%m-%dT%H:%M}",
            item,
            label,
        ]
        for ballot in ballots
        for item in TEXTS
        if (label := ballot.label(item, LABELS_EN))
    ]
    header = ["survey_id", "grid", "hh", "answered", "question", "response"]
    return Layout(
        "long-english",
        "long form with English names",
        {"long.csv": csv_bytes([header, *lines])},
        ballots,
        roles={
            **_roles("grid", "hh", "answered", {item: item for item in TEXTS}),
            "ballot": "survey_id",
            "item": "question",
            "answer": "response",
        },
    )


def typed_from_paper() -> Layout:
    ballots = make_ballots(608, 30)
    columns: Columns = [
        ("录入员", lambda b: f"录{b.number % 3}"),
        ("问卷编号", lambda b: b.number),
        ("片", lambda b: b.grid),
        ("户", lambda b: b.household),
        ("填写日", lambda b: f"{b.answered_at:%Y/%m/%d %H:%M}"),
        *[(f"问{n}", lambda b, item=f"q{n}": b.label(item)) for n in range(1, 6)],
    ]
    return Layout(
        "typed-from-paper",
        "纸质问卷录入表，列名极短：片、户、问1-问5",
        {"录入.csv": csv_bytes(table(columns, ballots))},
        ballots,
        roles=_roles("片", "户", "填写日", {f"q{n}": f"问{n}" for n in range(1, 6)}),
    )


def file_per_street() -> Layout:
    ballots = make_ballots(609, 40)
    columns: Columns = [
        ("网格长所在网格", lambda b: b.grid),
        ("入户家庭编号", lambda b: b.household),
        ("入户时间", lambda b: f"{b.answered_at:%Y年%m月%d日%H时%M分}"),
        *[(text, lambda b, item=item: b.label(item)) for item, text in TEXTS.items()],
    ]
    return Layout(
        "file-per-street",
        "每个街道一个文件",
        {
            f"{street}.csv": csv_bytes(table(columns, [b for b in ballots if b.street == street]))
            for street in STREETS
        },
        ballots,
        roles=_roles("网格长所在网格", "入户家庭编号", "入户时间", dict(TEXTS)),
    )


def scale_in_numbers() -> Layout:
    ballots = make_ballots(610, 40)
    headers = {
        item: text if item in ("q1", "q2") else f"{text}（5=非常满意，1=非常不满意）"
        for item, text in TEXTS.items()
    }
    columns: Columns = [
        ("网格", lambda b: b.grid),
        ("户主码", lambda b: b.household),
        ("评议时间", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M}"),
        *[
            (header, lambda b, item=item: b.label(item) if item in ("q1", "q2") else b.answer(item))
            for item, header in headers.items()
        ],
    ]
    return Layout(
        "scale-in-numbers",
        "行为题用文字，满意度题用 1-5，表头写明两端",
        {"评议.csv": csv_bytes(table(columns, ballots))},
        ballots,
        roles=_roles("网格", "户主码", "评议时间", headers),
    )


def warehouse_codes() -> Layout:
    ballots = make_ballots(611, 40)
    columns = {
        "area_key": [ballot.grid for ballot in ballots],
        "hh_key": [ballot.household for ballot in ballots],
        "ts": [ballot.answered_at for ballot in ballots],
        **{item: [ballot.answer(item) for ballot in ballots] for item in TEXTS},
    }
    return Layout(
        "warehouse-codes",
        "数据仓库导出：只有代码，没有说明",
        {"fact_ballot.parquet": parquet_bytes(columns)},
        ballots,
        outcome="refuse",
        refused_for=("guess.numbers_unclear",),
    )
