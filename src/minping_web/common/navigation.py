"""The frame around staff pages: which entries of the menu this user has, where we are, who is signed in.

Apps do not know each other's pages: `site.wiring` lists the entries in order and names the function that
describes a user's roles. Pages of visitors have no menu and cost no query.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, SimpleLazyObject


@dataclass(frozen=True)
class Entry:
    """One line of the menu: route name, label, permission (None = everyone signed in), icon id."""

    route: str
    label: str | Promise
    permission: str | None = None
    icon: str = "dot"
    group: str | Promise = ""
    about: str | Promise = ""


@dataclass
class Item:
    """An entry that this user has, with its address; `current` marks the page or its section."""

    entry: Entry
    url: str
    current: bool = False


MOST_AT_ONCE = 14
"""A menu of so many entries is shown whole; a longer one is folded, and has a box to filter it."""


@dataclass
class Group:
    """Entries under one heading; of a long menu only the group of this page is unfolded."""

    label: str
    items: list[Item] = field(default_factory=list)
    is_open: bool = True

    @property
    def current(self) -> Item | None:
        """The entry of this page, where it stands in this group."""
        return next((item for item in self.items if item.current), None)


def _nothing(request: HttpRequest) -> Sequence[str]:
    return ()


class Menu:
    """The entries of this process, set once by the site's wiring."""

    entries: tuple[Entry, ...] = ()
    describe: Callable[[HttpRequest], Sequence[str]] = staticmethod(_nothing)
    search_route: str = "search"

    @classmethod
    def set(cls, entries: Sequence[Entry]) -> None:
        """Replace all entries."""
        cls.entries = tuple(entries)

    @classmethod
    def describe_with(cls, describe: Callable[[HttpRequest], Sequence[str]]) -> None:
        """Name the function that says, line by line, who the signed-in user is: roles and places."""
        cls.describe = staticmethod(describe)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of the page frame; computed only if a template asks."""
    groups = SimpleLazyObject(lambda: groups_of(request))
    return {
        "menu": SimpleLazyObject(lambda: [item for group in groups for item in group.items]),
        "menu_groups": groups,
        "menu_is_long": SimpleLazyObject(lambda: sum(len(group.items) for group in groups) > MOST_AT_ONCE),
        "identity": SimpleLazyObject(lambda: list(Menu.describe(request)) if _signed_in(request) else []),
        "search_url": address_of(Menu.search_route) if _signed_in(request) else None,
        "demo": settings.DEMO,
        "single_sign_on": getattr(settings, "OIDC_PROVIDER_READY", False),
        "path_now": request.path,
        "product_version": product_version(),
    }


def groups_of(request: HttpRequest) -> list[Group]:
    """The user's entries by group, in the order of the wiring."""
    groups: dict[str, Group] = {}
    items = items_of(request)
    _mark_current(items, request.path)
    for item in items:
        label = str(item.entry.group)
        groups.setdefault(label, Group(label)).items.append(item)
    for group in groups.values():
        group.is_open = len(items) <= MOST_AT_ONCE or group.current is not None
    return list(groups.values())


def entries_named(request: HttpRequest, words: Sequence[str]) -> list[Item]:
    """The user's entries in whose label or description every word occurs; the start page is none."""
    named = [(item, f"{item.entry.label} {item.entry.about}".casefold()) for item in items_of(request)]
    return [item for item, text in named if item.url != "/" and all(one.casefold() in text for one in words)]


def items_of(request: HttpRequest) -> list[Item]:
    """The entries whose permission the user holds somewhere and whose page exists."""
    if not _signed_in(request):
        return []
    scope = request.scope  # type: ignore[attr-defined]
    allowed = [entry for entry in Menu.entries if entry.permission is None or scope.may(entry.permission)]
    return [Item(entry, url) for entry in allowed if (url := address_of(entry.route))]


def address_of(route: str) -> str | None:
    """The address of a route without parameters; None where this deployment does not have it."""
    try:
        return reverse(route)
    except NoReverseMatch:
        return None


@cache
def product_version() -> str:
    """The installed version."""
    try:
        return version_of("minping")
    except PackageNotFoundError:
        return ""


def _signed_in(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated and hasattr(request, "scope")


def _mark_current(items: Sequence[Item], path: str) -> None:
    """The longest address that begins this page's address; the start page only for itself."""
    fitting = [item for item in items if path == item.url or (item.url != "/" and path.startswith(item.url))]
    if fitting:
        max(fitting, key=lambda item: len(item.url)).current = True
