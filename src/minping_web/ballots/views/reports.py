"""Residents' own forms: pressure ("someone is telling me what to answer") and problems. No token, no cookie.

The address carries the code of an area at most. What was sent is answered by a redirect, so that loading
the page again sends nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from minping_web.ballots.forms import PressureForm, ProblemForm
from minping_web.ballots.selectors.places import PRESSURE, PROBLEM, Choice, area_of, choice, widened
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


@dataclass(frozen=True)
class Kind:
    """One of the two forms: what it asks, where that goes, how it looks, how finely it may name the place."""

    form: type[forms.Form]
    send: Callable[[Area | None, dict[str, Any]], None]
    template: str
    finest: str


@csrf_exempt
@page(public=True, bare=True, methods=("GET", "POST"))
def pressure(request: ScopedRequest) -> HttpResponse:
    """Someone is telling me what to answer."""
    return _page(request, Kind(PressureForm, _send_pressure, "ballots/pressure.html", PRESSURE))


@csrf_exempt
@page(public=True, bare=True, methods=("GET", "POST"))
def problem(request: ScopedRequest) -> HttpResponse:
    """A problem that cannot wait for the end of the survey."""
    return _page(request, Kind(ProblemForm, _send_problem, "ballots/problem.html", PROBLEM))


def _send_pressure(area: Area | None, told: dict[str, Any]) -> None:
    report_pressure(area, told["kind"], told["text"])


def _send_problem(area: Area | None, told: dict[str, Any]) -> None:
    report_problem(area, told["field"], told["text"], contact=told["contact"], is_urgent=told["urgent"])


def _page(request: HttpRequest, kind: Kind) -> HttpResponse:
    language = language_of(request)
    with translation.override(language):
        area = widened(area_of(request.GET.get("area", "")[:40]), kind.finest)
        if request.method != "POST":
            form = None if "sent" in request.GET else kind.form()
            return _shown(request, kind, form, language, area)
        form = kind.form(request.POST)
        if not form.is_valid():
            return _shown(request, kind, form, language, area, status=422)
        try:
            kind.send(area, form.cleaned_data)
        except RefusedError:
            return _shown(request, kind, form, language, area, status=429)
        return _sent(request, language, area, bool(form.cleaned_data.get("urgent")))


def _sent(request: HttpRequest, language: str, area: Area | None, urgent: bool) -> HttpResponse:
    told = {"sent": "urgent" if urgent else "yes", "lang": language} | ({"area": area.code} if area else {})
    answer = HttpResponseRedirect(f"{request.path}?{urlencode(told)}")
    answer.status_code = 303
    return private(answer)


def _shown(
    request: HttpRequest,
    kind: Kind,
    form: forms.Form | None,
    language: str,
    area: Area | None,
    *,
    status: int = 200,
) -> HttpResponse:
    """The form with the place, or thanks where there is no form."""
    code = area.code if area else ""
    place = choice(code, finest=kind.finest) if form is not None else Choice(area, (), ())
    context = {
        "form": form,
        "place": place,
        "area_code": code,
        "keep": urlencode({"area": code}) + "&" if code else "",
        "too_many": status == 429,
        "urgent": request.GET.get("sent") == "urgent",
        "longest": LONGEST_TEXT,
        "longest_contact": LONGEST_CONTACT,
    }
    return shown(kind.template, context, language=language, status=status, switch=status == 200)
