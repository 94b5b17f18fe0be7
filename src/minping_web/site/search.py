"""One search over pages of the menu, areas, people and organisations: what the scope shows, a few of each.

Each register narrows by its own rules; nothing is found here that its list would not show. Households
are never searched by name or address from here (see frames: find by telephone, with a reason).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Model, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from minping_web.common.navigation import entries_named
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.scope import Scope
from minping_web.organisations.selectors import organisations_seen
from minping_web.people.selectors.directory import people_seen
from minping_web.places.selectors.areas import areas_seen

MOST = 12
SHORTEST = 1


@dataclass(frozen=True)
class Hit:
    """One line: what it is called, where it leads, what stands beside it."""

    name: str
    url: str
    beside: str
    ended: bool = False


@dataclass(frozen=True)
class Hits:
    """The hits of one register; `more` leads to its list, narrowed the same way."""

    title: str | Promise
    hits: list[Hit]
    more: str
    is_cut: bool


def found(scope: Scope, text: str) -> list[Hits]:
    """Hits by register; registers that the scope does not open are left out."""
    words = text.split()
    if not words or len(text) < SHORTEST:
        return []
    return [
        hits for hits in (_areas(scope, words), _people(scope, words), _bodies(scope, words)) if hits.hits
    ]


def _pages(request: ScopedRequest, text: str) -> list[Hits]:
    """Pages of the user's menu: the way to a page for who does not know in which group it stands."""
    items = entries_named(request, text.split()) if text else []
    lines = [Hit(str(item.entry.label), item.url, str(item.entry.about)) for item in items[:MOST]]
    return [Hits(_("Pages"), lines, "", is_cut=False)] if lines else []


def _all_words(words: Iterable[str], *fields: str) -> Q:
    """Every word in one of the fields."""
    joined = Q()
    for word in words:
        one = Q()
        for name in fields:
            one |= Q(**{f"{name}__icontains": word})
        joined &= one
    return joined


def _hits(title: str, route: str, rows: list[Model], beside: list[str], words: list[str]) -> Hits:
    lines = [
        Hit(str(row), reverse(f"{route}:detail", args=[row.pk]), note, bool(getattr(row, "valid_to", None)))
        for row, note in zip(rows[:MOST], beside, strict=False)
    ]
    more = f"{reverse(f'{route}:list')}?q={'+'.join(words)}"
    return Hits(title, lines, more, len(rows) > MOST)


def _areas(scope: Scope, words: list[str]) -> Hits:
    queryset = areas_seen(scope).filter(_all_words(words, "name", "code")).select_related("parent")
    rows = list(queryset.order_by("valid_to", "path")[: MOST + 1])
    beside = [f"{row.get_level_display()} · {row.parent or ''}" for row in rows]
    return _hits(_("Areas"), "places", list(rows), beside, words)


def _people(scope: Scope, words: list[str]) -> Hits:
    rows = list(people_seen(scope).filter(_all_words(words, "name", "code")).order_by("code")[: MOST + 1])
    return _hits(_("People"), "people", list(rows), [row.code for row in rows], words)


def _bodies(scope: Scope, words: list[str]) -> Hits:
    queryset = organisations_seen(scope).filter(_all_words(words, "name", "code"))
    rows = list(queryset.order_by("code")[: MOST + 1])
    beside = [str(row.get_kind_display()) for row in rows]
    return _hits(_("Organisations"), "organisations", list(rows), beside, words)


@page()
def search(request: ScopedRequest) -> HttpResponse:
    """Results for `q`; empty without it."""
    text = " ".join(request.GET.get("q", "").split())[:80]
    groups = [*_pages(request, text), *found(request.scope, text)]
    return render(request, "site/search.html", {"text": text, "groups": groups})
