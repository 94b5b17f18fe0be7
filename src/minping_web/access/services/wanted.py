"""A grant that somebody asks for, and everything that stands against it, at once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from minping_engine.errors import Place, Problem
from minping_web.access import rules
from minping_web.access.models import Grant
from minping_web.access.rules import BINDING_OF, LEVELS_OF, Role
from minping_web.access.selectors import administrators_but, live, must_stay, roles_held
from minping_web.accounts.models import User
from minping_web.common.clock import today
from minping_web.common.language import listed
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.organisations.models import Organisation
from minping_web.places.models import Area

GRANT, GUARDIANS = "access.grant", "access.grant_guardians"


@dataclass(frozen=True)
class Wanted:
    """A grant that somebody asks for."""

    user: int
    role: Role
    valid_from: date
    valid_to: date | None = None
    area: int | None = None
    organisation: int | None = None
    delegated_from: int | None = None

    def payload(self) -> dict[str, Any]:
        """As JSON; `of` reads it back."""
        days = {"valid_from": self.valid_from.isoformat()}
        return asdict(self) | days | {"valid_to": self.valid_to.isoformat() if self.valid_to else None}

    @classmethod
    def of(cls, payload: dict[str, Any]) -> Wanted:
        """From a proposal's payload."""
        end = payload["valid_to"]
        return cls(
            payload["user"],
            Role(payload["role"]),
            date.fromisoformat(payload["valid_from"]),
            date.fromisoformat(end) if end else None,
            payload["area"],
            payload["organisation"],
            payload["delegated_from"],
        )


def as_wanted(given: Grant, user_id: int) -> Wanted:
    """The same role at the same place, from today, for a user."""
    return Wanted(
        user_id, Role(given.role), today(), given.valid_to, given.area_id, given.organisation_id, None
    )


def require_granting(scope: Scope, wanted: Wanted) -> None:
    """Raise `PermissionDenied` unless the scope may grant this role there."""
    area = Area.objects.filter(pk=wanted.area).first() if wanted.area else None
    if area:
        scope.require(GRANT, area.path)
    elif not scope.may_everywhere(GRANT):
        raise PermissionDenied(GRANT)
    if wanted.role in rules.GUARDIANS and not scope.may_everywhere(GUARDIANS):
        raise PermissionDenied(GUARDIANS)


def require_revoking(scope: Scope, given: Grant) -> None:
    """Raise unless the scope may end this grant; nobody ends an own one."""
    if given.user_id == scope.user_id:
        raise RefusedError.of("access.own")
    require_granting(scope, as_wanted(given, given.user_id))


def refuse(problems: list[Problem]) -> None:
    """Raise `RefusedError` with all problems, if there are any."""
    if problems:
        raise RefusedError(problems)


def lock_user(user_id: int) -> None:
    """Until the transaction ends nobody else changes this user's roles: what is checked stays true."""
    list(User.objects.select_for_update().filter(pk=user_id).values_list("pk"))


def lock_administrators() -> None:
    """Until the transaction ends nobody else ends an administrator, so that two do not end the last ones."""
    grants = Grant.objects.filter(role=Role.ADMINISTRATOR, revoked_at__isnull=True).order_by("pk")
    list(grants.select_for_update().values_list("pk"))


def must_stay_now(user_id: int) -> bool:
    """As `selectors.must_stay`, true until the transaction ends."""
    lock_administrators()
    return must_stay(user_id)


def keep_administrators(ending: list[int]) -> None:
    """Raise `RefusedError` if too few administrators would be left."""
    if administrators_but(ending) < rules.FEWEST_ADMINISTRATORS:
        raise RefusedError.of("access.last_administrators", fewest=rules.FEWEST_ADMINISTRATORS)


def problems_of(scope: Scope, wanted: Wanted) -> list[Problem]:
    """Everything that stands against a grant, at once."""
    found = []
    if wanted.user == scope.user_id:
        found.append(Problem("access.own", Place(key="user"), {}))
    if not User.objects.filter(pk=wanted.user, is_active=True).exists():
        found.append(Problem("access.user_closed", Place(key="user"), {}))
    if wanted.valid_to and wanted.valid_to < max(wanted.valid_from, today()):
        found.append(Problem("access.period_over", Place(key="valid_to"), {}))
    conflict = rules.conflict_of(roles_held(wanted.user) - {wanted.role}, wanted.role)
    if conflict:
        names: dict[str, object] = {"held": str(conflict.label), "wanted": str(wanted.role.label)}
        found.append(Problem("access.roles_conflict", Place(key="role"), names))
    return [*found, *_binding_problems(wanted), *_repeats(wanted)]


def _binding_problems(wanted: Wanted) -> list[Problem]:
    """The role wants an area of a certain level, an organisation, or neither."""
    binding, role = BINDING_OF[wanted.role], str(wanted.role.label)
    area = Area.objects.filter(pk=wanted.area).first() if wanted.area else None
    organisation = (
        Organisation.objects.filter(pk=wanted.organisation).first() if wanted.organisation else None
    )
    if binding == "area":
        if area is None or organisation:
            return [Problem("access.area_needed", Place(key="area"), {"role": role})]
        if area.level not in LEVELS_OF[wanted.role]:
            levels = listed(
                str(Area.Level(level).label) for level in Area.Level.values if level in LEVELS_OF[wanted.role]
            )
            return [Problem("access.level_wrong", Place(key="area"), {"role": role, "levels": levels})]
        return []
    if binding == "organisation":
        fits = organisation is not None and area is None
        return (
            [] if fits else [Problem("access.organisation_needed", Place(key="organisation"), {"role": role})]
        )
    fits = area is None and organisation is None
    return [] if fits else [Problem("access.binding_none", Place(key="area"), {"role": role})]


def _repeats(wanted: Wanted) -> list[Problem]:
    there = Q(area_id=wanted.area, organisation_id=wanted.organisation)
    same = live().filter(there, user_id=wanted.user, role=wanted.role)
    return [Problem("access.held_already", Place(key="role"), {})] if same.exists() else []
