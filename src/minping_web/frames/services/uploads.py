"""Uploaded files of personal data: sealed piece by piece as they arrive, opened in memory, then deleted.

A file is a row of sealed pieces, each with its length before it and bound to file and position; the last
one is marked, so that a shortened file does not open. Plain bytes touch no disk: readers get the path of
an anonymous file in memory.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

from minping_engine.errors import IntegrityError
from minping_web.common.crypto import keyring

PIECE = 1 << 20
LARGEST = 300_000_000
LENGTH_BYTES = 4


def upload_folder() -> Path:
    """Where sealed uploads lie; not part of any backup."""
    folder = Path(settings.DATA_FOLDER) / "uploads"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


class SealedWriter:
    """Takes bytes, writes sealed pieces."""

    def __init__(self) -> None:
        self.stored_as = secrets.token_hex(16)
        self.size, self._pieces, self._rest = 0, 0, b""
        handle = os.open(upload_folder() / self.stored_as, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file: BinaryIO = os.fdopen(handle, "wb")

    def write(self, data: bytes) -> None:
        """More bytes."""
        self.size += len(data)
        self._rest += data
        while len(self._rest) > PIECE:
            self._seal(self._rest[:PIECE], last=False)
            self._rest = self._rest[PIECE:]

    def finish(self) -> str:
        """Write the last piece; the name under which the file can be opened."""
        self._seal(self._rest, last=True)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self.stored_as

    def give_up(self) -> None:
        """Remove what was written."""
        self._file.close()
        remove_upload(self.stored_as)

    def _seal(self, piece: bytes, *, last: bool) -> None:
        sealed = keyring().seal_bytes(piece, _about(self.stored_as, self._pieces, last=last))
        self._file.write(len(sealed).to_bytes(LENGTH_BYTES, "big") + sealed)
        self._pieces += 1


def _about(stored_as: str, piece: int, *, last: bool) -> str:
    return f"frames_upload|{stored_as}|{piece}|{'last' if last else 'more'}"


def remove_upload(stored_as: str) -> None:
    """Delete a sealed upload; nothing happens when it is gone already."""
    if stored_as:
        (upload_folder() / stored_as).unlink(missing_ok=True)


def pieces_of(stored_as: str) -> Iterator[bytes]:
    """Plain pieces; raises `IntegrityError` for a changed, reordered or shortened file."""
    with (upload_folder() / stored_as).open("rb") as file:
        ended = number = 0
        while length := file.read(LENGTH_BYTES):
            sealed = file.read(int.from_bytes(length, "big"))
            ended = int(not _more(file))
            yield keyring().open_bytes(sealed, _about(stored_as, number, last=bool(ended)))
            number += 1
        if not ended:
            raise IntegrityError.of("cipher.changed", about="frames_upload")


def _more(file: Any) -> bool:
    return bool(file.peek(1))


@contextmanager
def opened(stored_as: str, file_name: str) -> Iterator[Path]:
    """The plain file as a path that readers understand, with the ending of `file_name`."""
    ending = Path(file_name).suffix.lower() or ".csv"
    with tempfile.TemporaryDirectory(prefix="minping-") as folder:
        link = Path(folder) / f"upload{ending}"
        memory = os.memfd_create("minping-upload") if hasattr(os, "memfd_create") else None
        try:
            if memory is None:
                # Systems without anonymous memory files get a file that lives as long as the reading.
                link.touch(mode=0o600)
                link.write_bytes(b"".join(pieces_of(stored_as)))
            else:
                for piece in pieces_of(stored_as):
                    _write_all(memory, piece)
                link.symlink_to(f"/proc/{os.getpid()}/fd/{memory}")
            yield link
        finally:
            if memory is not None:
                os.close(memory)


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


class SealingUploadHandler(FileUploadHandler):
    """Django's handler for pages that take personal data: nothing plain is spooled to disk.

    It remembers every file that it wrote, under whatever field name; those that nobody claimed go when the
    request ends (`remove_unclaimed`).
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.writer: SealedWriter | None = None
        self.size = 0
        self._unclaimed: list[str] = []

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A file begins."""
        super().new_file(*args, **kwargs)
        self.writer = SealedWriter()
        self._unclaimed.append(self.writer.stored_as)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Some bytes of it; all files of a form together have one limit."""
        assert self.writer is not None
        self.writer.write(raw_data)
        self.size += len(raw_data)
        if self.size > LARGEST:
            self.writer.give_up()
            raise StopUpload(connection_reset=True)

    def file_complete(self, file_size: int) -> UploadedFile[Any]:
        """It ended: an empty stand-in that carries the name of the sealed file."""
        assert self.writer is not None
        stand_in = SimpleUploadedFile(self.file_name or "upload.csv", b" ")
        stand_in.stored_as, stand_in.size = self.writer.finish(), self.writer.size  # type: ignore[attr-defined]
        self.writer = None
        return stand_in

    def upload_interrupted(self) -> None:
        """The browser went away."""
        if self.writer is not None:
            self.writer.give_up()

    def claim(self, stored_as: str) -> None:
        """A row of the database holds this file from now on."""
        self._unclaimed.remove(stored_as)

    def remove_unclaimed(self) -> None:
        """Delete what this request left behind."""
        self.upload_interrupted()
        for stored_as in self._unclaimed:
            remove_upload(stored_as)


def stray_uploads(older_than: datetime, claimed: Iterable[str]) -> list[str]:
    """Sealed files that no row claims, written before a moment: their process died."""
    known = set(claimed)
    return sorted(
        file.name
        for file in upload_folder().iterdir()
        if file.name not in known and file.stat().st_mtime < older_than.timestamp()
    )


def seal_file(content: bytes) -> tuple[str, int]:
    """Store bytes that are in memory already: (stored as, size)."""
    writer = SealedWriter()
    writer.write(content)
    return writer.finish(), writer.size
