"""Ids as pages and other systems see them: the stored one, permuted under a key of this deployment.

The disclosed folder of a draw names units by their stored ids. Did pages name them so too, whoever works
with the frame could read off who was drawn. One AES block of the 16 bytes is a permutation: no table is
needed, an id keeps its mask over restarts and changes of the field keys, and without the key the two sides
cannot be joined.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from django.conf import settings
from django.urls.converters import UUIDConverter

from minping_web.common.crypto import first_mask_key


@lru_cache(maxsize=4)
def _cipher(folder: Path) -> Cipher[ECB]:
    return Cipher(AES(first_mask_key(folder)), ECB())  # one block, and equal ids shall be equal


def masked(stored: UUID) -> UUID:
    """What is shown for a stored id."""
    made = _cipher(Path(settings.KEY_FOLDER)).encryptor()
    return UUID(bytes=made.update(stored.bytes) + made.finalize())


def unmasked(shown: UUID) -> UUID:
    """The stored id of what is shown; of an invented one, an id that no row has."""
    made = _cipher(Path(settings.KEY_FOLDER)).decryptor()
    return UUID(bytes=made.update(shown.bytes) + made.finalize())


class UnitConverter(UUIDConverter):
    """`<unit:name>` in an address: views and templates speak of stored ids, the address shows masks."""

    def to_python(self, value: str) -> UUID:
        """The stored id."""
        return unmasked(super().to_python(value))

    def to_url(self, value: UUID | str) -> str:
        """The mask."""
        return str(masked(value if isinstance(value, UUID) else UUID(value)))
