"""A folder as carrier: one file of JSON lines per batch, for demonstrations and gateways that fetch.

A line is on the disk before its receipt is given. A parcel that comes again is looked for first, so nothing
stands in a file twice; the torn last line of a killed process is cut off.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from minping_web.channels.services.carriers.protocol import Outcome, Parcel, Receipt


def outbox_folder() -> Path:
    """Where files of messages lie; not part of any backup."""
    folder = Path(settings.DATA_FOLDER) / "outbox"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def batch_file(batch_id: int) -> Path:
    """The file of a batch, whether it is there or not."""
    return outbox_folder() / f"batch-{batch_id}.jsonl"


def erase_batch_file(batch_id: int) -> bool:
    """Overwrite the file of a batch, then remove it; False if there is none.

    Numbers and live links stand in it. On a disk that writes elsewhere what is overwritten, and in copies
    of the disk, the old bytes may last; the encryption of the disk answers for those.
    """
    path = batch_file(batch_id)
    try:
        handle = os.open(path, os.O_WRONLY)
    except FileNotFoundError:
        return False
    with os.fdopen(handle, "wb") as file:
        left = os.fstat(file.fileno()).st_size
        while left > 0:
            left -= file.write(bytes(min(left, 1 << 20)))
        file.flush()
        os.fsync(file.fileno())
    path.unlink(missing_ok=True)
    return True


class FileCarrier:
    """Appends to `outbox/<name>.jsonl`."""

    most_at_once = 500
    idempotent = True

    def __init__(self, name: str) -> None:
        self.path = outbox_folder() / f"{name}.jsonl"

    def send(self, parcels: Sequence[Parcel]) -> list[Receipt]:
        """Write what is not there yet."""
        there = self._keys() if any(parcel.again for parcel in parcels) else set()
        lines = [_line(parcel) for parcel in parcels if parcel.key not in there]
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "ab") as file:
            file.write(b"".join(lines))
            file.flush()
            os.fsync(file.fileno())
        return [Receipt(parcel.key, Outcome.ACCEPTED, parcel.key) for parcel in parcels]

    def _keys(self) -> set[str]:
        """Keys of whole lines; what comes after the last line end was torn by a crash and goes."""
        if not self.path.exists():
            return set()
        content = self.path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            os.truncate(self.path, len(whole))
        return {json.loads(line)["key"] for line in whole.splitlines()}


def _line(parcel: Parcel) -> bytes:
    row = {"key": parcel.key, "phone": parcel.phone, "text": parcel.text}
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"
