"""K1, K2 and KR of a round, and its public key: one file in the key folder, outside database and backups.

`h1 = HMAC(K1, token)` stands at the invitation, `h2 = HMAC(K2, token)` at the ballot, the receipt is
`HMAC(KR, h2)`. The copy of the public key shows that the one in the database is still that of the opening:
who could swap it there would read every later ballot. The file is read at every use and never cached: once it
is destroyed at closing, nothing in a running process can tell which ballot a token had (vote.md).
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
    """The three keys of one round, and the public key that it was opened with; empty before."""

    k1: bytes
    k2: bytes
    kr: bytes
    public: bytes = b""

    def sealed_by(self, public_key: bytes) -> bool:
        """Whether ballots may be sealed to this key: it is that of the opening."""
        return not self.public or hmac.compare_digest(self.public, public_key)

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
    draft = _draft(folder, secrets.token_bytes(3 * KEY_BYTES))
    try:
        os.link(draft, folder / FILE)  # two processes never make different keys
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _draft(folder: Path, content: bytes) -> Path:
    """A file that is complete on disk before it gets its name."""
    draft = folder / f"new-{secrets.token_hex(8)}"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft


def secrets_of(round_id: int) -> RoundSecrets | None:
    """The keys, or None once they were destroyed."""
    try:
        data = (key_folder(round_id) / FILE).read_bytes()
    except FileNotFoundError:
        return None
    k1, k2, kr, public = (data[at : at + KEY_BYTES] for at in range(0, 4 * KEY_BYTES, KEY_BYTES))
    return RoundSecrets(k1, k2, kr, public)


def bind_public_key(round_id: int, public_key: bytes) -> None:
    """Keep a copy beside the secrets, in the same file: a vote reads it without opening another one.

    Called while the round is being opened and its row is locked; an opening that was undone leaves a copy
    that the next one replaces.
    """
    make_secrets(round_id)
    path = key_folder(round_id) / FILE
    known = path.read_bytes()[: 3 * KEY_BYTES]
    draft = _draft(path.parent, known + public_key)
    draft.replace(path)


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
            file.write(secrets.token_bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return
