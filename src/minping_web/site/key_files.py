"""The keys in a file of their own, sealed with a passphrase: for a safe, never beside the data.

`MAGIC || salt (16) || nonce (12) || AES-256-GCM(scrypt(passphrase, salt), tar of the key folder)`. Without
the keys a backup holds no contact in the clear; without the passphrase this file is noise.
"""

from __future__ import annotations

import io
import os
import secrets
import tarfile
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from minping_engine.errors import Place, Problem
from minping_web.common.crypto import PASSING_KEYS
from minping_web.common.problems import RefusedError
from minping_web.rounds.services.secrets import ROUND_KEYS

MAGIC = b"minping-keys-1\n"
SALT, NONCE = 16, 12
SESSION_KEY = "session-key"
"""Every start makes one where it is missing; nothing that lasts is sealed with it: restores replace it."""
PASSING_FOLDERS = frozenset({PASSING_KEYS, ROUND_KEYS})
"""Folders of keys that are made to be destroyed: a copy of them would keep what they sealed readable. With
the keys of a round, an old backup would tell after closing what stood on paper forms, and two custodians
could open every ballot again."""
SHORTEST = 12
"""Characters of a passphrase."""
COST = 2**17
"""Of scrypt: about half a second and 128 MB for each guess."""


def write_key_file(folder: Path, file: Path, passphrase: str) -> None:
    """Seal the key folder; an existing file is not replaced."""
    if len(passphrase) < SHORTEST:
        raise RefusedError(Problem("site.keys_passphrase", Place(file=str(file))))
    salt, nonce = secrets.token_bytes(SALT), secrets.token_bytes(NONCE)
    sealed = AESGCM(_key(passphrase, salt)).encrypt(nonce, _packed(folder), MAGIC)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise RefusedError(Problem("site.file_exists", Place(file=str(file)))) from None
    with os.fdopen(handle, "wb") as out:
        out.write(MAGIC + salt + nonce + sealed)
        out.flush()
        os.fsync(out.fileno())


def read_key_file(file: Path, folder: Path, passphrase: str) -> None:
    """Put the keys back; raises `RefusedError` for a wrong passphrase or where other keys are."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise unreadable(file, error) from None
    start = len(MAGIC)
    salt, nonce = data[start : start + SALT], data[start + SALT : start + SALT + NONCE]
    try:
        packed = AESGCM(_key(passphrase, salt)).decrypt(nonce, data[start + SALT + NONCE :], data[:start])
    except (InvalidTag, ValueError):
        raise RefusedError(Problem("site.keys_passphrase", Place(file=str(file)))) from None
    _unpack(packed, folder)


def unreadable(file: Path, error: OSError) -> RefusedError:
    """A file of the operator that is not there or may not be read."""
    return RefusedError(Problem("site.file_unreadable", Place(file=str(file)), {"reason": error.strerror}))


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=COST, r=8, p=1).derive(passphrase.encode())


def _packed(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.relative_to(folder).parts[0] in PASSING_FOLDERS:
                continue
            archive.add(path, arcname=path.relative_to(folder).as_posix(), recursive=False)
    return buffer.getvalue()


def _unpack(packed: bytes, folder: Path) -> None:
    """All or nothing: a file that exists with other bytes stops it before anything is written."""
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        files = [(folder / one.name, archive.extractfile(one)) for one in archive if one.isfile()]
        contents = [(path, source.read()) for path, source in files if source is not None]
    others = [path for path, content in contents if path.exists() and path.read_bytes() != content]
    if any(path.name != SESSION_KEY for path in others):
        raise RefusedError(Problem("site.keys_exist", Place(file=str(folder))))
    for path, content in contents:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(content)
