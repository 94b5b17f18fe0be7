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
from axes.models import AccessFailureLog
from axes.utils import reset
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from minping_engine.errors import Place
from minping_web.accounts import rules
from minping_web.accounts.models import User
from minping_web.accounts.selectors import ways_in
from minping_web.accounts.services.links import new_link, void_links
from minping_web.accounts.services.sessions import end_sessions
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
    username = User.normalize_username(username)
    if User.objects.filter(username__iexact=username).exists():
        raise RefusedError.of("account.name_taken", Place(key="username"), username=username)
    user = User(username=username, display_name=display_name, language=language, must_change_password=True)
    user.made_by_id = scope.user_id
    password = rules.initial_password()
    if by_link:
        user.set_unusable_password()
    else:
        user.set_password(password)
    user.save()
    _log("account.created", user, scope)
    return user, new_link(scope, user) if by_link else Shown(gettext("Initial password"), password)


@transaction.atomic
def disable(scope: Scope, user: User) -> None:
    """Close an account and end all its sessions at once."""
    _require_other(scope, user)
    if rules.Guards.must_stay(user.pk):
        raise RefusedError.of("account.must_stay")
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_sessions(user.pk)
    void_links(user.pk)
    rules.Guards.end_keys(scope, user.pk)
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
    name = rules.plain_name(user.username)
    reset(username=name)
    AccessFailureLog.objects.filter(username=name).delete()
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
    """The act of `issue_link`; earlier links and the interface keys are void."""
    user = _subject_of_act(scope, payload)
    void_links(user.pk)
    rules.Guards.end_keys(scope, user.pk)
    _log("account.link_issued", user, scope)
    return new_link(scope, user)


def carry_reset(scope: Scope, payload: dict[str, Any]) -> None:
    """The act of `reset_factor`; sessions and interface keys end: one of them may be the finder's."""
    user = _subject_of_act(scope, payload)
    Authenticator.objects.filter(user=user).delete()
    end_sessions(user.pk)
    rules.Guards.end_keys(scope, user.pk)
    _log("account.factor_reset", user, scope)


def carry_subject(scope: Scope, payload: dict[str, Any]) -> None:
    """The act of `set_subject`."""
    user = _subject_of_act(scope, payload)
    SocialAccount.objects.filter(user=user, provider=settings.OIDC_PROVIDER).delete()
    if payload["subject"]:
        SocialAccount.objects.create(user=user, provider=settings.OIDC_PROVIDER, uid=payload["subject"])
    _log("account.subject_set", user, scope)


def close_earlier_ways(user_id: int) -> None:
    """Before an account gets power: what one administrator alone handed out opens it no more.

    Links are void, sessions end, and the owner chooses a new password at the next sign-in.
    """
    void_links(user_id)
    end_sessions(user_id)
    User.objects.filter(pk=user_id).update(must_change_password=True)


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


def _log(kind: str, user: User, scope: Scope) -> None:
    """Seal the act; the step's name is public and says neither who nor when."""
    record = {"user": user.pk, "by": scope.user_id, "at": now().isoformat(timespec="seconds")}
    stage(kind, f"{kind}/{secrets.token_hex(8)}", record)


def describe(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """What an approver reads: whose account, how it is entered now, what would be linked."""
    user = User.objects.filter(pk=payload["user"]).first()
    if user is None:
        return [(gettext("Account"), str(payload["user"]))]
    found = [(gettext("Account"), f"{user} · {user.username}"), *ways_in(user)]
    if "subject" in payload:
        found.append((gettext("Single sign-on after this"), payload["subject"] or gettext("none")))
    return found


ACTS = (
    Act("accounts.enable", _("Open a closed account"), EDIT, carry_enable, describe=describe),
    Act("accounts.issue_link", _("Issue a one-time link"), EDIT, carry_link, describe=describe),
    Act("accounts.reset_factor", _("Reset the second factor"), EDIT, carry_reset, describe=describe),
    Act("accounts.set_subject", _("Link the single sign-on"), EDIT, carry_subject, describe=describe),
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
