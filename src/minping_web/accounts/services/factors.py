"""Secrets of second factors in the database: sealed to their user, moved when keys change.

The sign-in library hands a secret to seal without saying whose it is. So it is sealed for nobody first,
and sealed to its user when the row is written; from then on it opens in no other row. What was read
from a row carries its user along (`OwnedSecret`), since the library forgets that as well.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Mapping

from allauth.mfa.models import Authenticator
from django.db import transaction

from minping_web.common.crypto import SealedValues, key_id_of, keyring, register_sealed_values

SECRETS = ("secret", "seed")
"""In the JSON of an authenticator: of the app, of the recovery codes. Passkeys keep public keys only."""


class OwnedSecret(str):
    """A sealed secret read from the row of a user."""

    owner: int


def owned(sealed: str, user_id: int) -> OwnedSecret:
    """The sealed secret with its user."""
    made = OwnedSecret(sealed)
    made.owner = user_id
    return made


def seal_secret(plain: str) -> str:
    """Seal a secret whose user is not known yet."""
    return _sealed(plain, None)


def open_secret(sealed: str) -> str:
    """Open a secret; one that lay in another user's row does not open."""
    return keyring().open(base64.b64decode(sealed), _about(getattr(sealed, "owner", None)))


def bind_secrets(factor: Authenticator) -> None:
    """Before a row is written: seal what is new to the row's user."""
    for name, sealed in _secrets_in(factor):
        if not isinstance(sealed, OwnedSecret):
            bound = _sealed(open_secret(sealed), factor.user_id)
            factor.data[name] = owned(bound, factor.user_id)


def own_secrets(factor: Authenticator) -> None:
    """After a row was read: say whose its secrets are."""
    if factor.pk and "data" in factor.__dict__:
        for name, sealed in _secrets_in(factor):
            factor.data[name] = owned(sealed, factor.user_id)


def register_secrets() -> None:
    """Make the secrets known to the change of keys; called when the product starts."""
    register_sealed_values(SealedValues(Authenticator, "data", move=_move, count=_count))


def _move() -> int:
    """Seal every secret of an older key again, row by row, so that signing in waits for no other row."""
    return sum(_moved(pk) for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _moved(pk: int) -> bool:
    factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
    old = [(name, sealed) for name, sealed in _secrets_in(factor) if _key_of(sealed) != keyring().newest]
    for name, sealed in old:
        factor.data[name] = owned(_sealed(open_secret(sealed), factor.user_id), factor.user_id)
    if old:
        factor.save(update_fields=["data"])
    return bool(old)


def _count() -> Mapping[int, int]:
    factors = Authenticator.objects.order_by("pk").iterator()
    return Counter(_key_of(sealed) for factor in factors for _name, sealed in _secrets_in(factor))


def _secrets_in(factor: Authenticator | None) -> Iterator[tuple[str, str]]:
    data = factor.data if factor and isinstance(factor.data, dict) else {}
    yield from [(name, data[name]) for name in SECRETS if isinstance(data.get(name), str)]


def _sealed(plain: str, user_id: int | None) -> str:
    return base64.b64encode(keyring().seal(plain, _about(user_id))).decode("ascii")


def _about(user_id: int | None) -> str:
    return f"mfa_authenticator.data|{'' if user_id is None else user_id}"


def _key_of(sealed: str) -> int:
    return key_id_of(base64.b64decode(sealed))
