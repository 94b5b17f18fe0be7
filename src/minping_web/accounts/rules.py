"""Rules of signing in that need no database: lifetimes, secrets, whom `access` tells us to guard."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta

LINK_LASTS = timedelta(hours=72)
"""A one-time link not used by then is void."""

SESSION_LASTS = timedelta(hours=12)
"""Absolute: however busy a session is, it ends after this."""

SIGN_INS_KEPT = timedelta(days=190)
"""Security logs are kept for at least six months, and no longer than needed."""

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of initial passwords: what is dictated on the telephone must not be mistaken (no l, i, o, 0, 1)."""


def initial_password() -> str:
    """Four groups of four: 78 bits, easy to dictate."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def link_token() -> str:
    """The secret of a one-time link."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> bytes:
    """What the database keeps of a token: it cannot be used to enter."""
    return hashlib.sha256(token.encode()).digest()


def device_of(agent: str) -> str:
    """Browser and system in two words, so that somebody recognises an own session; no fingerprint."""
    browsers = (("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"))
    systems = (("Android", "Android"), ("iPhone", "iPhone"), ("Windows", "Windows"), ("Mac OS", "macOS"))
    browser = next((name for sign, name in browsers if sign in agent), "Safari" if "Safari" in agent else "")
    system = next((name for sign, name in systems if sign in agent), "Linux" if "Linux" in agent else "")
    return " · ".join(part for part in (browser, system) if part)


class Guards:
    """What `access` knows about an account and `accounts` must respect; without an answer the strict one."""

    second_person: Callable[[int], bool] = staticmethod(lambda user_id: True)
    """Whose account one administrator alone must not open again."""

    must_stay: Callable[[int], bool] = staticmethod(lambda user_id: False)
    """Whose account cannot be closed now."""
