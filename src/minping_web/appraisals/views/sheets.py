"""What a rater's sheet shows and what its form sends, by account and by link alike."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from minping_web.appraisals.models import CalledRater
from minping_web.appraisals.rules.asked import AskedGroup, AskedItem
from minping_web.appraisals.rules.conflicts import Assessee, Conflict
from minping_web.appraisals.rules.numbers import written
from minping_web.appraisals.selectors.paper import on_paper
from minping_web.appraisals.selectors.raters import SheetRow, sheet_rows
from minping_web.appraisals.services.marking import Filled
from minping_web.common.clock import today

FIELD, DECLARED, DECLARES = "mark", "conflict", "declares"
WHY_NOT: dict[Conflict, str | Promise] = {
    Conflict.ONESELF: gettext_lazy("yourself"),
    Conflict.OWN_ORGANISATION: gettext_lazy("your own organisation"),
    Conflict.OWN_PLACE: gettext_lazy("your own place of work"),
    Conflict.OWN_COMMUNITY: gettext_lazy("your own community"),
}
"""Reasons that a sheet tells; who belongs to other places simply is not on it."""
ANCHORS = ((100, gettext_lazy("very good")), (80, gettext_lazy("good")), (60, gettext_lazy("fair")),
           (40, gettext_lazy("poor")), (20, gettext_lazy("very poor")))  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One mark on the page."""

    item: AskedItem
    name: str
    value: str


@dataclass(frozen=True)
class Line:
    """One assessee with the fields to fill in."""

    assessee: Assessee
    fields: list[Field]
    is_declared: bool

    @property
    def conflict_name(self) -> str:
        """Of the field that declares a conflict of interest."""
        return f"{DECLARED}:{self.assessee.id}"


def sheet_context(request: HttpRequest, rater: CalledRater, group: AskedGroup) -> dict[str, object]:
    """Everything that the templates of sheets need."""
    rows = sheet_rows(rater, group)
    open_rows = [row for row in rows if row.conflict is None]
    call, is_on_paper = rater.call, rater.number in on_paper(rater.call)
    return {
        "rater": rater,
        "call": call,
        "group": group,
        "rows": [_line(request, row, group) for row in open_rows],
        "left_out": [(row.assessee, WHY_NOT[row.conflict]) for row in rows if row.conflict in WHY_NOT],
        "done": sum(row.is_done for row in open_rows),
        "is_open": call.is_open_on(today()) and not is_on_paper,
        "is_over": call.is_over_on(today()),
        "is_on_paper": is_on_paper,
        "anchors": _anchors(group),
    }


def _line(request: HttpRequest, row: SheetRow, group: AskedGroup) -> Line:
    """The own marks, or what was just written and refused."""
    made = []
    for item, mark in zip(group.items, row.marks, strict=True):
        name = f"{FIELD}:{row.assessee.id}:{item.id}"
        saved = "" if mark is None else written(mark)
        made.append(Field(item, name, request.POST.get(name, saved)))
    declared = f"{DECLARED}:{row.assessee.id}" in request.POST if request.POST else row.is_declared
    return Line(row.assessee, made, declared)


def _anchors(group: AskedGroup) -> list[tuple[str, str | Promise]]:
    """What full and lesser marks mean, where all items have one scale without words of the scheme."""
    tops = {item.most_milli for item in group.items if not item.is_yes_no}
    if len(tops) != 1 or any(item.anchors for item in group.items):
        return []
    top = tops.pop()
    return [(written(top * percent // 100), word) for percent, word in ANCHORS]


def filled_of(request: HttpRequest) -> Filled:
    """Marks by assessee and item, declared conflicts, and whether the sheet is handed in."""
    found: dict[tuple[str, str], str] = {}
    declared = set()
    for name, value in request.POST.items():
        field, _colon, rest = name.partition(":")
        who, colon, item = rest.rpartition(":")
        if field == FIELD and colon:
            found[who, item] = str(value)
        elif field == DECLARED and rest:
            declared.add(rest)
    told = frozenset(declared) if DECLARES in request.POST else None
    return Filled(found, told, "hand_in" in request.POST)
