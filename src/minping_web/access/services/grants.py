"""Grant and revoke; every grant and every end is staged into the ledger, without names."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext

from minping_web.access import rules
from minping_web.access.models import Grant
from minping_web.access.rules import POWERFUL, Role
from minping_web.access.selectors import live
from minping_web.access.services.wanted import (
    GRANT,
    Wanted,
    keep_administrators,
    lock_administrators,
    lock_user,
    problems_of,
    refuse,
    require_granting,
    require_revoking,
)
from minping_web.accounts.models import User
from minping_web.accounts.selectors import ways_in
from minping_web.accounts.services import close_earlier_ways, end_sessions
from minping_web.common import approval
from minping_web.common.clock import now, today
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.organisations.models import Organisation
from minping_web.places.models import Area


@transaction.atomic
def grant(scope: Scope, wanted: Wanted, *, reason: str = "") -> Grant | Proposal:
    """Give a role, or propose it where the role has power; raises `RefusedError` with every problem."""
    require_granting(scope, wanted)
    lock_user(wanted.user)
    refuse(problems_of(scope, wanted))
    if wanted.role in POWERFUL:
        return propose(scope, "access.grant", wanted.user, reason, wanted.payload() | {"by": scope.user_id})
    return make(wanted, granted_by=scope.user_id)


@transaction.atomic
def revoke(scope: Scope, given: Grant) -> None:
    """End a grant now, with what was delegated from it; the user is signed out everywhere."""
    if given.role == Role.ADMINISTRATOR:
        lock_administrators()
    held = Grant.objects.select_for_update().get(pk=given.pk)
    source = held.delegated_from
    if source is None or source.user_id != scope.user_id:
        require_revoking(scope, held)
    if held.revoked_at is not None:
        raise RefusedError.of("access.revoked_already")
    if held.role == Role.ADMINISTRATOR and not held.delegated_from_id:
        keep_administrators([held.pk])
    end_with_deputies(scope, held)


def carry_grant(scope: Scope, payload: dict[str, Any]) -> Grant:
    """The act of `grant` and `delegate` for roles with power; `scope` is the approver's."""
    wanted = Wanted.of(payload)
    require_granting(scope, wanted)
    lock_user(wanted.user)
    refuse(problems_of(scope, wanted))
    if wanted.delegated_from and not live().filter(pk=wanted.delegated_from).exists():
        raise RefusedError.of("access.source_ended")
    return make(wanted, granted_by=payload["by"], approved_by=scope.user_id)


@transaction.atomic
def grant_first_administrators(users: list[User]) -> list[Grant]:
    """For `minping init` alone: while nobody holds a role, two or more administrators are named at once."""
    if Grant.objects.exists() or len({user.pk for user in users}) < rules.FEWEST_ADMINISTRATORS:
        raise RefusedError.of("access.not_first")
    return [make(Wanted(user.pk, Role.ADMINISTRATOR, today()), granted_by=None) for user in users]


def grant_in_demo(scope: Scope, wanted: Wanted) -> Grant:
    """For the demonstration's invented accounts alone: any role, by the system, without a second person."""
    user = User.objects.get(pk=wanted.user)
    if scope.user_id is not None or not user.is_invented:
        raise PermissionDenied(GRANT)
    refuse(problems_of(scope, wanted))
    return make(wanted, granted_by=None)


def propose(scope: Scope, kind: str, user_id: int, reason: str, payload: dict[str, Any]) -> Proposal:
    """Lay a checked grant before a second person."""
    act = approval.act_of(kind)
    title = f"{act.title}: {User.objects.get(pk=user_id)}"
    if "role" in payload:
        title = f"{title} · {Role(payload['role']).label}"
    return approval.propose(scope, kind, title=title[:200], reason=reason, payload=payload)


def make(wanted: Wanted, *, granted_by: int | None, approved_by: int | None = None) -> Grant:
    """Write a grant that was checked, and stage it; two persons give power to the owner alone."""
    if approved_by and wanted.role in POWERFUL:
        close_earlier_ways(wanted.user)
    made = Grant.objects.create(
        user_id=wanted.user,
        role=wanted.role,
        area_id=wanted.area,
        organisation_id=wanted.organisation,
        valid_from=wanted.valid_from,
        valid_to=wanted.valid_to,
        granted_by_id=granted_by,
        approved_by_id=approved_by,
        granted_at=now(),
        delegated_from_id=wanted.delegated_from,
    )
    kind = "access.delegate" if wanted.delegated_from else "access.grant"
    stage(kind, f"access.grant/{made.pk}", _record(made, granted_by))
    return made


def end_with_deputies(scope: Scope, given: Grant) -> None:
    """End a grant and what was delegated from it; all their holders are signed out."""
    for ending in [given, *Grant.objects.filter(delegated_from=given, revoked_at__isnull=True)]:
        ending.revoked_at, ending.revoked_by_id = now(), scope.user_id
        ending.save(update_fields=["revoked_at", "revoked_by"])
        end_sessions(ending.user_id)
        stage("access.revoke", f"access.grant/{ending.pk}/revoked", _record(ending, scope.user_id))


def _record(given: Grant, by: int | None) -> dict[str, Any]:
    """What the ledger commits to: ids and days, no names."""
    return {
        "grant": given.pk,
        "user": given.user_id,
        "role": str(given.role),
        "area": given.area_id,
        "organisation": given.organisation_id,
        "from": given.valid_from.isoformat(),
        "to": given.valid_to.isoformat() if given.valid_to else None,
        "by": by,
        "approved_by": given.approved_by_id,
        "delegated_from": given.delegated_from_id,
    }


def describe_grant(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """What an approver reads about the grant: all of it, and how the account can be entered."""
    wanted = Wanted.of(payload)
    user = User.objects.get(pk=wanted.user)
    area = Area.objects.filter(pk=wanted.area).first() if wanted.area else None
    body = Organisation.objects.filter(pk=wanted.organisation).first() if wanted.organisation else None
    source = Grant.objects.filter(pk=wanted.delegated_from).first() if wanted.delegated_from else None
    found = [
        (gettext("Account"), f"{user} · {user.username}"),
        (gettext("Role"), str(wanted.role.label)),
        (gettext("From"), wanted.valid_from.isoformat()),
        (gettext("Until"), wanted.valid_to.isoformat() if wanted.valid_to else gettext("revoked")),
        (gettext("Area"), area.name if area else ""),
        (gettext("Organisation"), str(body) if body else ""),
        (gettext("Deputy of"), str(source.user) if source else ""),
    ]
    return [*filter(itemgetter(1), found), *ways_in(user), earlier_ways()]


def earlier_ways() -> tuple[str, str]:
    """What `make` does to an account that gets power, in words."""
    return (
        gettext("On approval"),
        gettext("Unused links become void, sessions end, and the owner chooses a new password."),
    )
