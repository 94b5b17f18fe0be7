"""Reads grants and makes scopes of them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.db.models import Q, QuerySet

from minping_web.access.models import Grant
from minping_web.access.rules import BINDING_OF, CONTACT_PERMISSIONS, PERMISSIONS_OF
from minping_web.accounts.models import User
from minping_web.common.clock import today
from minping_web.common.scope import PATH_END, Reach, Scope
from minping_web.places.models import Area


def live_grants(user: User) -> QuerySet[Grant]:
    """Grants that hold today, delegated ones only while their source holds."""
    day = today()
    live = Q(revoked_at__isnull=True, valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gte=day))
    source = Q(delegated_from__isnull=True) | (
        Q(delegated_from__revoked_at__isnull=True)
        & (Q(delegated_from__valid_to__isnull=True) | Q(delegated_from__valid_to__gte=day))
    )
    return user.grants.filter(live & source).select_related("area", "organisation")


def scope_of(user: User, *, second_factor_at: datetime | None = None) -> Scope:
    """Everything the user may do now."""
    found: dict[str, list[Reach]] = defaultdict(list)
    for grant in live_grants(user):
        reach = _reach_of(grant)
        for permission in PERMISSIONS_OF[grant.role]:  # type: ignore[index]
            found[permission].append(reach)
    reaches = {permission: _joined(parts) for permission, parts in found.items()}
    person = getattr(user, "person", None)
    return Scope(
        user_id=user.pk,
        label=str(user),
        person_id=person.pk if person else None,
        reaches=reaches,
        communities=_communities(_joined([reaches[p] for p in CONTACT_PERMISSIONS if p in reaches])),
        second_factor_at=second_factor_at,
    )


def _reach_of(grant: Grant) -> Reach:
    binding = BINDING_OF[grant.role]  # type: ignore[index]
    if binding == "district":
        return Reach(whole=True)
    if binding == "area" and grant.area:
        return Reach(paths=(grant.area.path,))
    if binding == "organisation" and grant.organisation:
        return Reach(organisations=frozenset({grant.organisation.pk}))
    return Reach(own=binding == "self")


def _joined(parts: list[Reach]) -> Reach:
    return Reach(
        whole=any(part.whole for part in parts),
        paths=tuple(sorted({path for part in parts for path in part.paths})),
        organisations=frozenset().union(*(part.organisations for part in parts)),
        own=any(part.own for part in parts),
    )


def _communities(reach: Reach) -> tuple[int, ...]:
    """Ids of the communities inside the reach, and of the one around a narrower area."""
    if reach.empty:
        return ()
    communities = Area.objects.filter(level=Area.Level.COMMUNITY)
    if not reach.whole:
        inside = Q(pk__in=())
        for path in reach.paths:
            inside |= Q(path__gte=path, path__lt=path + PATH_END)
        communities = communities.filter(inside)
    return tuple(communities.order_by("pk").values_list("pk", flat=True))
