"""Reads users, their sessions, locks and second factors."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from minping_web.accounts.models import OneTimeLink, SignIn, User
from minping_web.accounts.rules import digest_of
from minping_web.common.clock import now
from minping_web.common.scope import Scope


def users_for(scope: Scope) -> QuerySet[User]:
    """All users for who may see accounts of the whole district, else nobody; with what a list shows."""
    found = User.objects.all() if scope.may_everywhere("accounts.view") else User.objects.none()
    return found.annotate(
        has_factor=Exists(_second_factors().filter(user_id=OuterRef("pk"))), locked=Exists(_locks())
    )


def matching(users: QuerySet[User], words: str, state: str) -> QuerySet[User]:
    """Narrowed by name or sign-in name, and by state."""
    for word in words.split():
        users = users.filter(Q(username__icontains=word) | Q(display_name__icontains=word))
    states: dict[str, dict[str, Any]] = {
        "active": {"is_active": True},
        "disabled": {"is_active": False},
        "locked": {"locked": True},
        "no_factor": {"is_active": True, "has_factor": False},
        "never": {"last_login__isnull": True},
    }
    return users.filter(**states.get(state, {}))


def open_sessions(user_id: int) -> QuerySet[SignIn]:
    """Sessions that were not ended; newest first."""
    return SignIn.objects.filter(user_id=user_id, ended_at__isnull=True)


def usable_link(token: str) -> OneTimeLink | None:
    """The link with this token, unless used, expired or of a disabled user."""
    live = OneTimeLink.objects.filter(used_at__isnull=True, expires_at__gt=now(), user__is_active=True)
    return live.select_related("user").filter(digest=digest_of(token)).first()


def has_second_factor(user_id: int) -> bool:
    """Whether the user set one up."""
    return _second_factors().filter(user_id=user_id).exists()


def subject_of(user_id: int) -> str:
    """The subject at the single sign-on that may enter as this user; empty for none."""
    linked = SocialAccount.objects.filter(user_id=user_id, provider=settings.OIDC_PROVIDER)
    return str(linked.values_list("uid", flat=True).first() or "")


def _second_factors() -> QuerySet[Authenticator]:
    found: QuerySet[Authenticator] = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
    return found


def _locks() -> QuerySet[AccessAttempt]:
    found: QuerySet[AccessAttempt] = AccessAttempt.objects.filter(
        username=OuterRef("username"),
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
        attempt_time__gt=now() - _cool_off(),
    )
    return found


def _cool_off() -> Any:
    from axes.helpers import get_cool_off

    return get_cool_off()
