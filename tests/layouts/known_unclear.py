"""Three layouts of the thirty that nobody could guess honestly: each must be refused, with its reason."""

from __future__ import annotations

from ballots import TEXTS, make_ballots
from dressing import Columns, Layout, Sheet, csv_bytes, table, xlsx_bytes


def unclear_layouts() -> list[Layout]:
    """Two targets, two households, a scale without direction."""
    return [two_targets(), two_households(), no_direction()]


def two_targets() -> Layout:
    ballots = make_ballots(401, 40)
    columns: Columns = [
        ("网格编号", lambda b: b.grid),
        ("社工编号", lambda b: f"W{1 + (b.number * 7) % 9}"),
        ("户号", lambda b: b.household),
        ("答题时间", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M}"),
        *[(text, lambda b, item=item: b.label(item)) for item, text in TEXTS.items()],
    ]
    return Layout(
        "two-targets",
        "既有网格又有社工，且不是一一对应：评的是谁？",
        {"data.csv": csv_bytes(table(columns, ballots))},
        ballots,
        outcome="refuse",
        refused_for=("guess.two_candidates",),
    )


def two_households() -> Layout:
    ballots = make_ballots(402, 40)
    columns: Columns = [
        ("网格编号", lambda b: b.grid),
        ("户号", lambda b: b.household),
        ("家庭编号", lambda b: f"F{300 + (b.number * 11) % 37}"),
        ("答题时间", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M}"),
        *[(text, lambda b, item=item: b.label(item)) for item, text in TEXTS.items()],
    ]
    return Layout(
        "two-households",
        "户号与家庭编号互不对应：一户一票按哪一个？",
        {"data.xlsx": xlsx_bytes(Sheet("Sheet1", table(columns, ballots)))},
        ballots,
        outcome="refuse",
        refused_for=("guess.two_candidates",),
    )


def no_direction() -> Layout:
    ballots = make_ballots(403, 40)
    columns: Columns = [
        ("网格编号", lambda b: b.grid),
        ("户号", lambda b: b.household),
        ("答题时间", lambda b: f"{b.answered_at:%Y-%m-%d %H:%M}"),
        *[(text, lambda b, item=item: b.answer(item)) for item, text in TEXTS.items()],
    ]
    return Layout(
        "no-direction",
        "答案只有 1-5 和 1-3，没有说明哪一头最好",
        {"coded.csv": csv_bytes(table(columns, ballots))},
        ballots,
        outcome="refuse",
        refused_for=("guess.numbers_unclear",),
    )
