"""Sealing one ballot to the round's public key: X25519, HKDF-SHA-256, AES-256-GCM; every one equally long.

    sealed = ephemeral public key (32) || nonce (12) || ciphertext of 4096 bytes and tag (16)

The plain text is the canonical JSON (RFC 8785) of the payload, a length before it, zeros behind it. The
additional data name round and slot: a ballot copied into another slot or round does not open.
"""

from __future__ import annotations

import json
import os
from typing import Any, cast

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PADDED = 4096
LENGTH_BYTES = 2
KEY_BYTES, NONCE_BYTES, TAG_BYTES = 32, 12, 16
SEALED_BYTES = KEY_BYTES + NONCE_BYTES + PADDED + TAG_BYTES
_DOMAIN = b"minping ballot 1"


class BallotTooLongError(ValueError):
    """The payload does not fit; the form's limits are wrong."""


class NotReadableError(ValueError):
    """A sealed ballot that this key does not open, or that holds no payload."""


def seal(public_key: bytes, round_id: int, h2: bytes, payload: dict[str, Any]) -> bytes:
    """Seal a payload of JSON without floats for one slot."""
    plain = rfc8785.dumps(payload)
    if len(plain) > PADDED - LENGTH_BYTES:
        raise BallotTooLongError
    padded = (len(plain).to_bytes(LENGTH_BYTES, "big") + plain).ljust(PADDED, b"\0")
    mine = X25519PrivateKey.generate()
    ephemeral = mine.public_key().public_bytes_raw()
    shared = mine.exchange(X25519PublicKey.from_public_bytes(public_key))
    nonce = os.urandom(NONCE_BYTES)
    cipher = AESGCM(_derived(shared, ephemeral, public_key))
    return ephemeral + nonce + cipher.encrypt(nonce, padded, _about(round_id, h2))


class Opener:
    """Opens sealed ballots with the private key; lives in the closing job's memory only."""

    def __init__(self, private_key: bytes) -> None:
        self._key = X25519PrivateKey.from_private_bytes(private_key)
        self._public = self._key.public_key().public_bytes_raw()

    @property
    def public_key(self) -> bytes:
        """The key that ballots were sealed to."""
        return self._public

    def open(self, round_id: int, h2: bytes, sealed: bytes) -> dict[str, Any]:
        """The payload; raises `NotReadableError` for anything that was not sealed for this slot."""
        if len(sealed) != SEALED_BYTES:
            raise NotReadableError
        ephemeral, nonce = sealed[:KEY_BYTES], sealed[KEY_BYTES : KEY_BYTES + NONCE_BYTES]
        try:
            shared = self._key.exchange(X25519PublicKey.from_public_bytes(ephemeral))
            cipher = AESGCM(_derived(shared, ephemeral, self._public))
            padded = cipher.decrypt(nonce, sealed[KEY_BYTES + NONCE_BYTES :], _about(round_id, h2))
            length = int.from_bytes(padded[:LENGTH_BYTES], "big")
            found = json.loads(padded[LENGTH_BYTES : LENGTH_BYTES + length])
        except (InvalidTag, ValueError) as error:
            raise NotReadableError from error
        if not isinstance(found, dict):
            raise NotReadableError
        return cast("dict[str, Any]", found)


def _derived(shared: bytes, ephemeral: bytes, public_key: bytes) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=ephemeral + public_key, info=_DOMAIN).derive(shared)


def _about(round_id: int, h2: bytes) -> bytes:
    return round_id.to_bytes(8, "big") + h2
