"""Field encryption and blind indexes; keys lie in the key folder, outside database and its backups.

A sealed value is `key id (4 bytes) || nonce (12) || AES-256-GCM ciphertext`; the additional data name the
table, column and row, so that a value copied to another row does not open. A blind index is
`key id (2 bytes) || HMAC-SHA-256 (first 30 bytes)` under a key of its own: equal texts can be found, but
phone numbers cannot be guessed without the key (an unkeyed hash of all mobile numbers falls within
minutes). The newest key of each kind seals; every key opens or finds what it made, until all values were
moved to a newer one (`frames.services.rotation`) and the old key is taken away.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db.models import Model

from minping_engine.errors import IntegrityError

ID_BYTES, NONCE_BYTES, KEY_BYTES = 4, 12, 32
BLIND_ID_BYTES, BLIND_BYTES = 2, 32
FIELD_KEYS, INDEX_KEYS, MASK_KEYS = "field-keys", "index-keys", "mask-keys"
PASSING_KEYS = "batches"
"""Folder of keys that are made to be destroyed (batches of messages, print runs): no copy holds them."""

Sealed = bytes | memoryview
"""What a database hands back for a binary column."""


class Keyring:
    """All keys of one folder; the newest seals and blinds, each opens what it sealed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keys = {int(path.name): AESGCM(path.read_bytes()) for path in _key_files(folder / FIELD_KEYS)}
        self.newest = max(self.keys)
        self.index_keys = {int(path.name): path.read_bytes() for path in _key_files(folder / INDEX_KEYS)}
        self.newest_index = max(self.index_keys)

    def seal(self, plain: str, about: str) -> bytes:
        """Encrypt a text; `about` is `table.column|row` and must be told again to open."""
        return self.seal_bytes(plain.encode(), about)

    def seal_bytes(self, plain: bytes, about: str) -> bytes:
        """Encrypt bytes."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self.keys[self.newest].encrypt(nonce, plain, about.encode())
        return self.newest.to_bytes(ID_BYTES, "big") + nonce + sealed

    def open(self, sealed: Sealed, about: str) -> str:
        """Decrypt; raises `IntegrityError` for a lost key, a changed value or one of another row."""
        return self.open_bytes(sealed, about).decode()

    def open_bytes(self, sealed: Sealed, about: str) -> bytes:
        """Decrypt bytes; refuses as `open` does."""
        data = bytes(sealed)
        key = self.keys.get(int.from_bytes(data[:ID_BYTES], "big"))
        if key is None:
            raise IntegrityError.of("cipher.key_lost", about=about.partition("|")[0])
        nonce, rest = data[ID_BYTES : ID_BYTES + NONCE_BYTES], data[ID_BYTES + NONCE_BYTES :]
        try:
            return key.decrypt(nonce, rest, about.encode())
        except (InvalidTag, ValueError):
            raise IntegrityError.of("cipher.changed", about=about.partition("|")[0]) from None

    def blind(self, plain: str, purpose: str) -> bytes:
        """Keyed hash for finding equal values; `purpose` keeps columns apart."""
        return self._blind(self.newest_index, plain, purpose)

    def blinds(self, plain: str, purpose: str) -> list[bytes]:
        """The hash under every index key: what to search for while indexes are being moved."""
        return [self._blind(key_id, plain, purpose) for key_id in sorted(self.index_keys, reverse=True)]

    def _blind(self, key_id: int, plain: str, purpose: str) -> bytes:
        made = hmac.digest(self.index_keys[key_id], f"{purpose}\0{plain}".encode(), hashlib.sha256)
        return key_id.to_bytes(BLIND_ID_BYTES, "big") + made[: BLIND_BYTES - BLIND_ID_BYTES]


@dataclass(frozen=True)
class SealedTable:
    """Which columns of a table are sealed, so that keys can be changed without knowing the app.

    `about` gives the additional data of a column and row; `blinds` maps a sealed column to the column of
    its blind index and the index's purpose.
    """

    model: type[Model]
    columns: tuple[str, ...]
    about: Callable[[str, object], str]
    blinds: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class SealedValues:
    """Sealed values that lie inside a library's own form, so that their app moves and counts them itself."""

    model: type[Model]
    column: str
    move: Callable[[], int]
    """Seal with the newest key what an older one sealed; how many rows."""
    count: Callable[[], Mapping[int, int]]
    """How many values each field key sealed."""


_sealed_tables: dict[str, SealedTable] = {}
_sealed_values: dict[str, SealedValues] = {}


def register_sealed(table: SealedTable) -> SealedTable:
    """Make a table known to the change of keys; called when an app is ready."""
    _sealed_tables[table.model._meta.label_lower] = table
    return table


def sealed_tables() -> list[SealedTable]:
    """All tables with sealed columns."""
    return [_sealed_tables[name] for name in sorted(_sealed_tables)]


def register_sealed_values(values: SealedValues) -> SealedValues:
    """Make values known to the change of keys; called when an app is ready."""
    _sealed_values[values.model._meta.label_lower] = values
    return values


def sealed_values() -> list[SealedValues]:
    """All sealed values that are not columns of their own."""
    return [_sealed_values[name] for name in sorted(_sealed_values)]


def key_id_of(sealed: Sealed) -> int:
    """Which field key sealed a value."""
    return int.from_bytes(bytes(sealed)[:ID_BYTES], "big")


def index_key_id_of(blind: Sealed) -> int:
    """Which index key made a blind index."""
    return int.from_bytes(bytes(blind)[:BLIND_ID_BYTES], "big")


def make_keys(folder: Path) -> None:
    """First keys of a deployment; existing ones stay."""
    for kind in (FIELD_KEYS, INDEX_KEYS):
        (folder / kind).mkdir(parents=True, exist_ok=True, mode=0o700)
        if not _key_files(folder / kind):
            _add_key(folder / kind)


def add_field_key(folder: Path) -> int:
    """A newer field key; from now on it seals. Returns its id."""
    return _add_key(folder / FIELD_KEYS)


def add_index_key(folder: Path) -> int:
    """A newer index key; from now on it makes blind indexes. Returns its id."""
    return _add_key(folder / INDEX_KEYS)


def first_mask_key(folder: Path) -> bytes:
    """The key of `common.masks`, made at the first use; it is never changed, or every address would be."""
    home = folder / MASK_KEYS
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not _key_files(home):
        _add_key(home)
    return _key_files(home)[0].read_bytes()


def _key_files(folder: Path) -> list[Path]:
    # A half-written key never has a plain number as its name.
    return sorted(path for path in folder.glob("[0-9]*") if re.fullmatch(r"\d+", path.name))


def _add_key(folder: Path) -> int:
    """Write a new key, complete before it has its name; two processes never make the same id."""
    draft = folder / f"new-{secrets.token_hex(8)}"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    newest = 1 + max((int(path.name) for path in _key_files(folder)), default=0)
    try:
        os.link(draft, folder / f"{newest:06d}")
    except FileExistsError:
        # Somebody else was quicker: theirs is as new as ours would have been.
        pass
    finally:
        draft.unlink()
    return newest


def keyring() -> Keyring:
    """The keys of this deployment, made at the first use; a key added by another process is seen at once."""
    folder = Path(settings.KEY_FOLDER)
    try:
        return _keyring(folder, _state(folder))
    except FileNotFoundError:
        make_keys(folder)
        return _keyring(folder, _state(folder))


def _state(folder: Path) -> tuple[str, ...]:
    # Names, not times: two changes within one tick of the clock have the same time.
    return (*sorted(os.listdir(folder / FIELD_KEYS)), *sorted(os.listdir(folder / INDEX_KEYS)))


@lru_cache(maxsize=4)
def _keyring(folder: Path, state: tuple[str, ...]) -> Keyring:
    make_keys(folder)
    return Keyring(folder)
