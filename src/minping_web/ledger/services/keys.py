"""The log's signing key: a file in the key folder, outside the database and its backups, made at first use.

Only the process that sequences reads it; everybody else needs the verifier key, which is published.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.conf import settings

from minping_engine.errors import IntegrityError
from minping_engine.proof import SigningKey, signing_key
from minping_web.ledger.models import Log

SEED_BYTES = 32


def key_file(number: int) -> Path:
    """Where the key of a log lies."""
    return Path(settings.KEY_FOLDER) / f"ledger-key-{number}"


def make_signing_key(number: int, origin: str) -> SigningKey:
    """The key of a log; an existing one stays, so that a killed first start goes on with it."""
    path = key_file(number)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_secret(path, SigningKey(origin, secrets.token_bytes(SEED_BYTES)).secret_text)
    return signing_key(path.read_text("utf-8"))


def signing_key_of(log: Log) -> SigningKey:
    """The key that signs this log. Raises `IntegrityError` if it is lost or another one."""
    path = key_file(log.number)
    if not path.exists():
        raise IntegrityError.of("ledger.key_lost", file=path.name)
    key = signing_key(path.read_text("utf-8"))
    if str(key.verifier) != log.verifier:
        raise IntegrityError.of("ledger.key_other", file=path.name)
    return key


def _write_secret(path: Path, text: str) -> None:
    """Whole or not at all, readable by the owner only."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
