"""The chain of a year: frozen rules -> opened round -> count -> versions -> result -> publication.

In: opened records. Out: links that lead nowhere, come in the wrong order, or fork. Publications' files are
held against their manifest, and the manifest against the log.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from minping_engine.errors import Problem
from minping_engine.verification.yearly.found import Found
from minping_engine.verification.yearly.layout import (
    COUNTED,
    MANIFEST,
    PUBLICATIONS,
    PUBLISHED,
    RESULT,
    ROUND_OPENED,
    SCHEME_FROZEN,
    SNAPSHOT_KINDS,
    VERSION,
    part_name,
)
from minping_engine.verification.yearly.records import Opened, YearRecords

Made = Mapping[str, Opened]


def check_chain(records: YearRecords) -> Iterator[Problem]:
    """Every link of every round."""
    snapshots = {str(one.record["snapshot_sha256"]): one for one in records.of(*SNAPSHOT_KINDS)}
    schemes = {str(one.record["package"]): one for one in records.of(SCHEME_FROZEN)}
    results = {str(one.record["result_sha256"]): one for one in reversed(records.of(RESULT))}
    yield from _rounds(records)
    for one in records.of(VERSION):
        yield from _link(one, "parent_sha256", snapshots)
        yield from _causes(one, records.steps)
    yield from _forks(records)
    for one in records.of(RESULT):
        yield from _link(one, "snapshot_sha256", snapshots)
        yield from _link(one, "scheme_sha256", schemes)
    for one in records.of(PUBLISHED):
        yield from _link(one, "result_sha256", results)


def _link(one: Opened, key: str, made: Made) -> Iterator[Problem]:
    """What a record names must have been entered before it."""
    if key not in one.record:
        return
    target = made.get(str(one.record[key]))
    params: dict[str, object] = {"index": one.index, "kind": one.kind}
    if target is None:
        yield Problem("year.link_missing", one.place(f"record.{key}"), params)
    elif target.index > one.index:
        yield Problem("year.link_later", one.place(f"record.{key}"), {**params, "later": target.index})


def _causes(one: Opened, steps: Mapping[str, int]) -> Iterator[Problem]:
    """What a correction names as its reasons stands in the log: a step, or an act with steps of its name."""
    for cause in one.record.get("causes", ()):
        if cause not in steps and not any(step.startswith(f"{cause}-") for step in steps):
            params: dict[str, object] = {"index": one.index, "cause": cause}
            yield Problem("year.cause_missing", one.place("record.causes"), params)


def _forks(records: YearRecords) -> Iterator[Problem]:
    """A snapshot has one successor: two would be two histories of one round."""
    seen: dict[str, int] = {}
    for one in records.of(VERSION):
        parent = str(one.record["parent_sha256"])
        if parent in seen:
            params: dict[str, object] = {"index": one.index, "first": seen[parent]}
            yield Problem("year.fork", one.place("record.parent_sha256"), params)
        seen.setdefault(parent, one.index)


def _rounds(records: YearRecords) -> Iterator[Problem]:
    """A round is counted once, after it was opened."""
    opened = {one.record["round"]: one for one in records.of(ROUND_OPENED)}
    counted: dict[object, int] = {}
    for one in records.of(COUNTED):
        number, params = one.record["round"], dict[str, object](index=one.index, kind=one.kind)
        if number not in opened:
            yield Problem("year.link_missing", one.place("record.round"), params)
        elif opened[number].index > one.index:
            yield Problem(
                "year.link_later", one.place("record.round"), {**params, "later": opened[number].index}
            )
        if number in counted:
            yield Problem(
                "year.counted_twice", one.place("record.round"), {"first": counted[number], **params}
            )
        counted.setdefault(number, one.index)


def check_publication(folder: Path, opened: Opened, left_out: frozenset[str]) -> Found:
    """Every file that was published, by the hashes that the log promised."""
    found, name = Found(), f"{PUBLICATIONS}/{part_name(opened.step)}"
    found.count("publications")
    stated = _files(folder / name, opened.record, found, name)
    there = {one.relative_to(folder / name).as_posix() for one in (folder / name).rglob("*") if one.is_file()}
    for path in sorted(stated.keys() | (there - {MANIFEST})):
        file = f"{name}/{path}"
        if path not in there:
            if file not in left_out:
                found.add("year.file_missing", file)
        elif hashlib.sha256((folder / file).read_bytes()).hexdigest() != stated.get(path):
            found.add("year.not_as_logged", file, hash=stated.get(path, "–"))
        else:
            found.proved.add(file)
            found.count("published files")
    return found


def _files(home: Path, record: Mapping[str, Any], found: Found, name: str) -> Mapping[str, str]:
    """Path -> hash, from the record itself or from the manifest whose hash the record has."""
    if isinstance(record.get("files"), dict):
        files: dict[str, str] = record["files"]
        return {path: sha256 for path, sha256 in files.items() if path != MANIFEST}
    try:
        content = (home / MANIFEST).read_bytes()
        if hashlib.sha256(content).hexdigest() == record["manifest_sha256"]:
            found.proved.add(f"{name}/{MANIFEST}")
            listed: dict[str, str] = json.loads(content)["files"]
            return listed
    except (OSError, ValueError, KeyError, TypeError):
        pass
    found.add("year.not_as_logged", f"{name}/{MANIFEST}", hash=str(record.get("manifest_sha256", "–")))
    return {}
