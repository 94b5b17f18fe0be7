"""A rater's own pages: calls, and the sheet with the own marks. Nobody else opens it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_web.appraisals.models import CalledRater
from minping_web.appraisals.rules.asked import AskedGroup, AskedItem
from minping_web.appraisals.rules.conflicts import Conflict
from minping_web.appraisals.rules.numbers import written
from minping_web.appraisals.selectors.evidence import RATE
from minping_web.appraisals.selectors.raters import SheetRow, group_of, my_call, my_calls, sheet_rows
from minping_web.appraisals.services.marking import save_marks
from minping_web.common.clock import today
from minping_web.common.edit_pages import paged
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import ProblemLine, RefusedError, lines

FIELD = "mark"
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


@page(RATE)
def mine(request: ScopedRequest) -> HttpResponse:
    """What the user was called to."""
    page_obj = paged(request, my_calls(request.scope))
    for rater in page_obj.object_list:
        rater.group = group_of(rater.call)
        rater.is_open = rater.call.is_open_on(today())
        rater.is_over = rater.call.is_over_on(today())
    return render(request, "appraisals/mine.html", {"page_obj": page_obj})


@page(RATE, methods=("GET", "POST"))
def sheet(request: ScopedRequest, rater_id: int) -> HttpResponse:
    """The sheet: save as often as wanted, hand in, change until the last day."""
    rater = my_call(request.scope, rater_id)
    group = group_of(rater.call)
    problems: list[ProblemLine] = []
    if request.method == "POST":
        hand_in = "hand_in" in request.POST
        try:
            save_marks(request.scope, rater.pk, _written(request), hand_in=hand_in)
        except RefusedError as refused:
            problems = lines(refused.problems)
        else:
            messages.success(request, _("Handed in. Thank you.") if hand_in else _("Saved."))
            return redirect("appraisals:sheet", rater.pk)
    context = _context(request, rater, group)
    return render(
        request, "appraisals/sheet.html", {**context, "problems": problems}, status=422 if problems else 200
    )


def _context(request: ScopedRequest, rater: CalledRater, group: AskedGroup) -> dict[str, object]:
    rows = sheet_rows(rater, group)
    open_rows = [row for row in rows if row.conflict is None]
    return {
        "rater": rater,
        "call": rater.call,
        "group": group,
        "rows": [(row.assessee, _fields(request, row, group)) for row in open_rows],
        "left_out": [(row.assessee, WHY_NOT[row.conflict]) for row in rows if row.conflict in WHY_NOT],
        "done": sum(row.is_done for row in open_rows),
        "is_open": rater.call.is_open_on(today()),
        "is_over": rater.call.is_over_on(today()),
        "anchors": _anchors(group),
    }


def _fields(request: ScopedRequest, row: SheetRow, group: AskedGroup) -> list[Field]:
    """The own marks, or what was just written and refused."""
    made = []
    for item, mark in zip(group.items, row.marks, strict=True):
        name = f"{FIELD}:{row.assessee.id}:{item.id}"
        saved = "" if mark is None else written(mark)
        made.append(Field(item, name, request.POST.get(name, saved)))
    return made


def _anchors(group: AskedGroup) -> list[tuple[str, str | Promise]]:
    """What full and lesser marks mean, where all items have one scale."""
    tops = {item.most_milli for item in group.items if not item.is_yes_no}
    if len(tops) != 1:
        return []
    top = tops.pop()
    return [(written(top * percent // 100), word) for percent, word in ANCHORS]


def _written(request: ScopedRequest) -> dict[tuple[str, str], str]:
    """Fields of marks by assessee and item."""
    found = {}
    for name, value in request.POST.items():
        field, _colon, rest = name.partition(":")
        who, colon, item = rest.rpartition(":")
        if field == FIELD and colon:
            found[who, item] = str(value)
    return found
