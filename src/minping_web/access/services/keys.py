"""Keys of the interface: they work for a machine, never more than their owner may."""

from __future__ import annotations

import secrets
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction

from minping_engine.errors import Place
from minping_web.access import rules
from minping_web.access.models import ApiKey
from minping_web.access.selectors import KEY_START, PREFIX_LENGTH
from minping_web.accounts.rules import digest_of
from minping_web.common.clock import now, today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.places.models import Area

LONGEST = timedelta(days=366)


@transaction.atomic
def make_api_key(
    scope: Scope, name: str, *, permissions: list[str], expires_on: date, area: Area | None = None
) -> tuple[ApiKey, str]:
    """A new key and its secret, shown once; it never may more than its owner, at any later moment."""
    scope.require("api_keys.edit")
    if scope.user_id is None:
        raise PermissionDenied("api_keys.edit")
    path = area.path if area else None
    lacking = [one for one in permissions if one not in rules.API_PERMISSIONS or not scope.may(one, path)]
    if lacking or not permissions:
        raise RefusedError.of("access.key_beyond_owner", Place(key="permissions"), names=", ".join(lacking))
    if not today() < expires_on <= today() + LONGEST:
        raise RefusedError.of("access.key_too_long", Place(key="expires_on"))
    secret = KEY_START + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        name=name,
        owner_id=scope.user_id,
        permissions=sorted(permissions),
        area=area,
        prefix=secret[:PREFIX_LENGTH],
        digest=digest_of(secret),
        made_at=now(),
        expires_on=expires_on,
    )
    record = {"key": key.pk, "by": scope.user_id, "permissions": key.permissions}
    stage("access.key_made", f"access.key/{key.pk}", record)
    return key, secret


@transaction.atomic
def revoke_api_key(scope: Scope, key: ApiKey) -> None:
    """End a key now."""
    scope.require("api_keys.edit")
    ended = ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True)
    if not ended.update(revoked_at=now(), revoked_by_id=scope.user_id):
        raise RefusedError.of("access.revoked_already")
    stage("access.key_revoked", f"access.key/{key.pk}/revoked", {"key": key.pk, "by": scope.user_id})


def end_keys_of(scope: Scope, user_id: int) -> int:
    """End every key of a user whose ways in are renewed or closed; who calls checks the right."""
    ended = list(ApiKey.objects.select_for_update().filter(owner_id=user_id, revoked_at__isnull=True))
    for key in ended:
        key.revoked_at, key.revoked_by_id = now(), scope.user_id
        key.save(update_fields=["revoked_at", "revoked_by"])
        stage("access.key_revoked", f"access.key/{key.pk}/revoked", {"key": key.pk, "by": scope.user_id})
    return len(ended)


def note_use(key: ApiKey) -> None:
    """Remember the day of use; written once a day."""
    ApiKey.objects.filter(pk=key.pk).exclude(last_used_on=today()).update(last_used_on=today())
