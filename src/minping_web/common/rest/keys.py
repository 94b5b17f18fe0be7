"""Who calls: a key in `Authorization: Bearer mp_...`, and nothing else.

Session cookies do not count, so that no foreign page can make a browser act here. `access` knows keys;
it brings a `KeySource`, since it stands above the apps that offer operations. The order of answers is
fixed: no valid key (401), too many requests (429), key without the permission (403), then the request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja.errors import Throttled
from ninja.security import HttpBearer

from minping_web.common.clock import now
from minping_web.common.scope import Scope

REQUESTS_PER_MINUTE = 600
WINDOW = 60


@dataclass(frozen=True)
class Caller:
    """A key that was accepted: its id, and what it may do now."""

    key_id: int
    scope: Scope


class KeySource(Protocol):
    """Finds who holds a token."""

    def caller_of(self, token: str) -> Caller | None:
        """None for an unknown, expired or revoked key, and for one whose owner is disabled."""


class _Source:
    current: KeySource | None = None


def provide_keys(source: KeySource) -> None:
    """Called once, when the product starts."""
    _Source.current = source


class ApiKey(HttpBearer):
    """Lets a request in whose key holds one permission somewhere. The name is the scheme's in OpenAPI."""

    openapi_description = "A key of this product, made on the page of API keys: `mp_…`."

    def __init__(self, permission: str) -> None:
        super().__init__()
        self.permission = permission

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        """The caller, or None (401); raises for too many requests and for a missing permission."""
        caller = _Source.current.caller_of(token) if _Source.current else None
        if caller is None:
            return None
        _count(caller.key_id)
        if not caller.scope.may(self.permission):
            raise PermissionDenied(self.permission)
        return caller


def _count(key_id: int) -> None:
    """Count one request in this minute; `Throttled` beyond the limit.

    The default cache lives in one process, so a deployment of n web processes allows up to n times as
    many: enough against a program that runs wild, which is all that this is for.
    """
    seconds = int(now().timestamp())
    name = f"api-requests:{key_id}:{seconds // WINDOW}"
    cache.add(name, 0, timeout=2 * WINDOW)
    limit = getattr(settings, "API_REQUESTS_PER_MINUTE", REQUESTS_PER_MINUTE)
    if cache.incr(name) > limit:
        raise Throttled(wait=WINDOW - seconds % WINDOW)
