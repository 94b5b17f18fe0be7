"""Reads users, their sessions, locks and second factors."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from axes.models import AccessAttempt, AccessFailureLog
from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.timezone import localtime
from django.utils.translation import gettext

from minping_web.accounts.models import OneTimeLink, SignIn, User
from minping_web.accounts.rules import GUESSES_COUNTED, GUESSES_EVERYWHERE, SESSION_LASTS, digest_of
from minping_web.common.clock import now
from minping_web.common.scope import Scope


def users_for(scope: Scope) -> QuerySet[User]:
    """All users for who may see accounts of the whole district, else nobody; with what a list shows."""
    found = User.objects.all() if scope.may_everywhere("accounts.view") else User.objects.none()
    return found.annotate(
        has_factor=Exists(_second_factors().filter(user_id=OuterRef("pk"))),
        locked=Exists(_locks()) | Exists(_guessed()),
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
    """Sessions that were not ended and have not ended by themselves; newest first."""
    began = now() - SESSION_LASTS
    return SignIn.objects.filter(user_id=user_id, ended_at__isnull=True, started_at__gt=began)


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
        username=Lower(OuterRef("username")),
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
        attempt_time__gt=now() - _cool_off(),
    )
    return found


def _guessed() -> QuerySet[AccessFailureLog]:
    counted = AccessFailureLog.objects.filter(
        username=Lower(OuterRef("username")), attempt_time__gt=now() - GUESSES_COUNTED
    )
    found: QuerySet[AccessFailureLog] = (
        counted.order_by()
        .values("username")
        .annotate(times=Count("pk"))
        .filter(times__gte=GUESSES_EVERYWHERE)
    )
    return found


def is_guessed_everywhere(name: str, address: str) -> bool:
    """Whether so many guesses of this name failed that it opens only where its owner entered before."""
    failures = AccessFailureLog.objects.filter(username=name, attempt_time__gt=now() - GUESSES_COUNTED)
    if failures.count() < GUESSES_EVERYWHERE:
        return False
    return not SignIn.objects.filter(user__username__iexact=name, address=address).exists()


def ways_in(user: User) -> list[tuple[str, str]]:
    """How this account can be entered and who had a hand in it: what a second person must know."""
    factor = _second_factors().filter(user=user).order_by("created_at").first()
    return [
        (gettext("Account made"), _made(user)),
        (gettext("Password"), _password_state(user)),
        (
            gettext("Second factor"),
            gettext("set up on %(day)s") % {"day": _day(factor.created_at)} if factor else gettext("none"),
        ),
        *_linked(user),
    ]


def _made(user: User) -> str:
    day = _day(user.date_joined)
    return f"{day} · {user.made_by}" if user.made_by else day


def _password_state(user: User) -> str:
    if not user.has_usable_password():
        return gettext("not chosen yet")
    if user.must_change_password:
        return gettext("not chosen by the owner: known to who made the account")
    return gettext("chosen by the owner")


def _linked(user: User) -> list[tuple[str, str]]:
    linked = SocialAccount.objects.filter(user=user, provider=settings.OIDC_PROVIDER).first()
    return [(gettext("Single sign-on"), f"{linked.uid} · {_day(linked.date_joined)}")] if linked else []


def _day(moment: datetime) -> str:
    return localtime(moment).strftime("%Y-%m-%d %H:%M")


def _cool_off() -> Any:
    from axes.helpers import get_cool_off

    return get_cool_off()
