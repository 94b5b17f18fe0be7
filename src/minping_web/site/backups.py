"""Backup and restore: database, ledger, snapshots, draws, results in one folder, each file with its SHA-256.

The database comes first and the files after it: then the log on disk is never behind the database, and
`ledger recover` brings a restored database up to the published log; and a snapshot that the database knows
is in the backup, which matters since nothing else holds the votes once a round is purged. The keys are not
in the folder: who holds the backup cannot open contacts (see `key_files`). What is counted is counted in the
same moment of the database that is copied.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from minping_engine import __version__
from minping_engine.errors import MinpingError, Place, Problem
from minping_web.accounts.services import forget_ways_in
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.site.dumps import DUMP_OF, dump_database, load_database, table_counts
from minping_web.site.guard import kind_of_database

MANIFEST, LEDGER = "manifest.json", "ledger"
FORMAT = 1
CHECKPOINT = "checkpoint"
DATA = "data"
KEPT = ("snapshots", "draws", "results")
"""Folders of the data folder that no database row can replace."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    made_at: str
    version: str
    kind: str
    database: str
    rows: dict[str, int]
    files: dict[str, str]

    def text(self) -> str:
        """As JSON."""
        return json.dumps({"format": FORMAT, **vars(self)}, indent=1, sort_keys=True, ensure_ascii=False)


def make_backup(target: Path, *, moment: datetime | None = None) -> Manifest:
    """Write a complete backup into a new folder; `manifest.json` comes last, so half a backup has none."""
    if target.exists() and any(target.iterdir()):
        raise RefusedError(Problem("site.backup_exists", Place(file=str(target))))
    kind = kind_of_database()
    if kind is None:
        raise RefusedError.of("site.not_set_up")
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    rows = dump_database(target / DUMP_OF[connection.vendor])
    _copy_ledger(Path(settings.LEDGER_FOLDER), target / LEDGER)
    _copy_data(target / DATA)
    files = {_name(path, target): sha256_of(path) for path in _files_of(target)}
    made = (moment or now()).isoformat(timespec="seconds")
    manifest = Manifest(made, __version__, kind, connection.vendor, rows, files)
    partial = target / (MANIFEST + ".partial")
    partial.write_text(manifest.text(), "utf-8")
    partial.rename(target / MANIFEST)
    return manifest


def _copy_ledger(source: Path, target: Path) -> None:
    """The checkpoint first, the list of files only then: every tile that it speaks of is in the list, and
    later ones do no harm. A file that went meanwhile has a fuller successor, so the list is made again."""
    target.mkdir()
    if not source.is_dir():
        return
    for path in source.rglob(CHECKPOINT):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    while not _all_copied(source, target):
        pass


def _all_copied(source: Path, target: Path) -> bool:
    """Copy what is not there yet; False when something of the list was gone."""
    whole = True
    for path in sorted(_files_of(source)):
        copy = target / path.relative_to(source)
        if copy.exists() or path.name == CHECKPOINT:
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(path, copy)
        except FileNotFoundError:
            whole = False
    return whole


def _copy_data(target: Path) -> None:
    """Whole files only: what is being written begins with a dot or ends in `.partial`."""
    home = Path(settings.DATA_FOLDER)
    for path in (path for name in KEPT for path in _files_of(home / name)):
        inside = path.relative_to(home)
        if path.suffix == ".partial" or any(part.startswith(".") for part in inside.parts):
            continue
        (target / inside).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            shutil.copyfile(path, target / inside)
        except FileNotFoundError:  # a named list that became a draw meanwhile
            (target / inside).unlink(missing_ok=True)


def _files_of(folder: Path) -> Iterable[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def sha256_of(path: Path) -> str:
    """Of a file, without reading it whole."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(source: Path) -> Manifest:
    """Read and verify every file; raises `RefusedError` naming all that differ."""
    file = source / MANIFEST
    if not file.is_file():
        raise RefusedError(Problem("site.backup_incomplete", Place(file=str(source)), {"what": MANIFEST}))
    told: dict[str, Any] = json.loads(file.read_text("utf-8"))
    told.pop("format")
    manifest = Manifest(**told)
    problems = [problem for name in manifest.files if (problem := _fault(source, name, manifest))]
    if problems:
        raise RefusedError(problems)
    return manifest


def _fault(source: Path, name: str, manifest: Manifest) -> Problem | None:
    path = source / name
    if not path.resolve().is_relative_to(source.resolve()) or not path.is_file():
        return Problem("site.backup_incomplete", Place(), {"what": name})
    if sha256_of(path) != manifest.files[name]:
        return Problem("site.backup_changed", Place(), {"file": name})
    return None


def restore_backup(source: Path, *, recover: Callable[[], object]) -> Manifest:
    """Put a verified backup into an empty target, compare the rows, then bring the ledger up to date.

    Sessions and unused links end: the backup knows neither what was revoked nor what was used since.
    """
    manifest = read_manifest(source)
    if manifest.database != connection.vendor:
        raise RefusedError.of("site.backup_other_database", found=manifest.database, wanted=connection.vendor)
    _require_empty()
    _require_no_other(manifest)
    load_database(source / DUMP_OF[manifest.database])
    shutil.copytree(source / LEDGER, settings.LEDGER_FOLDER, dirs_exist_ok=True)
    _put_data(source, manifest)
    _compare(manifest)
    recover()
    forget_ways_in()
    return manifest


def _require_empty() -> None:
    if connection.introspection.table_names():
        raise RefusedError.of("site.target_not_empty", what=str(connection.settings_dict["NAME"]))
    ledger = Path(settings.LEDGER_FOLDER)
    if ledger.is_dir() and any(ledger.iterdir()):
        raise RefusedError.of("site.target_not_empty", what=str(ledger))


def _data_files(manifest: Manifest) -> Iterable[tuple[str, Path]]:
    """Names in the backup, and where each belongs. Only the listed folders: a manifest may be forged."""
    home = Path(settings.DATA_FOLDER)
    for name in sorted(manifest.files):
        parts = Path(name).parts
        if parts[:1] == (DATA,) and len(parts) > 2 and parts[1] in KEPT:
            yield name, home.joinpath(*parts[1:])


def _require_no_other(manifest: Manifest) -> None:
    """A snapshot or draw that lies there already must be the same; others beside it stay."""
    others = [
        path
        for name, path in _data_files(manifest)
        if path.exists() and (not path.is_file() or sha256_of(path) != manifest.files[name])
    ]
    if others:
        raise RefusedError.of("site.target_not_empty", what=str(others[0]))


def _put_data(source: Path, manifest: Manifest) -> None:
    for name, path in _data_files(manifest):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            shutil.copyfile(source / name, path)


def _compare(manifest: Manifest) -> None:
    """Rows of every table as they were, and no key that leads nowhere."""
    with transaction.atomic():
        found = table_counts()
    tables = manifest.rows.keys() | found.keys()
    problems = [
        Problem("site.backup_counts", Place(), {"table": table, "found": have, "wanted": want})
        for table in sorted(tables)
        if (have := found.get(table, 0)) != (want := manifest.rows.get(table, 0))
    ]
    if problems:
        raise MinpingError(problems)
    connection.check_constraints()
