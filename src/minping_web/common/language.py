"""Which language a page speaks: what its address names, else the cookie of the switch, else Chinese.

The browser's wishes are not asked: a district's product is Chinese first on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import pgettext


class LanguageMiddleware:
    """Activates the language of one request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = _wanted(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        response.headers.setdefault("Vary", "Cookie")
        return response


def _wanted(request: HttpRequest) -> str:
    """Residents' pages keep no cookie: their links to other pages name the language that is being read."""
    known = dict(settings.LANGUAGES)
    wishes = (request.GET.get("lang", ""), request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""))
    return next((wish for wish in wishes if wish in known), settings.LANGUAGE_CODE)


def listed(words: Iterable[str]) -> str:
    """Words beside each other as the language of the page writes them."""
    return pgettext("between the words of a list", ", ").join(words)
