"""Where the files of a log lie: a small protocol, a folder, and a store in memory.

In: paths of `paths.py` and bytes. Out: the bytes again. Writing is temp + rename, so that a reader never
sees half a file; `settle` returns when everything written so far would survive a power cut. The order (tiles
first, checkpoint last) is the appender's. One writer at a time: the lock is the caller's.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol


class TileStore(Protocol):
    """What the log needs of the place where its files lie."""

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None if there is none."""
        ...

    def write(self, path: str, content: bytes) -> None:
        """Put a file into place, whole or not at all."""
        ...

    def settle(self) -> None:
        """Return when everything written so far lasts."""
        ...


class MemoryStore:
    """A store in memory: for tests, and to make a log's bytes before they go elsewhere."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None if there is none."""
        return self.files.get(path)

    def write(self, path: str, content: bytes) -> None:
        """Keep the bytes."""
        self.files[path] = content

    def settle(self) -> None:
        """Memory lasts as long as the process."""


class FolderStore:
    """A store in a folder that can be served as it lies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: set[Path] = set()
        self._unsettled: set[Path] = set()

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None if there is none."""
        try:
            return (self._folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def write(self, path: str, content: bytes) -> None:
        """Temp + rename; the temporary name starts with a dot, so that a check tells it from a tile."""
        target = self._folder / path
        if target.parent not in self._known:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._known.add(target.parent)
        partial = target.with_name(f".{target.name}.partial")
        partial.write_bytes(content)
        os.replace(partial, target)
        self._unsettled.add(target)

    def settle(self) -> None:
        """Flush the files written since, then the folders that name them, up to the log's own."""
        folders = {self._folder}
        for file in self._unsettled:
            _flush(file)
            folders.update(one for one in file.parents if one.is_relative_to(self._folder))
        if self._unsettled:
            for folder in folders:
                _flush(folder)
        self._unsettled.clear()


def _flush(path: Path) -> None:
    if os.name == "nt" and path.is_dir():  # Windows opens no folders and keeps their order itself
        return
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
