"""Make, open, close and secure accounts; what opens a way in takes two persons where it matters.

An administrator who could reset a colleague's second factor and password alone could act as that
colleague, and the two-person rule would be a word. So for accounts with powerful roles
(`rules.Guards`) a link, a reset and a linked subject are proposals; for the others one administrator
does it at once. Nobody does any of it to an own account.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from axes.utils import reset
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from minping_engine.errors import Place
from minping_web.accounts import rules
from minping_web.accounts.models import OneTimeLink, SignIn, User
from minping_web.accounts.selectors import open_sessions, usable_link
from minping_web.common import approval
from minping_web.common.approval import Act, Shown
from minping_web.common.clock import now
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage

EDIT = "accounts.edit"
Outcome = Proposal | Shown | None
"""What an act on an account gives: a proposal for a second person, a secret to show once, or nothing."""


@transaction.atomic
def create_user(
    scope: Scope, username: str, *, display_name: str, language: str = "zh-hans", by_link: bool = True
) -> tuple[User, Shown]:
    """A new account, with a one-time link or an initial password; it has no role yet."""
    scope.require(EDIT)
    if User.objects.filter(username__iexact=username).exists():
        raise RefusedError.of("account.name_taken", Place(key="username"), username=username)
    user = User(username=username, display_name=display_name, language=language, must_change_password=True)
    password = rules.initial_password()
    if by_link:
        user.set_unusable_password()
    else:
        user.set_password(password)
    user.save()
    _log("account.created", user, scope)
    return user, _new_link(scope, user) if by_link else Shown(gettext("Initial password"), password)


@transaction.atomic
def disable(scope: Scope, user: User) -> None:
    """Close an account and end all its sessions at once."""
    _require_other(scope, user)
    if rules.Guards.must_stay(user.pk):
        raise RefusedError.of("account.must_stay")
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_sessions(user.pk)
    OneTimeLink.objects.filter(user=user, used_at__isnull=True).delete()
    _log("account.disabled", user, scope)


@transaction.atomic
def enable(scope: Scope, user: User) -> Outcome:
    """Open a closed account again; it keeps the roles that were not revoked."""
    _require_other(scope, user)
    return _alone_or_proposed(scope, "accounts.enable", user, carry_enable)


@transaction.atomic
def unlock(scope: Scope, user: User) -> None:
    """Forget failed attempts to sign in."""
    scope.require(EDIT)
    reset(username=user.username)
    _log("account.unlocked", user, scope)


@transaction.atomic
def issue_link(scope: Scope, user: User) -> Outcome:
    """A link by which the user chooses a new password."""
    _require_other(scope, user)
    return _alone_or_proposed(scope, "accounts.issue_link", user, carry_link)


@transaction.atomic
def reset_factor(scope: Scope, user: User) -> Outcome:
    """Forget the second factor (lost telephone); the next sign-in sets up a new one."""
    _require_other(scope, user)
    return _alone_or_proposed(scope, "accounts.reset_factor", user, carry_reset)


@transaction.atomic
def set_subject(scope: Scope, user: User, subject: str) -> Outcome:
    """Say which subject of the single sign-on enters as this user; empty = none."""
    _require_other(scope, user)
    taken = SocialAccount.objects.filter(provider=settings.OIDC_PROVIDER, uid=subject).exclude(user=user)
    if subject and taken.exists():
        raise RefusedError.of("account.subject_taken", Place(key="subject"))
    return _alone_or_proposed(scope, "accounts.set_subject", user, carry_subject, subject=subject)


def carry_enable(scope: Scope, payload: dict[str, Any]) -> None:
    """The act of `enable`."""
    user = _subject_of_act(scope, payload)
    user.is_active = True
    user.save(update_fields=["is_active"])
    _log("account.enabled", user, scope)


def carry_link(scope: Scope, payload: dict[str, Any]) -> Shown:
    """The act of `issue_link`; earlier links are void."""
    user = _subject_of_act(scope, payload)
    OneTimeLink.objects.filter(user=user, used_at__isnull=True).delete()
    _log("account.link_issued", user, scope)
    return _new_link(scope, user)


def carry_reset(scope: Scope, payload: dict[str, Any]) -> None:
    """The act of `reset_factor`; sessions end, since one of them may be the finder's."""
    user = _subject_of_act(scope, payload)
    Authenticator.objects.filter(user=user).delete()
    end_sessions(user.pk)
    _log("account.factor_reset", user, scope)


def carry_subject(scope: Scope, payload: dict[str, Any]) -> None:
    """The act of `set_subject`."""
    user = _subject_of_act(scope, payload)
    SocialAccount.objects.filter(user=user, provider=settings.OIDC_PROVIDER).delete()
    if payload["subject"]:
        SocialAccount.objects.create(user=user, provider=settings.OIDC_PROVIDER, uid=payload["subject"])
    _log("account.subject_set", user, scope)


@transaction.atomic
def redeem_link(token: str, password: str) -> User:
    """Choose the password by a one-time link; raises `RefusedError` for a bad link or a weak password."""
    link = usable_link(token)
    if link is None:
        raise RefusedError.of("account.link_void")
    used = OneTimeLink.objects.filter(pk=link.pk, used_at__isnull=True).update(used_at=now())
    if not used:
        raise RefusedError.of("account.link_void")
    user = link.user
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise RefusedError.of("account.password_weak", Place(), why=" ".join(error.messages)) from None
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    end_sessions(user.pk)
    return user


def remember_sign_in(request: HttpRequest, user: User) -> None:
    """Note a session when it begins; called for every way of entering."""
    if not request.session.session_key:
        request.session.save()
    SignIn.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={
            "user": user,
            "started_at": now(),
            "ended_at": None,
            "address": str(request.META.get("REMOTE_ADDR", ""))[:45],
            "device": rules.device_of(request.headers.get("User-Agent", ""))[:60],
        },
    )


def end_sessions(user_id: int, *, but: str | None = None, only: int | None = None) -> int:
    """End all sessions of a user (`but` the one with this key; `only` the sign-in with this id)."""
    ended = open_sessions(user_id).exclude(session_key=but) if but else open_sessions(user_id)
    if only is not None:
        ended = ended.filter(pk=only)
    Session.objects.filter(session_key__in=list(ended.values_list("session_key", flat=True))).delete()
    return ended.update(ended_at=now(), session_key=None)


def password_was_changed(user: User, session_key: str | None) -> None:
    """After a change by the user: no longer demanded, and nobody else stays signed in."""
    User.objects.filter(pk=user.pk).update(must_change_password=False)
    end_sessions(user.pk, but=session_key)


def forget_old_sign_ins() -> int:
    """Delete what the security log need not keep any more; run nightly."""
    return SignIn.objects.filter(started_at__lt=now() - rules.SIGN_INS_KEPT).delete()[0]


def _require_other(scope: Scope, user: User) -> None:
    scope.require(EDIT)
    if user.pk == scope.user_id:
        raise RefusedError.of("account.own")


def _alone_or_proposed(
    scope: Scope, kind: str, user: User, carry: Callable[[Scope, dict[str, Any]], Any], **more: str
) -> Outcome:
    payload = {"user": user.pk, **more}
    if not rules.Guards.second_person(user.pk):
        done: Outcome = carry(scope, payload)
        return done
    act = approval.act_of(kind)
    return approval.propose(
        scope,
        kind,
        title=f"{act.title}: {user}",
        reason=gettext("The account holds a role with power."),
        payload=payload,
    )


def _subject_of_act(scope: Scope, payload: dict[str, Any]) -> User:
    user = User.objects.select_for_update().get(pk=payload["user"])
    _require_other(scope, user)
    return user


def _new_link(scope: Scope, user: User) -> Shown:
    token, moment = rules.link_token(), now()
    OneTimeLink.objects.create(
        user=user,
        digest=rules.digest_of(token),
        made_by_id=scope.user_id,
        made_at=moment,
        expires_at=moment + rules.LINK_LASTS,
    )
    return Shown(
        gettext("One-time link, valid for three days"),
        reverse("accounts:welcome_link", args=[token]),
        is_path=True,
    )


def _log(kind: str, user: User, scope: Scope) -> None:
    """Seal the act; the step's name is public and says neither who nor when."""
    record = {"user": user.pk, "by": scope.user_id, "at": now().isoformat(timespec="seconds")}
    stage(kind, f"{kind}/{secrets.token_hex(8)}", record)


def _who(payload: dict[str, Any]) -> list[tuple[str, str]]:
    return [(gettext("Account"), str(User.objects.filter(pk=payload["user"]).first() or payload["user"]))]


ACTS = (
    Act("accounts.enable", _("Open a closed account"), EDIT, carry_enable, describe=_who),
    Act("accounts.issue_link", _("Issue a one-time link"), EDIT, carry_link, describe=_who),
    Act("accounts.reset_factor", _("Reset the second factor"), EDIT, carry_reset, describe=_who),
    Act("accounts.set_subject", _("Link the single sign-on"), EDIT, carry_subject, describe=_who),
)
"""Registered when the product starts."""


@transaction.atomic
def create_invented(username: str, *, display_name: str) -> User:
    """An account of the demonstration: it has no password and is entered from the start page alone."""
    if not settings.DEMO:
        raise PermissionDenied(EDIT)
    user = User(username=username, display_name=display_name, is_invented=True)
    user.set_unusable_password()
    user.save()
    return user
