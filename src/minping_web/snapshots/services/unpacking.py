"""A ZIP that somebody brought, unpacked into an empty folder: only files of a snapshot, nothing outside it.

In: bytes from outside. Out: the files below one folder, or all faults at once and no folder. Sizes are
counted while bytes are written: what the archive says of itself is believed by nobody.
"""

from __future__ import annotations

import io
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from minping_engine.errors import Place, Problem
from minping_web.common.problems import RefusedError

HEAD = "snapshot.json"
ENDINGS = frozenset({".json", ".parquet"})
MOST_FILES = 2_000
MOST_BYTES = 4_000_000_000
PLAIN = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""What every archiver writes. Other ways to pack give whole blocks at once, whose size nobody can bound."""
MOST_TIMES = 100
"""Parquet is packed already: a file that grows more than this many times is made to fill a disk."""
PIECE = 1 << 20
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, OSError,
    ValueError,
)  # fmt: skip
"""What reading a damaged archive raises; a name in no encoding is a `ValueError`."""


def unpack(content: bytes, target: Path, *, most_bytes: int = MOST_BYTES) -> None:
    """Write the files below `target`, which must not exist. Raises `RefusedError` and leaves nothing."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            wanted = _wanted(archive)
            target.mkdir(parents=True, mode=0o700)
            room = min(most_bytes, MOST_TIMES * max(len(content), PIECE))
            for path, item in wanted:
                room -= _written(archive, item, target / path, room)
    except UNREADABLE:
        shutil.rmtree(target, ignore_errors=True)
        raise RefusedError.of("snapshots.zip_unreadable", Place(key="file")) from None
    except RefusedError:
        shutil.rmtree(target, ignore_errors=True)
        raise


def _wanted(archive: zipfile.ZipFile) -> list[tuple[PurePosixPath, zipfile.ZipInfo]]:
    """Files with their paths from the snapshot's own folder; folders are made as they are needed."""
    items = [one for one in archive.infolist() if not one.is_dir()]
    problems = list(_faults(items))
    heads = [PurePosixPath(one.filename) for one in items if PurePosixPath(one.filename).name == HEAD]
    if len(heads) != 1:
        problems.append(Problem("snapshots.zip_no_snapshot", Place(key="file")))
    if problems:
        raise RefusedError(problems)
    home = heads[0].parent
    inside = [(PurePosixPath(one.filename), one) for one in items]
    return [(path.relative_to(home), one) for path, one in inside if path.is_relative_to(home)]


def _faults(items: list[zipfile.ZipInfo]) -> Iterator[Problem]:
    place, names = Place(key="file"), [one.filename for one in items]
    if any(one.compress_type not in PLAIN for one in items):
        yield Problem("snapshots.zip_unreadable", place)
    if len(items) > MOST_FILES:
        yield Problem("snapshots.zip_too_large", place)
    for name in sorted({name for name in names if names.count(name) > 1}) if len(items) <= MOST_FILES else ():
        yield Problem("snapshots.zip_twice", place, {"name": name[:200]})
    for one in items[:MOST_FILES]:
        if not _stays_inside(one):
            yield Problem("snapshots.zip_outside", place, {"name": one.filename[:200]})
        elif PurePosixPath(one.filename).suffix not in ENDINGS:
            yield Problem("snapshots.zip_other_file", place, {"name": one.filename[:200]})


def _stays_inside(item: zipfile.ZipInfo) -> bool:
    """A plain file at a plain relative path: no way up, no drive, no link to somewhere else."""
    name, kind = item.filename, stat.S_IFMT(item.external_attr >> 16)
    path = PurePosixPath(name)
    plain = not path.is_absolute() and ".." not in path.parts and not any(one in name for one in "\\:\0")
    return plain and kind in (0, stat.S_IFREG) and item.orig_filename == name


def _written(archive: zipfile.ZipFile, item: zipfile.ZipInfo, file: Path, room: int) -> int:
    """Bytes written; stops as soon as there are more than there is room for."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    done = 0
    with archive.open(item) as source, file.open("xb") as target:
        while piece := source.read(PIECE):
            done += len(piece)
            if done > room:
                raise RefusedError.of("snapshots.zip_too_large", Place(key="file"))
            target.write(piece)
    return done
