"""Hand roles on: to a deputy for a time, or all of them to a successor."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext, pgettext

from minping_engine.errors import Place, Problem
from minping_web.access import rules
from minping_web.access.models import Grant
from minping_web.access.rules import POWERFUL, Role
from minping_web.access.selectors import live
from minping_web.access.services.grants import end_with_deputies, make, propose
from minping_web.access.services.wanted import GRANT, Wanted, as_wanted, problems_of, refuse, require_revoking
from minping_web.accounts.models import User
from minping_web.common.clock import today
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope


@transaction.atomic
def delegate(scope: Scope, given: Grant, deputy: int, *, until: date, reason: str = "") -> Grant | Proposal:
    """Let a deputy hold an own role for a time; a role with power takes the second person as well."""
    source = live().select_for_update(of=("self",)).filter(pk=given.pk, user_id=scope.user_id or 0).first()
    if source is None:
        raise PermissionDenied("access.delegate")
    wanted = Wanted(
        deputy, Role(source.role), today(), until, source.area_id, source.organisation_id, source.pk
    )
    refuse([*problems_of(scope, wanted), *_delegation_problems(source, until)])
    if wanted.role in POWERFUL:
        if not scope.may_everywhere(GRANT):
            raise RefusedError.of("access.delegation_by_grant")
        return propose(scope, "access.grant", deputy, reason, wanted.payload() | {"by": scope.user_id})
    return make(wanted, granted_by=scope.user_id)


@transaction.atomic
def hand_over(scope: Scope, leaver: int, successor: int, *, reason: str) -> Proposal:
    """Propose that a successor takes over every own role of a leaver."""
    scope.require(GRANT)
    if leaver == successor or scope.user_id in (leaver, successor):
        raise RefusedError.of("access.own", Place(key="successor"))
    grants = own_grants(leaver)
    if not grants:
        raise RefusedError.of("access.nothing_to_hand_over", Place(key="leaver"))
    for given in grants:
        require_revoking(scope, given)
    refuse([problem for given in grants for problem in problems_of(scope, as_wanted(given, successor))])
    payload = {"leaver": leaver, "user": successor, "by": scope.user_id}
    return propose(scope, "access.hand_over", successor, reason, payload)


def carry_hand_over(scope: Scope, payload: dict[str, Any]) -> list[Grant]:
    """The act of `hand_over`: what the leaver holds today goes to the successor, and ends for the leaver."""
    if scope.user_id == payload["leaver"]:
        raise RefusedError.of("access.own")
    made = []
    for given in own_grants(payload["leaver"]):
        wanted = as_wanted(given, payload["user"])
        require_revoking(scope, given)
        refuse(problems_of(scope, wanted))
        made.append(make(wanted, granted_by=payload["by"], approved_by=scope.user_id))
        end_with_deputies(scope, given)
    return made


def own_grants(user_id: int) -> list[Grant]:
    """Live grants of a user that are not delegated ones."""
    return list(
        live().filter(user_id=user_id, delegated_from__isnull=True).select_related("area").order_by("pk")
    )


def _delegation_problems(source: Grant, until: date) -> list[Problem]:
    found = []
    if source.delegated_from_id:
        found.append(Problem("access.delegated_twice", Place(), {}))
    if Role(source.role) in rules.NOT_DELEGABLE:
        found.append(Problem("access.not_delegable", Place(), {"role": str(Role(source.role).label)}))
    latest = min(filter(None, [source.valid_to, today() + rules.DELEGATION_LASTS]))
    if until > latest:
        found.append(
            Problem("access.delegation_too_long", Place(key="until"), {"latest": latest.isoformat()})
        )
    return found


def describe_hand_over(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """What an approver reads about the handover."""
    grants = "、".join(
        f"{Role(given.role).label}{f'（{given.area}）' if given.area else ''}"
        for given in own_grants(payload["leaver"])
    )
    return [
        (pgettext("person", "From"), str(User.objects.get(pk=payload["leaver"]))),
        (pgettext("person", "To"), str(User.objects.get(pk=payload["user"]))),
        (gettext("Roles"), grants),
    ]
