"""What a stranger brings to be checked: hashed as it arrives, kept in memory only as far as a page may reach.

The site's own upload handler throws away whatever strangers send. This one replaces it on the page that
checks: it keeps no file, only the hash, and the first bytes in which the marks of a saved page may stand.
"""

from __future__ import annotations

import hashlib
import io
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload

from minping_web.publications.rules.hashes import Brought

MOST_BYTES = 30 * 1024 * 1024
PAGE_BYTES = 2 * 1024 * 1024
"""A saved page is far smaller; of longer files the hash alone counts."""
FIELD = "file"


class HashingUploadHandler(FileUploadHandler):
    """Hashes one file; ends the reading of a form that is too long."""

    brought: Brought | None = None
    is_too_large = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A file begins; others than the field of the form are thrown away."""
        super().new_file(*args, **kwargs)
        if self.field_name != FIELD or self.brought is not None:
            raise SkipFile
        self.digest, self.content, self.length = hashlib.sha256(), io.BytesIO(), 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Some bytes of it."""
        self.length += len(raw_data)
        if self.length > MOST_BYTES:
            self.is_too_large = True
            raise StopUpload(connection_reset=True)
        self.digest.update(raw_data)
        if self.length <= PAGE_BYTES:
            self.content.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[Any]:
        """It ended."""
        whole = self.content.getvalue() if self.length <= PAGE_BYTES else b""
        self.brought = Brought(self.digest.hexdigest(), whole)
        return InMemoryUploadedFile(
            io.BytesIO(), self.field_name, FIELD, self.content_type or "", self.length, self.charset,
            self.content_type_extra,
        )  # fmt: skip
