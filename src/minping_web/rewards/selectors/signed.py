"""What is signed: of one use in one round, and what was held back."""

from __future__ import annotations

from collections import defaultdict

from minping_web.rewards.models import Line, Sheet
from minping_web.rewards.rules.drafts import Held
from minping_web.rewards.rules.words import Change, LineState, SheetState


def last_signed(round_id: int, use: str) -> Sheet | None:
    """The newest signed sheet of a use, which a difference follows."""
    rows = Sheet.objects.filter(publication__round=round_id, use=use, state=SheetState.SIGNED)
    return rows.order_by("pk").last()


def signed_so_far(round_id: int, use: str) -> dict[str, Held]:
    """By assessee: the sum of what was signed, and whether it holds."""
    rows = Line.objects.filter(
        sheet__publication__round=round_id, sheet__use=use, sheet__state=SheetState.SIGNED,
        state=LineState.PROPOSED,
    )  # fmt: skip
    fen: dict[str, int] = defaultdict(int)
    holds: dict[str, bool] = {}
    for line in rows.order_by("sheet_id", "pk"):
        fen[line.assessee_id] += line.fen or 0
        holds[line.assessee_id] = line.change != Change.WITHDRAWN
    return {who: Held(fen[who], holds[who]) for who in holds if holds[who] or fen[who]}


def lines_so_far(round_id: int, use: str) -> dict[str, Line]:
    """By assessee: the newest signed line, for who is in the corrected result no more."""
    rows = Line.objects.filter(
        sheet__publication__round=round_id, sheet__use=use, sheet__state=SheetState.SIGNED
    )
    return {line.assessee_id: line for line in rows.select_related("result").order_by("sheet_id", "pk")}


def withheld_so_far(round_id: int) -> dict[str, dict[str, Line]]:
    """By use and assessee: lines that are held back now."""
    rows = Line.objects.filter(sheet__publication__round=round_id, state=LineState.WITHHELD)
    found: dict[str, dict[str, Line]] = defaultdict(dict)
    for line in rows.exclude(sheet__state=SheetState.REPLACED).select_related("sheet").order_by("pk"):
        found[line.sheet.use][line.assessee_id] = line
    return found
