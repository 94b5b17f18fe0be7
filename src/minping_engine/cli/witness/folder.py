"""A witness's folder: `witness-key` (secret), `witness-key.pub`, `witness.yaml` (the logs), `memory.sqlite3`.

In: a folder. Out: the witness, ready to answer. A key is never made anew over an old one, nor a memory.
"""

from __future__ import annotations

import os
import secrets
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import yaml

from minping_engine.cli.witness.memory import Memory, make_memory
from minping_engine.errors import InputError, Place
from minping_engine.proof import ED25519, VerifierKey, WitnessKey, verifier_key, witness_key
from minping_engine.witness import Witness

KEY, PUBLIC_KEY, SETTINGS, MEMORY = "witness-key", "witness-key.pub", "witness.yaml", "memory.sqlite3"
SEED_BYTES = 32
HEAD = """# 见证的日志：每行一个日志公钥。 The logs that this witness watches: one public key a line.
# 增删后重新启动 serve。 Restart `serve` after a change.
"""


def make_folder(folder: Path, name: str, logs: Sequence[str]) -> VerifierKey:
    """Make a new witness; gives its public key. Raises `InputError` where anything is there already."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError.of("witness.folder_taken", Place(file=str(folder)))
    key = WitnessKey(name, secrets.token_bytes(SEED_BYTES))
    keys = [str(_log_key(text)) for text in logs]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    make_memory(folder / MEMORY)
    listed = "".join(f"\n  - {one}" for one in keys) or " []"
    write_file(folder / SETTINGS, f"{HEAD}logs:{listed}\n".encode())
    write_file(folder / PUBLIC_KEY, f"{key.verifier}\n".encode())
    _write_secret(folder / KEY, f"{key.secret_text}\n")
    return key.verifier


def open_witness(folder: Path) -> Witness:
    """The witness of a folder. Raises `InputError` or `SetupError` where something is missing."""
    if not (folder / KEY).is_file():
        raise InputError.of("witness.no_folder", Place(file=str(folder)))
    key = witness_key((folder / KEY).read_text("utf-8"))
    return Witness(key, read_logs(folder / SETTINGS), Memory(folder / MEMORY), seconds_now)


def read_logs(file: Path) -> dict[str, tuple[VerifierKey, ...]]:
    """The watched logs by origin; one that changes its key stands there twice for a while."""
    try:
        settings = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError.of("witness.settings_malformed", Place(file=str(file))) from error
    match settings:
        case {"logs": [*texts]} if all(isinstance(text, str) for text in texts):
            keys = [_log_key(str(text)) for text in texts]
        case _:
            raise InputError.of("witness.settings_malformed", Place(file=str(file)))
    made: dict[str, list[VerifierKey]] = defaultdict(list)
    for key in keys:
        made[key.name].append(key)
    return {origin: tuple(ours) for origin, ours in made.items()}


def seconds_now() -> int:
    """The time of this machine, in seconds since 1970."""
    return time.time_ns() // 1_000_000_000


def write_file(file: Path, content: bytes) -> None:
    """Whole or not at all."""
    partial = file.with_name(f".{file.name}.partial")
    partial.write_bytes(content)
    os.replace(partial, file)


def _log_key(text: str) -> VerifierKey:
    key = verifier_key(text)
    if key.kind != ED25519:
        raise InputError.of("witness.log_key_kind", name=key.name)
    return key


def _write_secret(file: Path, text: str) -> None:
    """Readable by the owner only, from its first byte."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
