"""Help from the machine itself, where no second administrator is left to approve.

Whoever may run this may read the database anyway; the act is entered in the ledger with its reason, so
that it cannot be done unseen. While two administrators can sign in, it refuses.
"""

from __future__ import annotations

from collections.abc import Iterator

from allauth.mfa.models import Authenticator
from django.db import transaction

from minping_engine.errors import Place, Problem
from minping_web.access.rules import FEWEST_ADMINISTRATORS, Role
from minping_web.access.selectors import live_grants
from minping_web.accounts.models import User
from minping_web.accounts.services import carry_link, carry_reset
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import system_scope
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import kept


def lines() -> Iterator[tuple[str, list[str], bool, bool]]:
    """User name, roles, second factor, open."""
    factors = set(_with_factor())
    for user in User.objects.order_by("username"):
        yield user.username, _roles(user), user.pk in factors, user.is_active


@transaction.atomic
def rescue(username: str, reason: str) -> str:
    """A one-time link for an administrator without a way in; the second factor is forgotten."""
    user = User.objects.filter(username=username).first()
    if user is None or Role.ADMINISTRATOR not in _role_values(user):
        raise RefusedError.of("site.user_unknown", name=username)
    if not reason.strip():
        raise RefusedError(Problem("site.value_empty", Place(key="reason"), {"name": "reason"}))
    if len(_able_administrators()) >= FEWEST_ADMINISTRATORS:
        raise RefusedError.of("site.administrators_exist")
    moment = now()
    step = f"account.rescued/{user.pk}/{moment.timestamp():.6f}"
    record = {
        "user": user.pk, "at": moment.isoformat(timespec="seconds"),
        **kept("reason", reason.strip(), step=step),
    }  # fmt: skip
    stage("account.rescued", step, record)
    scope, payload = system_scope(), {"user": user.pk}
    carry_reset(scope, payload)
    return str(carry_link(scope, payload).text)


def _able_administrators() -> list[User]:
    users = User.objects.filter(is_active=True, pk__in=list(_with_factor()))
    return [user for user in users if Role.ADMINISTRATOR in _role_values(user)]


def _with_factor() -> Iterator[int]:
    found = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
    yield from found.values_list("user_id", flat=True)


def _role_values(user: User) -> set[str]:
    return set(live_grants(user).values_list("role", flat=True))


def _roles(user: User) -> list[str]:
    return [str(Role(value).label) for value in sorted(_role_values(user))]
