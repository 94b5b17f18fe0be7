"""Addresses of the API, all answering in one shape: also a wrong method and an address that is none."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, include, path, re_path, reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt

from minping_web.common.pages import ScopedRequest, page
from minping_web.common.rest import problem_answer
from minping_web.common.rest.answers import language_of
from minping_web.site.api.assembly import api
from minping_web.site.api.contract import contract, shown

View = Callable[..., Any]


def in_one_shape(view: View) -> View:
    """Refusals of the framework become problems, reads get an ETag, and no cache shares an answer."""

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with override("en" if language_of(request) == "en" else "zh-hans"):
            response = view(request, *args, **kwargs)
        if isinstance(response, HttpResponseNotAllowed):
            allowed = response.headers["Allow"]
            response = problem_answer(request, 405)
            response.headers["Allow"] = allowed
        response.headers.setdefault("Cache-Control", "private, no-cache")
        patch_vary_headers(response, ["Authorization", "Accept-Language"])
        return _unless_known(request, response)

    update_wrapper(answer, view)
    return csrf_exempt(answer)


def _unless_known(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """304 for a read whose answer the caller has already."""
    if request.method != "GET" or response.status_code != 200 or "no-store" in response["Cache-Control"]:
        return response
    tag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response.headers["ETag"] = tag
    return get_conditional_response(request, etag=tag, response=response) or response


@page(public=True)
def openapi(request: ScopedRequest) -> HttpResponse:
    """The contract in full."""
    return JsonResponse(contract(), json_dumps_params={"ensure_ascii": False})


@page(public=True)
def documentation(request: ScopedRequest) -> HttpResponse:
    """The contract for people; the framework's own page needs scripts that our policy refuses."""
    return render(request, "site/api.html", {"groups": shown(), "contract": reverse("api_contract")})


@page(public=True)
def start(request: ScopedRequest) -> HttpResponse:
    """To the page for people."""
    return HttpResponseRedirect(reverse("api_documentation"))


@page(public=True, methods=("GET", "POST", "PUT", "PATCH", "DELETE"))
def nothing(request: ScopedRequest, rest: str) -> HttpResponse:
    """Addresses that are none, for programs."""
    return problem_answer(request, 404)


def _operations() -> list[URLPattern]:
    patterns, _, _ = api.urls
    routes = [
        pattern for pattern in patterns if isinstance(pattern, URLPattern) and pattern.name != "api-root"
    ]
    for route in routes:
        route.callback = in_one_shape(route.callback)
    return routes


urlpatterns = [
    path("", start, name="api_start"),
    path("docs", documentation, name="api_documentation"),
    path("openapi.json", openapi, name="api_contract"),
    path("", include((_operations(), "api"))),
    re_path("^(?P<rest>.+)$", csrf_exempt(in_one_shape(nothing)), name="api_nothing"),
]
