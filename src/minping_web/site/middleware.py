"""What happens to every request before Django looks at it: a number, counting, the probes, headers.

The probes are answered here and not by views: they must speak when the database, sessions or the list of
host names do not, and they are no pages. Everything else has a route.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from ipaddress import ip_address

from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import Resolver404, resolve

from minping_web.site import health, metrics
from minping_web.site.logs import request_id

Answer = Callable[[HttpRequest], HttpResponse]
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")
"""What came through a proxy carries one of these; then loopback means the proxy, not its visitor."""
SHORT_WAY = "/v/"
"""Where votes are cast."""
PERMISSIONS_POLICY = (
    "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
)


class RequestMiddleware:
    """Numbers and counts requests; adds the headers that no library adds."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = secrets.token_hex(8)
        token, started = request_id.set(number), time.perf_counter()
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        metrics.requests.note(_app_of(request), response.status_code, time.perf_counter() - started)
        response.headers["X-Request-ID"] = number
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response


def _app_of(request: HttpRequest) -> str:
    match = request.resolver_match
    if match is None:
        return "static" if request.path.startswith(f"/{settings.STATIC_URL.strip('/')}/") else "none"
    return match.app_names[0] if match.app_names else (match.namespaces[0] if match.namespaces else "site")


class PolicyMiddleware:
    """The content policy of the settings on every page, put together once: no page changes it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.policy = build_policy()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(HEADER, self.policy)
        return response


class ShortWayMiddleware:
    """Calls the resident's pages at once, past sessions, accounts, messages and locks, which they know not.

    What stands before it in the list holds for them as well: security headers, content policy, language.
    What stands behind it would find no cookie to read, yet cost as much time as counting a vote.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(SHORT_WAY):
            return self.get_response(request)
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return self.get_response(request)
        rule = getattr(match.func, "minping_page", None)
        if rule is None or not rule.bare:
            return self.get_response(request)
        request.resolver_match = match
        answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
        return answer


class ProbeMiddleware:
    """Answers /healthz, /readyz and /metrics."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.probes: dict[str, Answer] = {"/healthz": _health, "/readyz": _readiness, "/metrics": _metrics}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = self.probes.get(request.path)
        if probe is None:
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        response = probe(request)
        response.headers["Cache-Control"] = "no-store"
        return response


def _health(request: HttpRequest) -> HttpResponse:
    well = health.alive()
    return JsonResponse({"status": "ok" if well else "failing"}, status=200 if well else 503)


def _readiness(request: HttpRequest) -> HttpResponse:
    checks = health.ready()
    well = all(checks.values())
    return JsonResponse(
        {"status": "ok" if well else "failing", "checks": checks}, status=200 if well else 503
    )


def _metrics(request: HttpRequest) -> HttpResponse:
    if not may_read_metrics(request):
        return HttpResponse(status=404)
    return HttpResponse(metrics.page(), content_type="text/plain; version=0.0.4; charset=utf-8")


def may_read_metrics(request: HttpRequest) -> bool:
    """From this machine itself, or with the token."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    wanted = settings.METRICS_TOKEN.encode()
    if wanted and hmac.compare_digest(given, wanted):
        return True
    return _is_loopback(request.META.get("REMOTE_ADDR", "")) and not any(
        key in request.META for key in FORWARDED
    )


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
