"""Uploaded files stay in memory: what a form brings may hold personal data, and nothing plain touches a disk.

The handler is the site's only one. It keeps nothing that a stranger sends: the body of a form is read before
a page can ask who it is. Pages with larger files bring a handler of their own, which seals what arrives.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

MOST_BYTES = 20_000_000
"""Largest file of an import of a register."""


class MemoryUploadHandler(FileUploadHandler):
    """Keeps files of signed-in people in memory; of what is too long only so much that it shows."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A file begins."""
        super().new_file(*args, **kwargs)
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated:
            raise SkipFile
        self.content, self.length = io.BytesIO(), 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Some bytes of it."""
        room = MOST_BYTES + 1 - self.length
        self.length += len(raw_data)
        if room > 0:
            self.content.write(raw_data[:room])

    def file_complete(self, file_size: int) -> UploadedFile[Any]:
        """It ended."""
        self.content.seek(0)
        return InMemoryUploadedFile(
            self.content, self.field_name, self.file_name or "", self.content_type or "", self.length,
            self.charset, self.content_type_extra,
        )  # fmt: skip


@contextmanager
def opened_in_memory(pieces: Iterable[bytes], file_name: str) -> Iterator[Path]:
    """The bytes as a path that readers understand, with the ending of `file_name`; gone with the process."""
    ending = PurePath(file_name).suffix.lower() or ".csv"
    with tempfile.TemporaryDirectory(prefix="minping-") as folder:
        link = Path(folder) / f"upload{ending}"
        memory = os.memfd_create("minping-upload") if hasattr(os, "memfd_create") else None
        try:
            if memory is None:  # systems without anonymous memory files: a file for as long as it is read
                link.touch(mode=0o600)
                link.write_bytes(b"".join(pieces))
            else:
                with os.fdopen(os.dup(memory), "wb") as file:
                    file.writelines(pieces)
                link.symlink_to(f"/proc/{os.getpid()}/fd/{memory}")
            yield link
        finally:
            if memory is not None:
                os.close(memory)
