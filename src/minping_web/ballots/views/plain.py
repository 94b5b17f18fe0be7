"""How pages for residents answer: no cookie, no session, no query of their own, nothing kept by the browser.

They are rendered without the request: what the frame needs is the language, which the address names.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from minping_web.ballots.views.prepared import Own, filled_in
from minping_web.common.navigation import address_of

LANGUAGES = ("zh-hans", "en")
REAL_PAGE, CHECK_PAGE = "real", "snapshots:check"
"""Pages of other apps that residents are led to, where this deployment has them."""


def language_of(request: HttpRequest) -> str:
    """The language that the address names, else the page's."""
    wanted = request.GET.get("lang", "")
    return wanted if wanted in LANGUAGES else str(translation.get_language())


def shown(
    template: str,
    context: dict[str, Any],
    *,
    language: str,
    status: int = 200,
    switch: bool = True,
    own: Own | None = None,
) -> HttpResponse:
    """A resident's page. `switch`: offer the other language, where the page can be fetched anew.

    With `own` (see `prepared`) everything in `context` is the same for many residents and kept in memory.
    """
    frame = {"language": language, "switch": switch, "demo": settings.DEMO, **_other_pages()}
    with translation.override(language):
        told = {**frame, **context}
        text: str = render_to_string(template, told) if own is None else filled_in(template, told, own)
    response = HttpResponse(text, status=status)
    response.headers["Content-Language"] = language
    return private(response)


@cache
def _other_pages() -> dict[str, str | None]:
    return {"real_url": address_of(REAL_PAGE), "check_url": address_of(CHECK_PAGE)}


def private(response: HttpResponse) -> HttpResponse:
    """Nothing of these pages is kept by a browser, told to another site or found by a search engine."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
