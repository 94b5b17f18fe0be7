"""Keys that are made to be destroyed: one per batch or print run, a file outside the database.

They lie below the key folder in `PASSING_KEYS`, which copies of the keys leave out: what they seal must
become unreadable for good, in backups as well. A sealed value is `nonce (12) || AES-256-GCM`.
"""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from minping_engine.errors import IntegrityError
from minping_web.common.clock import now
from minping_web.common.crypto import KEY_BYTES, NONCE_BYTES, PASSING_KEYS, Sealed


class PassingKey:
    """Seals and opens while its file exists."""

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        self._cipher = AESGCM(secret)

    def seal(self, plain: bytes, about: bytes) -> bytes:
        """Encrypt; `about` must be told again to open."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, about)

    def open(self, sealed: Sealed, about: bytes) -> bytes:
        """Decrypt; raises `IntegrityError` for a changed value or one of another row."""
        data = bytes(sealed)
        try:
            return self._cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], about)
        except (InvalidTag, ValueError):
            raise IntegrityError.of("cipher.changed", about="channels") from None


def make_key() -> str:
    """A new key on disk; its name."""
    name = secrets.token_hex(16)
    path = _folder() / name
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    _sync(path.parent)
    return name


def key_of(name: str) -> PassingKey | None:
    """The key, or None once it was destroyed."""
    path = _folder() / name
    return PassingKey(path.read_bytes()) if path.is_file() else None


def destroy_key(name: str) -> None:
    """Overwrite and remove; nothing happens when it is gone. Called after the commit that ends its batch."""
    path = _folder() / name
    try:
        with path.open("r+b") as file:
            file.write(bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return
    _sync(path.parent)


def key_names(older_than: timedelta = timedelta()) -> set[str]:
    """Names of all keys that were made so long ago."""
    latest = (now() - older_than).timestamp()
    return {path.name for path in _folder().iterdir() if path.stat().st_mtime <= latest}


def _folder() -> Path:
    folder = Path(settings.KEY_FOLDER) / PASSING_KEYS
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
