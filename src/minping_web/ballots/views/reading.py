"""Staff read what residents reported: pressure (bureau and auditor) and problems (bureau).

Lists show no words; a report is opened one by one, and every opening is written down before it is shown.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from minping_web.ballots.exports import COUNTS
from minping_web.ballots.forms import ReportFilterForm, field_choices
from minping_web.ballots.rules.usual import field_name
from minping_web.ballots.rules.words import Pressure, Reading
from minping_web.ballots.selectors.reports import (
    HANDLE,
    PRESSURE_VIEW,
    PROBLEM_VIEW,
    Filters,
    asked_here,
    counted_by_area,
    pressures,
    problems,
    readings,
)
from minping_web.ballots.services.reports import (
    mark_pressure,
    mark_problem,
    note_export,
    open_pressure,
    open_problem,
)
from minping_web.common.edit_pages import paged
from minping_web.common.import_flow import export_response
from minping_web.common.pages import ScopedRequest, page


@page(PRESSURE_VIEW)
def pressure_list(request: ScopedRequest) -> HttpResponse:
    """Reports of pressure, newest first, without their words."""
    return _list(request, "pressure", pressures, list(Pressure.choices))


@page(PROBLEM_VIEW)
def problem_list(request: ScopedRequest) -> HttpResponse:
    """Problems, the dangerous first, without their words."""
    return _list(request, "problem", problems, field_choices())


def _list(request: ScopedRequest, about: str, select: Any, kinds: list[tuple[str, Any]]) -> HttpResponse:
    form = ReportFilterForm(request.GET or None, kinds=kinds)
    told = form.cleaned_data if form.is_bound and form.is_valid() else {}
    wanted = Filters(text=told.get("q", ""), kind=told.get("kind", ""), state=told.get("state", ""))
    rows = select(request.scope, wanted)
    if "format" in request.GET:
        note_export(request.scope)
        return export_response(request, COUNTS, counted_by_area(rows))
    found = paged(request, rows)
    for report in found:
        report.label = report.get_kind_display() if about == "pressure" else _field(report.field)
    context = {"form": form, "page_obj": found, "about": about, "may_handle": request.scope.may(HANDLE)}
    return render(request, "ballots/report_list.html", context)


def _field(code: str) -> str:
    return field_name(code, get_language() or "zh-hans")


@page(PRESSURE_VIEW)
def pressure_page(request: ScopedRequest, report_id: UUID) -> HttpResponse:
    """One report of pressure with its words; opening is written down."""
    opened = open_pressure(request.scope, report_id)
    return _report(request, "pressure", opened, opened.report.get_kind_display())


@page(PROBLEM_VIEW)
def problem_page(request: ScopedRequest, report_id: UUID) -> HttpResponse:
    """One problem with its words and contact; opening is written down."""
    opened = open_problem(request.scope, report_id)
    return _report(request, "problem", opened, _field(opened.report.field))


def _report(request: ScopedRequest, about: str, opened: Any, label: str) -> HttpResponse:
    context = {
        "opened": opened,
        "report": opened.report,
        "label": label,
        "about": about,
        "readings": readings(opened.report.pk),
        "asked": asked_here(opened.report.area),
        "may_handle": request.scope.may(HANDLE),
    }
    return render(request, "ballots/report.html", context)


@page(HANDLE, methods=("POST",))
def pressure_mark(request: ScopedRequest, report_id: UUID) -> HttpResponse:
    """Looked at, or passed on."""
    mark_pressure(request.scope, report_id, _wanted(request))
    messages.success(request, _("Noted."))
    return redirect("ballots:pressure_list")


@page(HANDLE, methods=("POST",))
def problem_mark(request: ScopedRequest, report_id: UUID) -> HttpResponse:
    """Looked at, or passed on."""
    mark_problem(request.scope, report_id, _wanted(request))
    messages.success(request, _("Noted."))
    return redirect("ballots:problem_list")


def _wanted(request: ScopedRequest) -> Reading:
    told = request.POST.get("what", "")
    if told not in {Reading.SEEN, Reading.PASSED}:
        raise Http404
    return Reading(told)
