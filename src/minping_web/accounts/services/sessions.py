"""Sessions: noted when they begin, ended one by one or all, forgotten in time."""

from __future__ import annotations

from axes.models import AccessFailureLog
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.http import HttpRequest

from minping_web.accounts import rules
from minping_web.accounts.models import OneTimeLink, SignIn, User
from minping_web.accounts.selectors import open_sessions
from minping_web.common.clock import now
from minping_web.common.sessions import SessionStore, stored_key

SIGN_IN = "sign_in"
"""In the session: the number of its `SignIn`, which stays when the session's key changes."""


def remember_sign_in(request: HttpRequest, user: User) -> None:
    """Note a session when it begins; called for every way of entering."""
    if not request.session.session_key:
        request.session.save()
    noted, _made = SignIn.objects.update_or_create(
        session_key=stored_key(request.session.session_key),
        defaults={
            "user": user,
            "started_at": now(),
            "ended_at": None,
            "address": str(request.META.get("REMOTE_ADDR", ""))[:45],
            "device": rules.device_of(request.headers.get("User-Agent", ""))[:60],
        },
    )
    request.session[SIGN_IN] = noted.pk


def end_sessions(user_id: int, *, but: str | None = None, only: int | None = None) -> int:
    """End all sessions of a user (`but` the one with this key; `only` the sign-in with this id)."""
    ended = open_sessions(user_id)
    if but:
        ended = ended.exclude(session_key=stored_key(but))
    if only is not None:
        ended = ended.filter(pk=only)
    Session.objects.filter(session_key__in=list(ended.values_list("session_key", flat=True))).delete()
    return ended.update(ended_at=now(), session_key=None)


def forget_ways_in() -> None:
    """After a restore: nobody is signed in, no unused link opens anything; both were of another day."""
    Session.objects.all().delete()
    SignIn.objects.filter(ended_at__isnull=True).update(ended_at=now(), session_key=None)
    OneTimeLink.objects.filter(used_at__isnull=True).delete()


def password_was_changed(user: User, session: SessionBase) -> None:
    """After a change by the user: no longer demanded, and nobody else stays signed in.

    The session has a new key since; its note follows, so that it can still be seen and ended.
    """
    User.objects.filter(pk=user.pk).update(must_change_password=False)
    own = SignIn.objects.filter(pk=session.get(SIGN_IN, 0), user=user, ended_at__isnull=True)
    own.update(session_key=stored_key(session.session_key))
    end_sessions(user.pk, but=session.session_key)


def forget_old_sign_ins() -> int:
    """Delete what need not be kept any more: sign-ins, sessions that are over, failed attempts; nightly."""
    SessionStore.clear_expired()
    AccessFailureLog.objects.filter(attempt_time__lt=now() - 2 * rules.GUESSES_COUNTED).delete()
    return SignIn.objects.filter(started_at__lt=now() - rules.SIGN_INS_KEPT).delete()[0]
