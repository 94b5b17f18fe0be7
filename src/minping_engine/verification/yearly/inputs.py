"""What went into a year's results: sealed snapshots, frozen rules and questionnaires, receipts of the count.

Each file is hashed again and held against the record that the log promised. A part that is not there is a
problem unless the index says that it was left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from minping_engine.errors import MinpingError, Problem
from minping_engine.snapshot import json_sha256, open_snapshot
from minping_engine.verification.roots import has_roots, receipts_root
from minping_engine.verification.yearly.found import Found
from minping_engine.verification.yearly.layout import (
    INSTRUMENTS,
    PACKAGE,
    RECEIPTS,
    SCHEMES,
    SNAPSHOTS,
    VALUES,
    part_name,
)
from minping_engine.verification.yearly.records import Opened

SNAPSHOT_HEAD = "snapshot.json"


def check_snapshot_folder(folder: Path, sha256: str) -> Found:
    """Every file of one sealed folder, and that it is the one of this hash."""
    found, name = Found(), f"{SNAPSHOTS}/{sha256}"
    found.count("snapshots")
    try:
        opened = open_snapshot(folder / name)
    except MinpingError as error:
        found.take(error, name)
        return found
    if opened.sha256 != sha256:
        found.add("year.not_as_logged", f"{name}/{SNAPSHOT_HEAD}", hash=sha256)
        return found
    found.proved |= {f"{name}/{file['path']}" for file in opened.manifest["files"]}
    found.count("ballots", sum(part.rows for part in opened.parts))
    return found


def check_scheme(folder: Path, opened: Opened) -> Found:
    """Every file of a frozen package, and the values that the district filled in."""
    found, record = Found(), opened.record
    name = f"{SCHEMES}/{record['package']}"
    found.count("schemes")
    stated: Mapping[str, str] = record["files"]
    package = folder / name / PACKAGE
    there = {one.relative_to(package).as_posix() for one in package.rglob("*") if one.is_file()}
    for path in sorted(stated.keys() | there):
        file = f"{name}/{PACKAGE}/{path}"
        if path not in there:
            found.add("year.file_missing", file)
        elif hashlib.sha256((package / path).read_bytes()).hexdigest() != stated.get(path):
            found.add("year.not_as_logged", file, hash=stated.get(path, "–"))
        else:
            found.proved.add(file)
    if not _values_fit(folder / name / VALUES, record):
        found.add("year.not_as_logged", f"{name}/{VALUES}", hash=str(record["package"]))
    return found


def _values_fit(file: Path, record: Mapping[str, Any]) -> bool:
    try:
        values = json.loads(file.read_bytes())
        told = {name: _as_text(value) for name, value in sorted(values.items())}
    except (OSError, ValueError, AttributeError, RecursionError):
        return False
    return bool(told == record["values"])


def _as_text(value: object) -> str:
    """A value as a record has it: the digits that were written."""
    text: str = yaml.safe_dump(value, allow_unicode=True, sort_keys=True, width=10**6)
    return text.strip()


def check_instrument(folder: Path, opened: Opened) -> Found:
    """A questionnaire as it was asked."""
    found, sha256 = Found(), str(opened.record["content"])
    file = f"{INSTRUMENTS}/{sha256}.json"
    found.count("instruments")
    try:
        fits = json_sha256(json.loads((folder / file).read_bytes())) == sha256
    except (OSError, ValueError, RecursionError):
        fits = False
    if not fits:
        found.add("year.not_as_logged", file, hash=sha256)
    return found


def check_receipts(folder: Path, opened: Opened) -> Found:
    """The published list of receipts gives the roots of each area, and counts that are possible."""
    found, file = Found(), f"{RECEIPTS}/{part_name(opened.step)}.txt"
    found.count("receipt lists")
    params: dict[str, object] = {"index": opened.index}
    for key in _impossible(opened.record):
        found.problems.append(Problem("year.counts_impossible", opened.place(key), params))
    for key in _unjoined(opened.record):
        found.problems.append(Problem("year.roots_differ", opened.place(f"record.{key}"), params))
    try:
        sections = dict(_sections((folder / file).read_text("utf-8")))
    except (OSError, ValueError):
        found.add("year.not_as_logged", file, hash=str(opened.record["receipts_root"]))
        return found
    areas = {str(area["area"]): area for area in opened.record["areas"]}
    for code in sorted(areas.keys() | sections.keys()):
        receipts = sections.get(code, [])
        stated = str(areas[code]["receipts_root"]) if code in areas else ""
        if (receipts_root(receipts).hex() if receipts else "") != stated:
            found.add("year.receipts_differ", file, key=code, area=code)
        elif len(receipts) != areas[code]["ballots"]:
            found.add(
                "year.receipts_counted", file, key=code,
                area=code, receipts=len(receipts), ballots=areas[code]["ballots"],
            )  # fmt: skip
        found.count("receipts", len(receipts))
    return found


def _sections(text: str) -> Iterator[tuple[str, list[str]]]:
    code, receipts = "", list[str]()
    for line in text.splitlines():
        if line.startswith("["):
            if code:
                yield code, receipts
            code, receipts = line[1:].partition("]")[0], []
        elif line.strip() and not line.startswith("#"):
            receipts.append(line)
    if code:
        yield code, receipts


def _impossible(record: Mapping[str, Any]) -> Iterator[str]:
    """Areas where drawn >= voted >= counted does not hold; a total that is not the sum."""
    for number, area in enumerate(record["areas"]):
        if not area["drawn"] >= area["spent"] >= area["ballots"] >= area["withheld"]:
            yield f"record.areas[{number}]"
    if sum(area["ballots"] for area in record["areas"]) != record["counted"]:
        yield "record.counted"


def _unjoined(record: Mapping[str, Any]) -> Iterator[str]:
    """Roots over all areas that the roots of the areas do not give."""
    return (key for key in ("ballots_root", "receipts_root") if not has_roots(record, key))
