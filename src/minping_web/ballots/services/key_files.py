"""The secret files of a round beside K1, K2 and KR: wrapped keys, half-opened boxes, the private key.

All lie in the round's key folder, outside the database and its backups, mode 0600. The private key exists as
a file only from the second custodian's coming until the count was logged, so that a killed job can go on.
"""

from __future__ import annotations

import contextlib
import os
import resource
import secrets
import shutil
from collections.abc import Collection, Iterator
from itertools import permutations
from pathlib import Path

from minping_web.ballots.rules.custody import Pair
from minping_web.rounds.services.secrets import key_folder, rounds_with_secrets

WRAPPED, HALVES, PRIVATE, HANDOVER = "wrapped", "halves", "private", "handover"


def forbid_core_dumps() -> None:
    """For this process, before a private key is in its memory: no crash writes that memory to a file."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def write_wrapped(round_id: int, key_id: str, boxes: dict[Pair, bytes]) -> None:
    """The private key, wrapped for pairs; a folder of its own for each key."""
    folder = key_folder(round_id) / f"{WRAPPED}-{key_id}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for pair, box in boxes.items():
        write_secret(folder / _name(pair), box)


def read_wrapped(round_id: int, key_id: str, pair: Pair) -> bytes | None:
    """The outer box of a pair, or None."""
    return _read(key_folder(round_id) / f"{WRAPPED}-{key_id}" / _name(pair))


def has_all_wrapped(round_id: int, key_id: str, holders: Collection[int]) -> bool:
    """Whether every pair of holders has its box."""
    folder = key_folder(round_id) / f"{WRAPPED}-{key_id}"
    return all((folder / name).is_file() for name in _names(holders))


def write_half(round_id: int, pair: Pair, box: bytes) -> None:
    """What the first custodian left for the second."""
    write_secret(key_folder(round_id) / HALVES / _name(pair), box)


def read_half(round_id: int, pair: Pair) -> bytes | None:
    """The inner box of a pair, or None."""
    return _read(key_folder(round_id) / HALVES / _name(pair))


def write_handover(round_id: int, pair: Pair, box: bytes) -> None:
    """What the first of two leaves for the second, when a key is handed over during a round."""
    write_secret(key_folder(round_id) / HANDOVER / _name(pair), box)


def read_handover(round_id: int, pair: Pair) -> bytes | None:
    """The inner box of a pair, or None."""
    return _read(key_folder(round_id) / HANDOVER / _name(pair))


def keep_handover(round_id: int, first: int) -> None:
    """Destroy the halves that anybody but this custodian left."""
    for path in _files(key_folder(round_id) / HANDOVER):
        if not path.name.startswith(f"{first}-"):
            destroy_file(path)


def destroy_handover(round_id: int) -> None:
    """Overwrite and remove what was left of a handover."""
    _destroy_folder(key_folder(round_id) / HANDOVER)


def rounds_with_handovers() -> list[int]:
    """Rounds in whose folder something of a handover lies, whatever the database knows of it."""
    return [number for number in rounds_with_secrets() if (key_folder(number) / HANDOVER).is_dir()]


def keep_wrapped(round_id: int, key_id: str, holders: Collection[int]) -> None:
    """Destroy the boxes of pairs that are no pair of holders any more."""
    kept = _names(holders)
    for path in _files(key_folder(round_id) / f"{WRAPPED}-{key_id}"):
        if path.name not in kept:
            destroy_file(path)


def write_private(round_id: int, private_key: bytes) -> None:
    """What two custodians brought forth; the closing job reads it."""
    write_secret(key_folder(round_id) / PRIVATE, private_key)


def read_private(round_id: int) -> bytes | None:
    """The private key, or None when it is not there (any more)."""
    forbid_core_dumps()
    return _read(key_folder(round_id) / PRIVATE)


def withdraw_private(round_id: int) -> None:
    """Take back what custodians brought: the private key and the opened boxes, not the wrapped ones."""
    destroy_file(key_folder(round_id) / PRIVATE)
    _destroy_folder(key_folder(round_id) / HALVES)


def destroy_key_folder(round_id: int) -> None:
    """Overwrite and remove every key of a round; nothing is wrong if some are gone already."""
    _destroy_folder(key_folder(round_id))


def write_secret(path: Path, content: bytes) -> None:
    """Complete before it has its name, on disk before anybody is told, readable by the server alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def destroy_file(path: Path) -> None:
    """Overwrite, then remove. What that promises on which disk: docs/how-to/close-a-round."""
    try:
        with path.open("r+b") as file:
            file.write(secrets.token_bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return


def _destroy_folder(folder: Path) -> None:
    for path in _files(folder):
        destroy_file(path)
    shutil.rmtree(folder, ignore_errors=True)


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file())


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _names(holders: Collection[int]) -> set[str]:
    return {_name(Pair(*pair)) for pair in permutations(holders, 2)}


def _name(pair: Pair) -> str:
    return f"{pair.first}-{pair.second}"
