"""For page tests: the real scope of the user, with a second factor given this moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from minping_web.access.selectors import scope_of


class FreshFactorMiddleware:
    """Stands where `ScopeMiddleware` stands; how factors are asked is tested with accounts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            scope = scope_of(request.user)  # type: ignore[arg-type]
            request.scope = replace(scope, second_factor_at=timezone.now())  # type: ignore[attr-defined]
        return self.get_response(request)
