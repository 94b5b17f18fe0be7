"""A second set of layouts the guesser had never seen when it was tried on them (see `unseen.py`)."""

from __future__ import annotations

from typing import Any

from ballots import LABELS_EN, TEXTS, Ballot, make_ballots
from dressing import Columns, Layout, Sheet, csv_bytes, rows, table, xlsx_bytes
from known_forms import TEXTS_EN, points

LEAD: Columns = [
    ("所属网格号", lambda b: b.grid),
    ("住户编码", lambda b: b.household),
    ("作答时间", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M}"),
]


def second_layouts() -> list[Layout]:
    """Nine layouts."""
    return [
        date_and_time(),
        building_and_room(),
        percent_marks(),
        not_applicable(),
        header_again(),
        array_questions(),
        english_legend(),
        kobo_choices(),
        ticks(),
    ]


def _texts() -> Columns:
    return [(text, lambda b, item=item: b.label(item)) for item, text in TEXTS.items()]


def _roles(target: str, household: Any, answered_at: str, items: dict[str, str]) -> dict[str, Any]:
    return {"target": target, "household": household, "answered_at": answered_at, "items": items}


def _refused(name: str, about: str, columns: Columns, code: str, seed: int) -> Layout:
    ballots = make_ballots(seed, 36)
    files = {"data.csv": csv_bytes(table(columns, ballots))}
    return Layout(name, about, files, ballots, outcome="refuse", refused_for=(code,))


def date_and_time() -> Layout:
    ballots = make_ballots(701, 36)
    columns: Columns = [
        *LEAD[:2],
        ("访问日", lambda b: f"{b.answered_at:%Y-%m-%d}"),
        ("时刻", lambda b: f"{b.answered_at:%H:%M}"),
        *_texts(),
    ]
    return Layout(
        "date-and-time",
        "日期和时刻分在两列",
        {"data.csv": csv_bytes(table(columns, ballots))},
        ballots,
        roles=_roles("所属网格号", "住户编码", "访问日", dict(TEXTS)),
    )


def building_and_room() -> Layout:
    ballots = make_ballots(702, 36)
    columns: Columns = [
        ("网格", lambda b: b.grid),
        ("幢号", lambda b: b.household[:4]),
        ("室号", lambda b: b.household[2:]),
        ("时间", lambda b: b.answered_at),
        *_texts(),
    ]
    return Layout(
        "building-and-room",
        "住户由幢号和室号两列组成",
        {"按幢.xlsx": xlsx_bytes(Sheet("1", table(columns, ballots)))},
        ballots,
        roles=_roles("网格", "幢号 | 室号", "时间", dict(TEXTS)),
    )


def percent_marks() -> Layout:
    def mark(ballot: Ballot, item: str) -> int | None:
        value = points(ballot, item)
        return None if value is None else value * 5

    columns: Columns = [*LEAD, *[(text, lambda b, item=item: mark(b, item)) for item, text in TEXTS.items()]]
    return _refused("percent-marks", "每题折成百分", columns, "guess.numbers_unclear", 703)


def not_applicable() -> Layout:
    def answer(ballot: Ballot, item: str) -> str:
        return "没有提过诉求" if item == "q4" and ballot.number % 5 == 0 else ballot.label(item)

    columns: Columns = [
        *LEAD,
        *[(text, lambda b, item=item: answer(b, item)) for item, text in TEXTS.items()],
    ]
    return _refused("not-applicable", "多出“没有提过诉求”这一答案", columns, "guess.labels_unknown", 704)


def header_again() -> Layout:
    ballots = make_ballots(705, 36)
    columns: Columns = [*LEAD, *_texts()]
    head = [name for name, _ in columns]
    grid = [head, *rows(columns, ballots[:18]), head, *rows(columns, ballots[18:])]
    return Layout(
        "header-again",
        "打印分页后表头在数据中间又出现一次",
        {"data.csv": csv_bytes(grid)},
        ballots,
        outcome="refuse",
        refused_for=("guess.labels_unknown",),
    )


def array_questions() -> Layout:
    ballots = make_ballots(706, 36)
    headers = {
        "q1": TEXTS["q1"],
        "q2": TEXTS["q2"],
        "q3": "请对以下方面作出评价 [熟悉和联系方便程度]",
        "q4": "请对以下方面作出评价 [回应诉求的及时程度]",
        "q5": "请对以下方面作出评价 [服务态度和工作效果]",
    }
    columns: Columns = [
        ("答复 ID", lambda b: b.number),
        ("提交日期", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M:%S}"),
        ("网格编号", lambda b: b.grid),
        ("操作代码", lambda b: b.household),
        *[(header, lambda b, item=item: b.label(item)) for item, header in headers.items()],
    ]
    return Layout(
        "array-questions",
        "矩阵题：共同的题干加方括号里的子题",
        {"results.csv": csv_bytes(table(columns, ballots))},
        ballots,
        roles=_roles("网格编号", "操作代码", "提交日期", headers),
    )


def english_legend() -> Layout:
    ballots = make_ballots(707, 36)
    headers = {
        item: text if item in ("q1", "q2") else f"{text} (1 = very dissatisfied, 5 = very satisfied)"
        for item, text in TEXTS_EN.items()
    }

    def answer(ballot: Ballot, item: str) -> object:
        return ballot.label(item, LABELS_EN).upper() if item in ("q1", "q2") else ballot.answer(item)

    columns: Columns = [
        ("Grid number", lambda b: b.grid),
        ("Household code", lambda b: b.household),
        ("Completed", lambda b: f"{b.answered_at:%Y-%m-%d %I:%M %p}"),
        *[(header, lambda b, item=item: answer(b, item)) for item, header in headers.items()],
    ]
    return Layout(
        "english-legend",
        "English, numbers with both ends of the scale named in the heading",
        {"survey.csv": csv_bytes(table(columns, ballots))},
        ballots,
        roles=_roles("Grid number", "Household code", "Completed", headers),
    )


def kobo_choices() -> Layout:
    ballots = make_ballots(708, 36)
    columns: Columns = [
        ("start", lambda b: f"{b.answered_at:%Y-%m-%dT%H:%M:%S}.000+08:00"),
        ("end", lambda b: f"{b.answered_at:%Y-%m-%dT%H:%M:%S}.900+08:00"),
        ("id_group/grid", lambda b: b.grid),
        ("id_group/hh_code", lambda b: b.household),
        *[
            (f"q_group/q{n}", lambda b, item=f"q{n}": b.label(item, LABELS_EN).replace(" ", "_"))
            for n in range(1, 6)
        ],
        ("_uuid", lambda b: f"aa{b.number:06d}"),
        ("_submission_time", lambda b: f"{b.answered_at:%Y-%m-%dT%H:%M:%S}"),
    ]
    return Layout(
        "kobo-choices",
        "KoBo export with XML values",
        {"kobo.csv": csv_bytes(table(columns, ballots), delimiter=";")},
        ballots,
        roles=_roles(
            "id_group/grid", "id_group/hh_code", "end", {f"q{n}": f"q_group/q{n}" for n in range(1, 6)}
        ),
    )


def ticks() -> Layout:
    def answer(ballot: Ballot, item: str) -> str:
        label = ballot.label(item)
        return {"是": "√", "否": "×"}.get(label, label)

    columns: Columns = [
        *LEAD,
        *[(text, lambda b, item=item: answer(b, item)) for item, text in TEXTS.items()],
    ]
    return _refused("ticks", "是否题打钩打叉", columns, "guess.labels_unknown", 709)
