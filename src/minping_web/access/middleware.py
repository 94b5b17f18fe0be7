"""Gives every request its scope; it is computed when first asked for."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from minping_web.access.selectors import scope_of
from minping_web.common.scope import NOBODY, Scope


class ScopeMiddleware:
    """Sets `request.scope`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.scope = SimpleLazyObject(lambda: _scope(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def _scope(request: HttpRequest) -> Scope:
    if not request.user.is_authenticated:
        return NOBODY
    return scope_of(request.user, second_factor_at=None)  # type: ignore[arg-type]
