"""Reading the kept layouts: their truth, their guess, and the ballots that the guessed map imports."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml

from minping_engine.scheme import LoadedScheme, load_scheme
from minping_engine.snapshot import open_snapshot
from minping_engine.snapshot.importing import (
    AskedItem,
    Guess,
    ImportMap,
    Questionnaire,
    guess_map,
    import_files,
)
from minping_engine.terms import Mode

LAYOUTS = Path(__file__).resolve().parents[3] / "layouts"
ITEMS = ("q1", "q2", "q3", "q4", "q5")


def layouts(group: str) -> list[str]:
    return sorted(path.parent.name for path in (LAYOUTS / group).glob("*/truth.yaml"))


def truth_of(group: str, name: str) -> dict[str, Any]:
    text = (LAYOUTS / group / name / "truth.yaml").read_text("utf-8")
    return dict(yaml.safe_load(text))


@cache
def scheme() -> LoadedScheme:
    return load_scheme("gulou-worker")


def questionnaire() -> Questionnaire:
    body = scheme().scheme
    items = tuple(
        AskedItem(item.id, item.text.zh, tuple((answer.label.zh, answer.code) for answer in item.answers))
        for item in body.instrument.items
    )
    return Questionnaire(body.instrument.key, body.assessee_kind, body.period.kind, items)


def files_of(group: str, name: str) -> list[Path]:
    return [LAYOUTS / group / name / file for file in truth_of(group, name)["files"]]


@cache
def guessed(group: str, name: str) -> Guess:
    return guess_map(files_of(group, name), scheme())


def columns_by_role(map_: ImportMap) -> dict[str, Any]:
    """The map in the shape of a truth file's `roles`."""
    register = map_.register_
    assessee = register.assessee if register else None
    roles: dict[str, Any] = {
        "target": " | ".join(map_.columns.target),
        "household": " | ".join(map_.columns.household),
        "answered_at": map_.columns.answered_at,
        "mode": None if isinstance(map_.mode, str) else map_.mode.column,
        "item": map_.columns.item,
        "answer": map_.columns.answer,
        "ballot": map_.columns.ballot,
        "assessee_name": assessee and (assessee.name_column or assessee.column),
        "cells": {name: cell.column for name, cell in map_.cells.items()},
        "items": {item: one.column or one.value for item, one in map_.items.items()},
    }
    for level in ("street", "community"):
        place = getattr(register, level) if register else None
        roles[level] = place and place.column
    return {role: column for role, column in roles.items() if column}


def imported(group: str, name: str, folder: Path) -> Counter[tuple[str, ...]]:
    """Ballots of the snapshot that the guessed map makes, in the shape of `truth.csv`."""
    map_ = guessed(group, name).map
    assert map_
    return ballots_by(map_, files_of(group, name), folder, truth_table(group, name)[0])


def ballots_by(
    map_: ImportMap, files: Sequence[Path], folder: Path, columns: Sequence[str]
) -> Counter[tuple[str, ...]]:
    """Ballots that an import by this map seals, as the named columns of a truth table."""
    import_files(
        files,
        map_.model_copy(update={"period": "2019Q1"}),
        folder / "snapshot",
        scheme=questionnaire(),
    )
    snapshot = open_snapshot(folder / "snapshot")
    names = {row["area_id"]: row["name"] for row in snapshot.table("areas").to_pylist()}
    targets = {row["target"]: names[row["area_id"]] for row in snapshot.table("targets").to_pylist()}
    levels = {
        (row["variable"], row["level"]): row["label_zh"]
        for row in snapshot.table("cell_variables").to_pylist()
    }
    rows = [row for part in snapshot.parts for row in pq.read_table(part.path, partitioning=None).to_pylist()]
    return Counter(tuple(_value(column, row, targets, levels) for column in columns) for row in rows)


def _value(
    column: str, row: dict[str, Any], targets: dict[int, str], levels: dict[tuple[str, int], str]
) -> str:
    if column == "target":
        return targets[row["target"]]
    if column == "mode":
        return Mode(row["mode"]).name.lower()
    if column in ITEMS:
        code = row[f"item_{column}"]
        return "" if code is None else str(code)
    label = levels[column, row[f"cell_{column}"]]
    return {"male": "男", "female": "女"}.get(label, label)


@cache
def truth_table(group: str, name: str) -> tuple[tuple[str, ...], Counter[tuple[str, ...]]]:
    text = (LAYOUTS / group / name / "truth.csv").read_text("utf-8")
    header, *rows = csv.reader(text.splitlines())
    return tuple(header), Counter(tuple(row) for row in rows)
