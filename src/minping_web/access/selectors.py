"""Reads grants and keys, and makes scopes of them."""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from minping_web.access.models import ApiKey, Grant
from minping_web.access.rules import (
    API_PERMISSIONS,
    BINDING_OF,
    CONTACT_PERMISSIONS,
    FEWEST_ADMINISTRATORS,
    MEANING_OF,
    PERMISSIONS_OF,
    POWERFUL,
    Role,
    needs_factor,
)
from minping_web.accounts.models import User
from minping_web.accounts.rules import digest_of
from minping_web.common.clock import today
from minping_web.common.scope import NOBODY, PATH_END, Reach, Scope, within
from minping_web.places.models import HEX, Area

SYSTEM = "system"
KEY_START = "mp_"
PREFIX_LENGTH = 12


def live_grants(user: User) -> QuerySet[Grant]:
    """Grants of this user that hold today."""
    return live().filter(user=user).select_related("area", "organisation")


def live() -> QuerySet[Grant]:
    """All grants that hold today, delegated ones only while their source and its owner hold."""
    return Grant.objects.filter(_live_today())


def _live_today() -> Q:
    """As conditions on the rows themselves: a sub-select on the same table can take minutes."""
    whole_source = _holds("delegated_from__") & Q(delegated_from__user__is_active=True)
    delegated = Q(delegated_from__isnull=True) | whole_source
    return _holds("") & Q(user__is_active=True) & delegated


def _holds(prefix: str) -> Q:
    day = today()
    begun = Q(**{f"{prefix}revoked_at__isnull": True, f"{prefix}valid_from__lte": day})
    open_ended, not_over = Q(**{f"{prefix}valid_to__isnull": True}), Q(**{f"{prefix}valid_to__gte": day})
    return begun & (open_ended | not_over)


def scope_of(user: User, *, second_factor_at: datetime | None = None) -> Scope:
    """Everything the user may do now; three queries at most."""
    if not user.is_active:
        return NOBODY
    grants = list(live_grants(user))
    reaches = _reaches(grants)
    person = getattr(user, "person", None)
    return Scope(
        user_id=user.pk,
        label=str(user),
        person_id=person.pk if person else None,
        reaches=reaches,
        communities=_communities(_joined([reaches[p] for p in sorted(CONTACT_PERMISSIONS) if p in reaches])),
        second_factor_at=second_factor_at,
        needs_factor=needs_factor(roles_of(grants)),
    )


def scope_of_key(secret: str) -> tuple[ApiKey, Scope] | None:
    """The key with this secret and what it may do: never more than its owner now, nor outside its area."""
    key = (
        ApiKey.objects.filter(prefix=secret[:PREFIX_LENGTH], revoked_at__isnull=True, expires_on__gte=today())
        .select_related("owner", "area")
        .first()
    )
    if key is None or not hmac.compare_digest(bytes(key.digest), digest_of(secret)):
        return None
    owner = scope_of(key.owner)
    reaches = {
        permission: _narrowed(owner.reach(permission), key.area)
        for permission in sorted(API_PERMISSIONS & set(key.permissions))
        if not owner.reach(permission).empty
    }
    contact = _joined([reaches[name] for name in sorted(CONTACT_PERMISSIONS) if name in reaches])
    return key, Scope(
        user_id=owner.user_id, label=key.name, reaches=reaches, communities=_communities(contact)
    )


class GrantScopes:
    """What `common.scope` asks for work that runs without a request."""

    def of_user(self, user_id: int) -> Scope:
        """The rights of a user now; nobody's when disabled or unknown."""
        user = User.objects.filter(pk=user_id).first()
        return scope_of(user) if user else NOBODY

    def of_system(self) -> Scope:
        """All rights everywhere."""
        everywhere = Reach(whole=True)
        return Scope(
            label=SYSTEM,
            reaches=dict.fromkeys(MEANING_OF, everywhere),
            communities=_communities(everywhere),
        )


def roles_of(grants: Iterable[Grant]) -> frozenset[Role]:
    """The roles in some grants."""
    return frozenset(Role(grant.role) for grant in grants)


def roles_held(user_id: int) -> frozenset[Role]:
    """Roles of a user, now or to begin later; what was revoked or is over does not count."""
    grants = Grant.objects.filter(user_id=user_id, revoked_at__isnull=True)
    return roles_of(grants.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today())))


def holds_power(user_id: int) -> bool:
    """Whether the user holds a role that only two persons grant."""
    return bool(roles_held(user_id) & POWERFUL)


def administrators_but(grants: Iterable[int]) -> int:
    """How many active users would be administrators without these grants."""
    kept = live().filter(role=Role.ADMINISTRATOR, delegated_from__isnull=True).exclude(pk__in=list(grants))
    return kept.values("user").distinct().count()


def must_stay(user_id: int) -> bool:
    """Whether closing this account would leave too few administrators."""
    own = live().filter(role=Role.ADMINISTRATOR, user_id=user_id, delegated_from__isnull=True)
    ids = list(own.values_list("pk", flat=True))
    return bool(ids) and administrators_but(ids) < FEWEST_ADMINISTRATORS


def identity_lines(user: User) -> list[str]:
    """Roles and places of a user, one line each, for the menu of the signed-in."""
    return [
        f"{grant.get_role_display()}{f' · {place}' if (place := grant.area or grant.organisation) else ''}"
        for grant in live_grants(user)
    ]


def grants_for(scope: Scope) -> QuerySet[Grant]:
    """Grants that the viewer may see: all for who sees access, else the own ones and their deputies'."""
    found = Grant.objects.select_related("user", "area", "organisation", "granted_by", "delegated_from__user")
    if scope.may_everywhere("access.view"):
        return found
    return found.filter(Q(user_id=scope.user_id) | Q(delegated_from__user_id=scope.user_id))


def matching(grants: QuerySet[Grant], *, words: str = "", role: str = "", state: str = "") -> QuerySet[Grant]:
    """Narrowed by person or place, role and state."""
    for word in words.split():
        grants = grants.filter(
            Q(user__display_name__icontains=word)
            | Q(user__username__icontains=word)
            | Q(area__name__icontains=word)
            | Q(organisation__name__icontains=word)
        )
    if role:
        grants = grants.filter(role=role)
    if state == "live":
        grants = grants.filter(_live_today())
    elif state == "over":
        grants = grants.filter(Q(revoked_at__isnull=False) | Q(valid_to__lt=today()))
    elif state == "delegated":
        grants = grants.filter(delegated_from__isnull=False)
    return grants


def keys_for(scope: Scope) -> QuerySet[ApiKey]:
    """Keys of the interface, for who may make them."""
    if not scope.may_everywhere("api_keys.edit"):
        return ApiKey.objects.none()
    return ApiKey.objects.select_related("owner", "area")


def grantable_areas(scope: Scope) -> QuerySet[Area]:
    """Areas at which the viewer may grant."""
    return within(Area.objects.filter(valid_to__isnull=True), scope, "access.grant")


def _reaches(grants: Iterable[Grant]) -> dict[str, Reach]:
    found: dict[str, list[Reach]] = defaultdict(list)
    for grant in grants:
        reach = _reach_of(grant)
        for permission in PERMISSIONS_OF[Role(grant.role)]:
            found[permission].append(reach)
    return {permission: _joined(parts) for permission, parts in found.items()}


def _reach_of(grant: Grant) -> Reach:
    binding = BINDING_OF[Role(grant.role)]
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


def _narrowed(reach: Reach, area: Area | None) -> Reach:
    """Of a reach, what lies in the area."""
    if area is None:
        return reach
    if reach.covers(area.path):
        return Reach(paths=(area.path,))
    return Reach(paths=tuple(path for path in reach.paths if path.startswith(area.path)))


def _communities(reach: Reach) -> tuple[int, ...]:
    """Ids of the communities inside the reach, and of the one around a narrower area."""
    if not (reach.whole or reach.paths):
        return ()
    communities = Area.objects.filter(level=Area.Level.COMMUNITY)
    if not reach.whole:
        inside = Q(pk__in=())
        for path in reach.paths:
            inside |= Q(path__gte=path, path__lt=path + PATH_END) | Q(path__in=_ancestors(path))
        communities = communities.filter(inside)
    return tuple(communities.order_by("pk").values_list("pk", flat=True))


def _ancestors(path: str) -> list[str]:
    """Paths of the areas around this one."""
    return [path[:length] for length in range(HEX, len(path), HEX)]
