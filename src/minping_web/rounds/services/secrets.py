"""K1, K2 and KR of a round: one file in the key folder, outside the database and its backups.

`h1 = HMAC(K1, token)` stands at the invitation, `h2 = HMAC(K2, token)` at the ballot, the receipt is
`HMAC(KR, h2)`. The file is read at every use and never cached: once it is destroyed at closing, nothing in a
running process can tell which ballot a token had (vote.md).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from base64 import b32encode
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

KEY_BYTES = 32
FILE = "secrets"
ROUND_KEYS = "rounds"
"""Folder of all rounds' keys below the key folder; no copy of the keys holds it."""
RECEIPT_LENGTH = 16
MAC_BYTES = 16


@dataclass(frozen=True)
class RoundSecrets:
    """The three keys of one round."""

    k1: bytes
    k2: bytes
    kr: bytes

    def h1(self, token: str) -> bytes:
        """What stands at the invitation."""
        return hmac.digest(self.k1, token.encode(), hashlib.sha256)

    def h2(self, token: str) -> bytes:
        """What stands at the ballot slot."""
        return hmac.digest(self.k2, token.encode(), hashlib.sha256)

    def form_mac(self, form_id: str) -> bytes:
        """Marks the form that a slot's answers came from: an identical repeat is recognised."""
        return hmac.digest(self.k2, b"form" + form_id.encode(), hashlib.sha256)[:MAC_BYTES]

    def receipt(self, h2: bytes) -> str:
        """A function of the slot: the same for a repeat, a new answer, a retry after a crash."""
        return b32encode(hmac.digest(self.kr, h2, hashlib.sha256)).decode()[:RECEIPT_LENGTH]


def key_folder(round_id: int) -> Path:
    """Where the keys of a round lie, wrapped private key included."""
    return Path(settings.KEY_FOLDER) / ROUND_KEYS / str(round_id)


def make_secrets(round_id: int) -> None:
    """Fresh keys for a round; existing ones stay, since tokens may have been issued with them."""
    folder = key_folder(round_id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (folder / FILE).exists():
        return
    draft = folder / f"new-{secrets.token_hex(8)}"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(3 * KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, folder / FILE)  # two processes never make different keys
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def secrets_of(round_id: int) -> RoundSecrets | None:
    """The keys, or None once they were destroyed."""
    try:
        data = (key_folder(round_id) / FILE).read_bytes()
    except FileNotFoundError:
        return None
    return RoundSecrets(data[:KEY_BYTES], data[KEY_BYTES : 2 * KEY_BYTES], data[2 * KEY_BYTES :])


def rounds_with_secrets() -> list[int]:
    """Rounds whose tokens can be recognised, newest first."""
    folder = Path(settings.KEY_FOLDER) / ROUND_KEYS
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    return sorted((int(name) for name in names if name.isdigit()), reverse=True)


def destroy_secrets(round_id: int) -> None:
    """Overwrite and remove; nothing is wrong if they are gone already.

    On a journalling or flash disk overwriting promises little: who needs more keeps the key folder on an
    encrypted volume (docs/how-to/close-a-round).
    """
    path = key_folder(round_id) / FILE
    try:
        with path.open("r+b") as file:
            file.write(secrets.token_bytes(3 * KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return
