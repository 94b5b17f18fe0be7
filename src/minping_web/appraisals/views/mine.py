"""A rater's own pages: calls, and the sheet with the own marks. Nobody else opens it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from minping_web.appraisals.selectors.evidence import RATE
from minping_web.appraisals.selectors.raters import group_of, my_call, my_calls
from minping_web.appraisals.services.marking import save_marks
from minping_web.appraisals.views.sheets import filled_of, sheet_context
from minping_web.common.clock import today
from minping_web.common.edit_pages import paged
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import ProblemLine, RefusedError, lines


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
        filled = filled_of(request)
        try:
            save_marks(
                request.scope, rater.pk, filled.written, declared=filled.declared, hand_in=filled.hand_in
            )
        except RefusedError as refused:
            problems = lines(refused.problems)
        else:
            messages.success(request, _("Handed in. Thank you.") if filled.hand_in else _("Saved."))
            return redirect("appraisals:sheet", rater.pk)
    context = {**sheet_context(request, rater, group), "problems": problems}
    return render(request, "appraisals/sheet.html", context, status=422 if problems else 200)
