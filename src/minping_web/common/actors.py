"""Scopes of users who are not at the keyboard: of a job's actor, of a live stream, and of the product itself.

`access` knows grants but lies above the apps that ask. The site's wiring hands its functions in here; the
scope is computed anew at each call, so whoever lost a role in the meantime has lost it here too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from minping_web.common.scope import Reach, Scope

ScopeOf = Callable[[int], Scope | None]
"""The scope that a user has now; None for one who may not enter any more."""
Communities = Callable[[], tuple[int, ...]]
"""Ids of all communities: the product's own jobs see all rows."""


@dataclass
class _Source:
    scope_of: ScopeOf | None = None
    communities: Communities | None = None


_source = _Source()


def use_actors(scope_of: ScopeOf, communities: Communities) -> None:
    """Hand in the functions; called once, by the site's wiring."""
    _source.scope_of, _source.communities = scope_of, communities


def scope_of_user(user_id: int) -> Scope | None:
    """What the user may do now; None if gone. LookupError before the wiring is a fault of ours."""
    if _source.scope_of is None:
        raise LookupError("the site is not wired")
    return _source.scope_of(user_id)


class _Everywhere(Mapping[str, Reach]):
    """Each permission holds everywhere."""

    def __getitem__(self, permission: str) -> Reach:
        return Reach(whole=True)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def get(self, permission: str, default: object = None) -> Reach:  # type: ignore[override]
        """Everywhere, whatever the default."""
        return self[permission]


def system_scope() -> Scope:
    """The product acting by itself: periodic jobs."""
    communities = _source.communities() if _source.communities else ()
    return Scope(label="minping", reaches=_Everywhere(), communities=communities)
