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
from minping_web.access.services.grants import earlier_ways, end_with_deputies, make, propose
from minping_web.access.services.wanted import (
    GRANT,
    Wanted,
    as_wanted,
    lock_administrators,
    lock_user,
    problems_of,
    refuse,
    require_revoking,
)
from minping_web.accounts.models import User
from minping_web.accounts.selectors import ways_in
from minping_web.common.clock import today
from minping_web.common.language import listed
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope


@transaction.atomic
def delegate(scope: Scope, given: Grant, deputy: int, *, until: date, reason: str = "") -> Grant | Proposal:
    """Let a deputy hold an own role for a time; a role with power takes the second person as well."""
    source = live().select_for_update(of=("self",)).filter(pk=given.pk, user_id=scope.user_id or 0).first()
    if source is None:
        raise PermissionDenied("access.delegate")
    refuse(_delegation_problems(source, until))
    wanted = Wanted(
        deputy, Role(source.role), today(), until, source.area_id, source.organisation_id, source.pk
    )
    lock_user(deputy)
    refuse(_told(scope, problems_of(scope, wanted)))
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
    handed = [given.pk for given in grants]
    payload = {"leaver": leaver, "user": successor, "by": scope.user_id, "grants": handed}
    return propose(scope, "access.hand_over", successor, reason, payload)


def carry_hand_over(scope: Scope, payload: dict[str, Any]) -> list[Grant]:
    """The act of `hand_over`: the roles that were shown go to the successor, and end for the leaver."""
    if scope.user_id == payload["leaver"]:
        raise RefusedError.of("access.own")
    lock_administrators()
    lock_user(payload["user"])
    grants = own_grants(payload["leaver"])
    if [given.pk for given in grants] != payload["grants"]:
        raise RefusedError.of("access.hand_over_changed")
    made = []
    for given in grants:
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


def _told(scope: Scope, problems: list[Problem]) -> list[Problem]:
    """To who may not read roles, one answer: the form must not tell which accounts there are, and what
    others hold. Being one's own deputy is no secret."""
    if scope.may_everywhere("access.view") or {problem.code for problem in problems} <= {"access.own"}:
        return problems
    return [Problem("access.deputy_unfit", Place(key="deputy"), {})]


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
    """What an approver reads about the handover: every role, and how the successor's account is entered."""
    grants = Grant.objects.filter(pk__in=payload["grants"]).select_related("area", "organisation")
    roles = listed(
        " · ".join(str(part) for part in (Role(given.role).label, given.area, given.organisation) if part)
        for given in grants.order_by("pk")
    )
    leaver, successor = (User.objects.get(pk=payload[name]) for name in ("leaver", "user"))
    found = [
        (pgettext("person", "From"), f"{leaver} · {leaver.username}"),
        (pgettext("person", "To"), f"{successor} · {successor.username}"),
        (gettext("Roles"), roles),
    ]
    if any(given.role in POWERFUL for given in grants):
        found += [*ways_in(successor), earlier_ways()]
    return found
