"""Who may do what where: the one filter of the service layer, and its backstop in the database.

`access` makes a `Scope` from role grants; selectors and services take it as their first argument and
narrow every query with `within`. `entered` tells PostgreSQL the communities of the scope for the length
of a transaction, so that row-level security refuses what a forgotten filter would show. Outside a scope
the protected tables look empty (fail closed). Places are compared by path: a prefix of ids in hex.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet

PATH_END = "g"
"""Sorts after every hex digit in every collation: the upper end of a path's descendants."""
PATH_STEP = 8
"""Hex digits per id in a path: four thousand million areas, previews of imports that used up ids included."""
LONGEST_PATH = 15 * PATH_STEP


@dataclass(frozen=True)
class Reach:
    """Where one permission holds: everywhere, under some areas, in some organisations, or for oneself."""

    whole: bool = False
    paths: tuple[str, ...] = ()
    organisations: frozenset[int] = frozenset()
    own: bool = False

    def covers(self, path: str) -> bool:
        """Whether the area with this path lies inside."""
        return self.whole or any(root and path.startswith(root) for root in self.paths)

    @property
    def empty(self) -> bool:
        """Nothing at all."""
        return not (self.whole or self.paths or self.organisations or self.own)


NOWHERE = Reach()


@dataclass(frozen=True)
class Scope:
    """One actor's rights at one moment. `communities` bound the rows that the database may show.

    `needs_factor`: some role of the actor demands a second factor, whether or not one was given yet.
    """

    user_id: int | None = None
    label: str = ""
    person_id: int | None = None
    reaches: Mapping[str, Reach] = field(default_factory=dict)
    communities: tuple[int, ...] = ()
    second_factor_at: datetime | None = None
    needs_factor: bool = False

    def reach(self, permission: str) -> Reach:
        """Where the permission holds."""
        return self.reaches.get(permission, NOWHERE)

    def may(self, permission: str, path: str | None = None) -> bool:
        """Whether the permission holds anywhere, or at the area with this path."""
        reach = self.reach(permission)
        return not reach.empty if path is None else reach.covers(path)

    def may_everywhere(self, permission: str) -> bool:
        """Whether the permission holds in the whole district; what has no place demands this."""
        return self.reach(permission).whole

    def require(self, permission: str, path: str | None = None) -> None:
        """Raise `PermissionDenied` unless `may`."""
        if not self.may(permission, path):
            raise PermissionDenied(permission)


NOBODY = Scope()
_current: ContextVar[Scope] = ContextVar("minping_scope", default=NOBODY)

M = TypeVar("M", bound=Model)


def within(queryset: QuerySet[M], scope: Scope, permission: str, field_name: str = "path") -> QuerySet[M]:
    """The rows whose area path (`field_name`, e.g. `area__path`) lies where the permission holds.

    Organisations and own rows are joined by the app that knows them; here only places are filtered.
    """
    reach = scope.reach(permission)
    if reach.whole:
        return queryset
    under = Q(pk__in=())
    for root in reach.paths:
        under |= Q(**{f"{field_name}__gte": root, f"{field_name}__lt": root + PATH_END})
    return queryset.filter(under)


class ScopeSource(Protocol):
    """Makes scopes from grants; `access` brings the implementation, so that lower apps need not know it."""

    def of_user(self, user_id: int) -> Scope:
        """What this user may do now; nobody's rights when disabled or unknown."""

    def of_system(self) -> Scope:
        """All rights, for periodic jobs that act for nobody."""


class _Source:
    """The one source of this process."""

    current: ScopeSource | None = None


def provide_scopes(source: ScopeSource) -> None:
    """Called once, by `access` when the product starts."""
    _Source.current = source


def scope_of_user(user_id: int) -> Scope:
    """A user's rights at this moment, for work that runs later than the request that asked for it."""
    return _Source.current.of_user(user_id) if _Source.current else NOBODY


def system_scope() -> Scope:
    """The rights of periodic jobs."""
    return _Source.current.of_system() if _Source.current else NOBODY


def current_scope() -> Scope:
    """The scope that was entered, else nobody's."""
    return _current.get()


@contextmanager
def entered(scope: Scope) -> Iterator[Scope]:
    """Act as this scope. On PostgreSQL the block is one transaction that carries the communities."""
    token = _current.set(scope)
    try:
        if connection.vendor == "postgresql":
            with transaction.atomic(), _communities_told(scope.communities):
                yield scope
        else:
            yield scope
    finally:
        _current.reset(token)


@contextmanager
def _communities_told(communities: tuple[int, ...]) -> Iterator[None]:
    before = _tell("{" + ",".join(map(str, communities)) + "}")
    yield
    _tell(before)


def _tell(value: str) -> str:
    """Set `app.communities` until the transaction ends; the value it had before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('app.communities', true), '')")
        before = str(cursor.fetchone()[0])
        cursor.execute("SELECT set_config('app.communities', %s, true)", [value])
    return before
