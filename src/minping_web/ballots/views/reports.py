"""Residents' own forms: pressure ("someone is telling me what to answer") and problems. No token, no cookie.

The address carries the code of an area at most. What was sent is answered by a redirect, so that loading
the page again sends nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from minping_web.ballots.forms import PressureForm, ProblemForm
from minping_web.ballots.selectors.places import Choice, area_of, choice
from minping_web.ballots.services.reports import (
    LONGEST_CONTACT,
    LONGEST_TEXT,
    report_pressure,
    report_problem,
)
from minping_web.ballots.views.plain import language_of, private, shown
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError
from minping_web.places.models import Area

Send = Callable[[Area | None, dict[str, Any]], None]


@csrf_exempt
@page(public=True, bare=True, methods=("GET", "POST"))
def pressure(request: ScopedRequest) -> HttpResponse:
    """Someone is telling me what to answer."""
    return _page(request, PressureForm, _send_pressure, "ballots/pressure.html")


@csrf_exempt
@page(public=True, bare=True, methods=("GET", "POST"))
def problem(request: ScopedRequest) -> HttpResponse:
    """A problem that cannot wait for the end of the survey."""
    return _page(request, ProblemForm, _send_problem, "ballots/problem.html")


def _send_pressure(area: Area | None, told: dict[str, Any]) -> None:
    report_pressure(area, told["kind"], told["text"])


def _send_problem(area: Area | None, told: dict[str, Any]) -> None:
    report_problem(area, told["field"], told["text"], contact=told["contact"], is_urgent=told["urgent"])


def _page(request: HttpRequest, form_class: type[forms.Form], send: Send, template: str) -> HttpResponse:
    language = language_of(request)
    with translation.override(language):
        code = request.GET.get("area", "")[:40]
        if request.method != "POST":
            form = None if "sent" in request.GET else form_class()
            return _shown(request, template, form, language, code)
        form = form_class(request.POST)
        if not form.is_valid():
            return _shown(request, template, form, language, code, status=422)
        try:
            send(area_of(code), form.cleaned_data)
        except RefusedError:
            return _shown(request, template, form, language, code, status=429)
        return _sent(request, language, code, bool(form.cleaned_data.get("urgent")))


def _sent(request: HttpRequest, language: str, code: str, urgent: bool) -> HttpResponse:
    told = {"sent": "urgent" if urgent else "yes", "lang": language} | ({"area": code} if code else {})
    answer = HttpResponseRedirect(f"{request.path}?{urlencode(told)}")
    answer.status_code = 303
    return private(answer)


def _shown(
    request: HttpRequest,
    template: str,
    form: forms.Form | None,
    language: str,
    code: str,
    *,
    status: int = 200,
) -> HttpResponse:
    """The form with the place, or thanks where there is no form."""
    place = choice(code) if form is not None else Choice(area_of(code), (), ())
    context = {
        "form": form,
        "place": place,
        "area_code": place.area.code if place.area else "",
        "keep": urlencode({"area": place.area.code}) + "&" if place.area else "",
        "too_many": status == 429,
        "urgent": request.GET.get("sent") == "urgent",
        "longest": LONGEST_TEXT,
        "longest_contact": LONGEST_CONTACT,
    }
    return shown(template, context, language=language, status=status, switch=status == 200)
