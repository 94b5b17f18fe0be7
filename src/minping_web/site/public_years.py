"""The public part of each year as one file, for anybody to check: made by a job, served as it lies.

In: the published log. Out: `minping-YEAR.zip` and what is said of it, below `years` in the data folder. It
holds what is public anyway: no single ballot, no table about persons, no record of a right or an account. A
year is made once it has published steps, and again only when it has new ones that a year opens.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from minping_engine.verification import is_opened
from minping_web.common.clock import now
from minping_web.ledger import selectors as log_selectors
from minping_web.ledger.models import Log, StagedEntry
from minping_web.site.years import extent_of, write_year

PIECE = 1 << 20


@dataclass(frozen=True)
class PublicYear:
    """What is said of one file. `last`: the newest entry that it opens; `size`: entries of the log in it."""

    year: int
    sha256: str
    bytes: int
    files: int
    entries: int
    size: int
    last: int
    made_at: str

    @property
    def name(self) -> str:
        """Of the file."""
        return name_of(self.year)

    @property
    def made(self) -> datetime:
        """When."""
        return timezone.localtime(datetime.fromisoformat(self.made_at))


def name_of(year: int) -> str:
    """Of a year's file."""
    return f"minping-{year}.zip"


def years_folder() -> Path:
    """Where the files lie."""
    return Path(settings.DATA_FOLDER) / "years"


def public_years() -> list[PublicYear]:
    """Every year that can be downloaded, newest first."""
    found = [_read(one) for one in years_folder().glob("minping-*.json")]
    return sorted((one for one in found if one), key=lambda one: one.year, reverse=True)


def public_file(year: int) -> Path | None:
    """The file of a year; None where there is none."""
    file = years_folder() / name_of(year)
    return file if file.is_file() and file.with_suffix(".json").is_file() else None


def _read(file: Path) -> PublicYear | None:
    try:
        return PublicYear(**json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, TypeError):  # of an older program: the job makes it anew
        return None


# --- the job ------------------------------------------------------------------------------------------------
def outdated_years() -> list[int]:
    """Years with steps that their file does not open yet."""
    log = log_selectors.current_log()
    if log is None or not log.published_size:
        return []
    there = {one.year: one.last for one in public_years()}
    return [year for year, last in _opened_last(log) if there.get(year) != last]


def _opened_last(log: Log) -> Iterator[tuple[int, int]]:
    """(year, index of its newest entry of an opened kind)."""
    rows = StagedEntry.objects.filter(log=log, index__lt=log.published_size)
    for moment in rows.order_by().dates("staged_at", "year"):
        first, end = extent_of(log, moment.year)
        kinds = set(rows.filter(index__gte=first, index__lt=end).values_list("kind", flat=True).distinct())
        opened = rows.filter(
            index__gte=first, index__lt=end, kind__in=[one for one in kinds if is_opened(one)]
        )
        last = opened.order_by("index").values_list("index", flat=True).last()
        if last is not None:
            yield moment.year, int(last)


def make_public_years() -> list[int]:
    """Make what is outdated; gives the years. A killed run leaves the former file."""
    log = log_selectors.current_log()
    made = []
    for year, last in _opened_last(log) if log and log.published_size else ():
        if year in outdated_years() and log is not None:
            _make(log, year, last)
            made.append(year)
    return made


def _make(log: Log, year: int, last: int) -> None:
    home = years_folder()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    work = Path(tempfile.mkdtemp(prefix=".making-", dir=home))
    try:
        index = write_year(log, year, work / f"minping-{year}", whole=False)
        packed = work / name_of(year)
        _pack(work / f"minping-{year}", packed)
        told = PublicYear(
            year, _sha256(packed), packed.stat().st_size, len(index.files), index.end - index.first,
            log.published_size, last, now().isoformat(timespec="seconds"),
        )  # fmt: skip
        (work / "told").write_text(json.dumps(asdict(told)), "utf-8")
        os.replace(packed, home / name_of(year))
        os.replace(work / "told", home / f"minping-{year}.json")
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _pack(folder: Path, target: Path) -> None:
    """Sorted, without times: the same folder gives the same bytes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            item = zipfile.ZipInfo(
                f"{folder.name}/{path.relative_to(folder).as_posix()}", (2000, 1, 1, 0, 0, 0)
            )
            item.external_attr, item.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            with path.open("rb") as source, archive.open(item, "w", force_zip64=True) as packed:
                shutil.copyfileobj(source, packed, PIECE)


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
