"""HMAC-SHA-256 with one key and very many messages.

In: a key. Out: a function from text to its HMAC. The key's two blocks are hashed once and copied for each
message, by the definition of RFC 2104: a district is drawn in less than half of the time.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

BLOCK = 64
INNER, OUTER = 0x36, 0x5C

KeyedHash = Callable[[str], bytes]


def keyed_hash(key: bytes) -> KeyedHash:
    """The HMAC of texts in UTF-8 under a key of up to 64 bytes; a seed has 32."""
    padded = key.ljust(BLOCK, b"\x00")
    inner = sha256(bytes(byte ^ INNER for byte in padded))
    outer = sha256(bytes(byte ^ OUTER for byte in padded))

    def of(text: str) -> bytes:
        first, second = inner.copy(), outer.copy()
        first.update(text.encode())
        second.update(first.digest())
        return second.digest()

    return of
