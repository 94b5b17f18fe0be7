"""Sessions whose rows open nothing: the database holds a keyed digest of each key, and sealed contents.

A session's key is a bearer secret, and its contents hold others for a while (the token of a one-time
link, the secret of an authenticator that is being set up). Who reads the database or a backup finds
neither. Both keys come from the secret that lies in the key folder; without it all sessions end, and
nobody loses more than a sign-in. Named by `SESSION_ENGINE`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from functools import lru_cache
from typing import Any

from asgiref.sync import sync_to_async
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

NONCE_BYTES = 12
DIGITS = 40
"""What the column of the key holds: 160 bits of the digest."""


def stored_key(session_key: str | None) -> str:
    """Under which key a session lies in the database; empty for none."""
    if not session_key:
        return ""
    return hmac.new(_derived("key"), session_key.encode(), hashlib.sha256).hexdigest()[:DIGITS]


def _derived(purpose: str) -> bytes:
    return _key_for(purpose, settings.SECRET_KEY)


@lru_cache(maxsize=8)
def _key_for(purpose: str, secret: str) -> bytes:
    return hmac.digest(secret.encode(), f"minping.session.{purpose}".encode(), hashlib.sha256)


class SessionStore(DatabaseStore):
    """Django's sessions in the database, looked up by digest and sealed to their row."""

    def encode(self, session_dict: dict[str, Any]) -> str:
        """Seal the contents to this session's row."""
        nonce, plain = secrets.token_bytes(NONCE_BYTES), self.serializer().dumps(session_dict)
        sealed = AESGCM(_derived("contents")).encrypt(nonce, plain, self._row.encode())
        return base64.b64encode(nonce + sealed).decode("ascii")

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """Open the contents; what does not open is an empty session."""
        try:
            data = base64.b64decode(session_data, validate=True)
            cipher = AESGCM(_derived("contents"))
            plain = cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], self._row.encode())
        except (InvalidTag, ValueError):
            return {}
        opened: dict[str, Any] = self.serializer().loads(plain)
        return opened

    def exists(self, session_key: str) -> bool:
        """Whether there is a session with this key."""
        return bool(super().exists(stored_key(session_key)))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """The row of this session, which has its key already."""
        return self.model(
            session_key=self._row, session_data=self.encode(data), expire_date=self.get_expiry_date()
        )

    def delete(self, session_key: str | None = None) -> None:
        """End the session with this key, or this one."""
        ended = session_key or self.session_key
        if ended:
            super().delete(stored_key(ended))

    async def aexists(self, session_key: str) -> bool:
        """As `exists`."""
        return await sync_to_async(self.exists)(session_key)

    async def acreate_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """As `create_model_instance`."""
        return await sync_to_async(self.create_model_instance)(data)

    async def adelete(self, session_key: str | None = None) -> None:
        """As `delete`."""
        await sync_to_async(self.delete)(session_key)

    async def _aget_session_from_db(self) -> AbstractBaseSession | None:
        return await sync_to_async(self._get_session_from_db)()

    @property
    def _row(self) -> str:
        return stored_key(self.session_key)

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        kept = self.model.objects.filter(session_key=self._row, expire_date__gt=timezone.now()).first()
        if kept is None:
            self._session_key = None
        return kept
