"""`year.json`: which year, which log, which entries are its own, and the hash of every file of the folder.

It is signed by nobody: what it says is held against the log. Its own hash in its last key tells a changed
index from changed files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from minping_engine.errors import InputError, Place, Problem
from minping_engine.snapshot import canonical_json, file_sha256, json_sha256
from minping_engine.verification.yearly.layout import INDEX

FORMAT = 1
ABOUT = "https://c2sp.org/tlog-tiles; minping verify year"


@dataclass(frozen=True)
class YearIndex:
    """What `year.json` says. `first` to `end` are the year's own entries in the log."""

    year: int
    key: str
    """Verifier key of the log."""
    first: int
    end: int
    forgotten: tuple[int, ...] = ()
    """Entries whose records were deleted, as the law asks: nobody can open them any more."""
    left_out: tuple[str, ...] = ()
    """Parts that were not handed out, by their place in the folder."""
    files: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> dict[str, Any]:
        """As JSON, with its own hash."""
        body = {
            "format": FORMAT, "about": ABOUT, "year": self.year, "key": self.key,
            "entries": [self.first, self.end], "forgotten": list(self.forgotten),
            "left_out": list(self.left_out), "files": dict(sorted(self.files.items())),
        }  # fmt: skip
        return {**body, "sha256": json_sha256(body)}


def files_of(folder: Path) -> Iterator[str]:
    """Every file of a year but its index, by name."""
    names = (one.relative_to(folder).as_posix() for one in folder.rglob("*") if not one.is_dir())
    return (name for name in sorted(names) if name != INDEX)


def write_index(
    folder: Path, year: int, key: str, entries: tuple[int, int], *,
    forgotten: Sequence[int] = (), left_out: Sequence[str] = (),
) -> YearIndex:  # fmt: skip
    """Hash what lies in a folder and write its index, last of all files."""
    files = {name: file_sha256(folder / name) for name in files_of(folder)}
    made = YearIndex(year, key, *entries, tuple(forgotten), tuple(sorted(left_out)), files)
    (folder / INDEX).write_bytes(canonical_json(made.content) + b"\n")
    return made


def read_index(folder: Path) -> tuple[YearIndex, list[Problem]]:
    """The index of a folder. Raises `InputError` where there is none that can be read."""
    if not folder.is_dir() or not (folder / INDEX).is_file():
        raise InputError.of("year.no_folder", Place(file=str(folder)))
    content = (folder / INDEX).read_bytes()
    try:
        made = _parsed(json.loads(content))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError.of("year.index_malformed", Place(file=INDEX)) from error
    if canonical_json(made.content) + b"\n" == content:
        return made, []
    return made, [Problem("year.index_changed", Place(file=INDEX))]


def _parsed(body: Any) -> YearIndex:
    first, end = body["entries"]
    made = YearIndex(
        int(body["year"]), str(body["key"]), int(first), int(end),
        tuple(int(one) for one in body["forgotten"]), tuple(str(one) for one in body["left_out"]),
        {str(name): str(sha256) for name, sha256 in body["files"].items()},
    )  # fmt: skip
    if not 0 <= made.first <= made.end:
        raise ValueError("entries")
    return made


def file_problems(folder: Path, index: YearIndex, proved: frozenset[str]) -> Iterator[Problem]:
    """Files that are not those of the index. The log itself holds `proved`: there the index is wrong."""
    there = set(files_of(folder))
    for name in sorted(index.files.keys() - there):
        yield Problem("year.file_missing", Place(file=name))
    for name in sorted(there - index.files.keys()):
        code = "year.listing_wrong" if name in proved else "year.file_extra"
        yield Problem(code, _place(name, proved), {"name": name} if name in proved else {})
    for name in sorted(there & index.files.keys()):
        if file_sha256(folder / name) != index.files[name]:
            code = "year.listing_wrong" if name in proved else "year.file_changed"
            yield Problem(code, _place(name, proved), {"name": name} if name in proved else {})


def _place(name: str, proved: frozenset[str]) -> Place:
    return Place(file=INDEX, key=f"files.{name}") if name in proved else Place(file=name)
