"""Signing in by the real pages with Django's client: password, then a code of the authenticator."""

from __future__ import annotations

from typing import Any

from allauth.mfa.totp.internal import auth as totp
from django.test import Client

from minping_web.accounts.models import User
from minping_web.common.clock import now

PASSWORD = "a-long-password"


def code_of(secret: str, *, steps_from_now: int = 0) -> str:
    """The code of an authenticator that holds this secret, now or some half minutes away."""
    return totp.format_hotp_value(totp.hotp_value(secret, int(now().timestamp()) // 30 + steps_from_now))


def give_factor(user: User) -> str:
    """Set up an authenticator for a user; its secret."""
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(user, secret)
    return secret


def sign_in(client: Client, user: User, password: str = PASSWORD, **extra: str) -> Any:
    """Post the sign-in form."""
    return client.post("/accounts/login/", {"login": user.username, "password": password}, **extra)


def sign_in_fully(client: Client, user: User, secret: str) -> Any:
    """Password, then code."""
    sign_in(client, user)
    return client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
