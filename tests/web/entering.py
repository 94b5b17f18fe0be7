"""Enter as somebody in a test's browser, second factor given."""

from __future__ import annotations

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from django.test import Client
from django.utils import timezone

from minping_web.accounts.models import User


def sign_in(client: Client, who: User, *, factor_minutes_ago: float = 0) -> Client:
    """A signed-in session whose second factor was given some minutes ago."""
    client.force_login(who)
    session = client.session
    given = {"method": "mfa", "type": "totp", "at": timezone.now().timestamp() - factor_minutes_ago * 60}
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(who.pk)
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [given]
    session.save()
    return client
