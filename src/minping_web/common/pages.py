"""The decorator of every page: which permission it needs, which methods it takes, whose scope it runs in.

A test walks over all routes and fails for a view without `minping_page`, so that no page can be
forgotten. Rows of foreign areas are the selectors' business: they are not found (404), never refused,
so that their existence does not show.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.mfa.models import Authenticator
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse

from minping_web.common.clock import now
from minping_web.common.scope import Scope, entered

FRESH = timedelta(minutes=10)
"""How long a second factor counts as just given (step-up, approvals)."""

View = Callable[..., HttpResponseBase]


class ScopedRequest(HttpRequest):
    """A request that went through `ScopeMiddleware`."""

    scope: Scope


@dataclass(frozen=True)
class PageRule:
    """What a route demands; `permission` None with `public` False means: any signed-in user."""

    permission: str | None
    methods: tuple[str, ...]
    public: bool
    fresh_factor: bool
    bare: bool = False


def page(
    permission: str | None = None,
    *,
    methods: tuple[str, ...] = ("GET",),
    public: bool = False,
    fresh_factor: bool = False,
    bare: bool = False,
) -> Callable[[View], View]:
    """Guard a view. `fresh_factor` demands a second factor given a short while ago (step-up).

    `bare`, for public pages alone: no scope is entered and so no transaction opened; protected tables look
    empty, and what the view commits is durable before it answers.
    """
    rule = PageRule(permission, methods, public, fresh_factor, bare and public)

    def decorated(view: View) -> View:
        @wraps(view)
        def guarded(request: ScopedRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            turned_away = _turned_away(request, rule)
            if turned_away is not None:
                return turned_away
            if rule.bare:
                return view(request, *args, **kwargs)
            with entered(request.scope):
                response = view(request, *args, **kwargs)
            if not rule.public:
                response.headers.setdefault("Cache-Control", "private, no-store")
            return response

        guarded.minping_page = rule  # type: ignore[attr-defined]
        return guarded

    return decorated


def is_fresh(scope: Scope) -> bool:
    """Whether a second factor was given within `FRESH`."""
    return scope.second_factor_at is not None and now() - scope.second_factor_at <= FRESH


def _turned_away(request: ScopedRequest, rule: PageRule) -> HttpResponseBase | None:
    """The answer to a request that does not reach the view; PermissionDenied where a right is missing."""
    if request.method not in (*rule.methods, "HEAD", "OPTIONS"):
        return HttpResponseNotAllowed(rule.methods)
    if rule.public:
        return None
    if not request.user.is_authenticated:
        return redirect_to_login(_way_back(request, rule), login_url=reverse("account_login"))
    if rule.permission and not request.scope.may(rule.permission):
        raise PermissionDenied(rule.permission)
    if rule.fresh_factor and not is_fresh(request.scope):
        return _step_up(request, rule)
    return None


def _way_back(request: HttpRequest, rule: PageRule) -> str:
    """Where to go on after signing in. What was posted is gone: the address of a form shows it again, and
    an act without a form of its own is found on the page that it was sent from."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    if "GET" in rule.methods:
        return request.path
    came = urlsplit(request.headers.get("Referer", ""))
    return came._replace(scheme="", netloc="").geturl() if came.netloc == request.get_host() else "/"


def _step_up(request: HttpRequest, rule: PageRule) -> HttpResponseBase:
    """Ask for the second factor again; who has none is led to set one up."""
    has_one = Authenticator.objects.filter(user_id=request.user.pk).exists()
    route = "mfa_reauthenticate" if has_one else "mfa_activate_totp"
    return redirect(f"{reverse(route)}?{urlencode({'next': _way_back(request, rule)})}")
