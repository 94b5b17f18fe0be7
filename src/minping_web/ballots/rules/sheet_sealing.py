"""Sealing of what was keyed, until the sheet is counted: AES-256-GCM under a key made from the round's K2.

Not the field keys: those live for years, and an old copy of the database would then tell what a household
wrote on paper. K2 is destroyed at closing, and with it every copy of a keying.
"""

from __future__ import annotations

import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES, NONCE_BYTES, PADDED = 32, 12, 4096
_DOMAIN = b"minping paper 1"


class SheetLostError(ValueError):
    """A keying that the round's key does not open."""


class SheetSeal:
    """Seals and opens keyings of one round."""

    def __init__(self, k2: bytes) -> None:
        self._cipher = AESGCM(HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=_DOMAIN).derive(k2))

    def seal(self, about: str, content: dict[str, Any]) -> bytes:
        """One length whatever was keyed; `about` names sheet and column."""
        plain = json.dumps(content, ensure_ascii=False).encode().ljust(PADDED)
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, about.encode())

    def open(self, about: str, sealed: bytes | memoryview) -> dict[str, Any]:
        """The content; raises `SheetLostError`."""
        data = bytes(sealed)
        try:
            plain = self._cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], about.encode())
            found: dict[str, Any] = json.loads(plain)
        except (InvalidTag, ValueError) as error:
            raise SheetLostError from error
        return found
