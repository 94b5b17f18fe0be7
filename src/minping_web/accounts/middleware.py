"""What a session may do before its user has done what is due: nothing but that. And every session ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve

from minping_web.accounts.rules import SESSION_LASTS
from minping_web.common.clock import now

SIGNED_IN_AT = "signed_in_at"

OPEN_ROUTES = frozenset(
    {
        "home",
        "language",
        "account_login",
        "account_logout",
        "account_change_password",
        "account_reauthenticate",
        "styleguide",
    }
)
"""Routes that stay open while something is due."""

INTERFACE = ("api:", "api_")
"""Routes of programs: they know keys and no sessions, so nothing that a session owes concerns them."""


def route_of(request: HttpRequest) -> str:
    """The name of the route that will answer; empty for an unknown address."""
    try:
        return resolve(request.path_info).view_name or ""
    except Resolver404:
        return ""


def stays_open(request: HttpRequest) -> bool:
    """Whether the page asked for may be seen while something is due."""
    route = route_of(request)
    return route in OPEN_ROUTES or route.startswith(INTERFACE)


class SessionMiddleware:
    """Ends a session after its absolute lifetime; asks for a new password where one is due."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if _is_over(request):
                logout(request)
                return redirect("account_login")
            if _owes_password(request):
                return redirect("account_change_password")
        return self.get_response(request)


def _is_over(request: HttpRequest) -> bool:
    began = request.session.get(SIGNED_IN_AT)
    return began is None or now() - datetime.fromisoformat(began) > SESSION_LASTS


def _owes_password(request: HttpRequest) -> bool:
    due = bool(getattr(request.user, "must_change_password", False)) and request.user.has_usable_password()  # type: ignore[union-attr]
    return due and not stays_open(request)
