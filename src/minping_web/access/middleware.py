"""Gives every request its scope, and lets nobody past who owes a second factor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from minping_web.access.selectors import scope_of
from minping_web.accounts.middleware import route_of, stays_open
from minping_web.accounts.selectors import has_second_factor
from minping_web.common.clock import now
from minping_web.common.scope import NOBODY, Scope

FACTORS = frozenset({"totp", "webauthn", "recovery_codes"})
ENROLMENT = frozenset(
    {
        "mfa_index",
        "mfa_activate_totp",
        "mfa_reauthenticate",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
    }
)
"""Routes of setting up and giving the second factor."""


class ScopeMiddleware:
    """Sets `request.scope`; it is computed when first asked for, once per request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.scope = SimpleLazyObject(lambda: _scope(request))  # type: ignore[attr-defined]
        return self.get_response(request)


class SecondFactorMiddleware:
    """Who holds a role that demands a second factor goes nowhere without one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _owes_factor(request) and route_of(request) not in ENROLMENT and not stays_open(request):
            route = "mfa_reauthenticate" if has_second_factor(request.user.pk or 0) else "mfa_activate_totp"
            back = request.get_full_path() if request.method == "GET" else reverse("home")
            return redirect(f"{reverse(route)}?{urlencode({'next': back})}")
        return self.get_response(request)


def _owes_factor(request: HttpRequest) -> bool:
    if not request.user.is_authenticated or factor_given_at(request) is not None:
        return False
    scope: Scope = request.scope  # type: ignore[attr-defined]
    return scope.needs_factor


def factor_given_at(request: HttpRequest) -> datetime | None:
    """When this session last gave a second factor.

    The invented accounts of a demonstration have no telephone: entering counts, in demonstration mode and
    for accounts made by its seed alone.
    """
    if settings.DEMO and getattr(request.user, "is_invented", False):
        return now()
    given = [
        float(record["at"])
        for record in get_authentication_records(request, request.user)
        if record.get("method") == "mfa" and record.get("type") in FACTORS
    ]
    return datetime.fromtimestamp(max(given), tz=UTC) if given else None


def _scope(request: HttpRequest) -> Scope:
    if not request.user.is_authenticated:
        return NOBODY
    return scope_of(request.user, second_factor_at=factor_given_at(request))
