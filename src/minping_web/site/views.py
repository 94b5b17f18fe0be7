"""Pages that belong to no step: the start page and the switch of language."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import lines
from minping_web.ledger.selectors import witness_alarms
from minping_web.site.demo.accounts import groups
from minping_web.site.desk import coming, last_results, waiting


@page(public=True)
def home(request: ScopedRequest) -> HttpResponse:
    """The start page for visitors, the overview for staff."""
    context: dict[str, Any] = {"demo_groups": groups() if settings.DEMO else ()}
    if request.user.is_authenticated:
        context |= {
            "log_alarms": lines(witness_alarms(request.scope)),
            "waiting": waiting(request.scope),
            "coming": coming(request.scope),
            "last_results": last_results(request.scope),
        }
    return render(request, "site/home.html", context)


@page(public=True, methods=("POST",))
def choose_language(request: ScopedRequest) -> HttpResponse:
    """Remember the language in a cookie and go back."""
    chosen = request.POST.get("language", "")
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = HttpResponseRedirect(back)
    if chosen in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=365 * 24 * 3600,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response
