"""Results made again: the engine runs on the snapshot with the frozen rules, and every table is compared.

In: a result as it was stored, the snapshot and the package that its record names. Out: tables that differ.
The hash of the head decides; in tables made by models the last bit may differ between machines, so values
are compared there (docs/method/ledger.md).
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import yaml

from minping_engine.assessment import Result, assess
from minping_engine.errors import MinpingError
from minping_engine.evidence import scheduler_named
from minping_engine.scheme import Disclosure, LoadedScheme, load_scheme
from minping_engine.snapshot import json_sha256, open_snapshot, read_parquet
from minping_engine.verification.yearly.found import Found
from minping_engine.verification.yearly.layout import (
    DISCLOSURE,
    PACKAGE,
    RESULTS,
    SCHEMES,
    SNAPSHOTS,
    VALUES,
    part_name,
)
from minping_engine.verification.yearly.records import Opened

HEAD, SUFFIX = "result.json", ".parquet"
NEAR = 2e-6
"""Points: what two machines may differ by in a value made by a model."""


def check_result(folder: Path, opened: Opened) -> Found:
    """One stored result: its head is the logged one, and a run on the same input makes it again."""
    found, name = Found(), f"{RESULTS}/{part_name(opened.step)}"
    found.count("results")
    head = _head(folder / name / HEAD)
    if head is None or json_sha256(head) != opened.record["result_sha256"]:
        found.add("year.not_as_logged", f"{name}/{HEAD}", hash=str(opened.record["result_sha256"]))
        head = None
    try:
        made = _made(folder, opened, head)
    except MinpingError as error:
        # Files that are wrong are told by the checks of snapshot and rules, with their own places.
        found.add("year.not_rerun", name, run=opened.step, why=error.problems[0].code)
        return found
    found.count("results made again")
    if json_sha256(made.head) != opened.record["result_sha256"]:
        found.add("year.rerun_differs", f"{name}/{HEAD}", key=_first_difference(head, made.head))
    _compare_tables(folder, name, made, found)
    return found


def _head(file: Path) -> dict[str, Any] | None:
    try:
        head = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return head if isinstance(head, dict) else None


def _made(folder: Path, opened: Opened, head: dict[str, Any] | None) -> Result:
    """Values that nobody published are filled only where the logged head says that they were."""
    snapshot = open_snapshot(folder / SNAPSHOTS / str(opened.record["snapshot_sha256"]))
    demo = bool(head and head["scheme"]["demo_values"])
    scheme = frozen_scheme(folder / SCHEMES / str(opened.record["scheme_sha256"]), demo=demo)
    with tempfile.TemporaryDirectory(prefix="minping-year-") as work:
        return assess(snapshot, scheme, Path(work), scheduler_named("serial"))


def frozen_scheme(folder: Path, *, demo: bool) -> LoadedScheme:
    """The rules from the files of their own package, thresholds of disclosure included."""
    values = json.loads((folder / VALUES).read_bytes())
    scheme = load_scheme(folder / PACKAGE, values=values, demo=demo)
    given = yaml.safe_load((folder / DISCLOSURE).read_text("utf-8"))["values"]
    thresholds = {name: given[name]["value"] for name in Disclosure.__dataclass_fields__}
    return replace(scheme, disclosure=Disclosure(**thresholds))


def _first_difference(head: dict[str, Any] | None, made: object, key: str = "") -> str:
    """The innermost key at which the stored and the new head differ first."""
    if isinstance(head, dict) and isinstance(made, dict):
        for name in sorted({*head, *made}):
            if head.get(name) != made.get(name):
                return _first_difference(head.get(name), made.get(name), f"{key}.{name}".lstrip("."))
    return key


def _compare_tables(folder: Path, name: str, made: Result, found: Found) -> None:
    """Every stored table against the one made again."""
    for table, fresh in made.tables.items():
        file = f"{name}/{table}{SUFFIX}"
        try:
            stored = read_parquet(folder / file)
        except (MinpingError, OSError, pa.ArrowException):
            found.add("year.table_unreadable", file)
            continue
        column = _differing(stored, fresh)
        if column is not None:
            found.add("year.table_differs", file, key=column)


def _differing(stored: pa.Table, fresh: pa.Table) -> str | None:
    """The first column that differs; None where the tables say the same."""
    if stored.column_names != fresh.column_names or stored.num_rows != fresh.num_rows:
        return "–"
    for column in fresh.column_names:
        ours, theirs = fresh[column].combine_chunks(), stored[column].combine_chunks()
        if ours.type != theirs.type:
            theirs = theirs.cast(ours.type)
        if not ours.equals(theirs) and not _near(ours, theirs):
            return str(column)
    return None


def _near(ours: pa.Array, theirs: pa.Array) -> bool:
    if not pa.types.is_floating(ours.type) or not ours.is_null().equals(theirs.is_null()):
        return False
    one, other = (each.fill_null(0.0).to_numpy(zero_copy_only=False) for each in (ours, theirs))
    return bool(np.allclose(one, other, rtol=0, atol=NEAR, equal_nan=True))
