"""Rules of signing in that need no database: lifetimes, secrets, whom `access` tells us to guard."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Callable
from datetime import timedelta

from minping_web.common.scope import Scope

LINK_LASTS = timedelta(hours=72)
"""A one-time link not used by then is void."""

SESSION_LASTS = timedelta(hours=12)
"""Absolute: however busy a session is, it ends after this."""

SIGN_INS_KEPT = timedelta(days=190)
"""Security logs are kept for at least six months, and no longer than needed."""

GUESSES_EVERYWHERE = 100
GUESSES_COUNTED = timedelta(days=1)
"""After so many wrong passwords within a day, whatever the addresses, a name opens only where its owner
signed in before. Whoever guesses from many machines gets no further, and cannot lock out the owner."""

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of initial passwords: what is dictated on the telephone must not be mistaken (no l, i, o, 0, 1)."""


def plain_name(typed: str) -> str:
    """A sign-in name as the locks count it: signing in ignores case and width, so counting must."""
    return unicodedata.normalize("NFKC", typed).strip().upper().casefold()


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
    """Whose account cannot be closed now; nobody else's can be until the transaction ends."""

    end_keys: Callable[[Scope, int], object] = staticmethod(lambda scope, user_id: None)
    """Revokes the interface keys of an account whose ways in are renewed or closed."""
