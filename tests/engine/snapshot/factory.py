"""Small spreadsheets of invented ballots, and the map that reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import yaml

from minping_engine.errors import ImportRefusedError
from minping_engine.snapshot import Snapshot, open_snapshot
from minping_engine.snapshot.importing import ImportMap, find_faults, import_files, parse_map

STEPS = {"非常满意": 5, "满意": 4, "一般": 3, "不满意": 2, "非常不满意": 1}
HEADER = ("责任片", "户号", "提交时间", "方式", "服务", "态度")
ROWS = (
    ("甲片", "H1", "2019-01-05 10:00", "入户", "是", "满意"),
    ("甲片", "H2", "2019-01-06 11:00", "电话", "否", "非常满意"),
    ("乙片", "H3", "2019-01-07 12:00", "短信", "是", "一般"),
    ("乙片", "H4", "2019-01-08 13:00", "入户", "不清楚", "不满意"),
)
MAP: dict[str, Any] = {
    "minping_map": 1,
    "period": "2019Q1",
    "instrument": {"id": "small", "version": "1"},
    "columns": {"target": "责任片", "household": "户号", "answered_at": "提交时间"},
    "mode": {"column": "方式"},
    "items": {
        "q1": {"column": "服务", "labels": {"是": 1, "否": 2, "不清楚": 3}},
        "q2": {"column": "态度", "labels": STEPS, "range": [1, 5]},
    },
}


def write_csv(
    path: Path,
    rows: Sequence[Sequence[str]] = ROWS,
    header: Sequence[str] = HEADER,
    encoding: str = "utf-8",
) -> Path:
    """A CSV file with a header."""
    lines = [",".join(cells) for cells in (header, *rows)]
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
    return path


def write_xlsx(path: Path, rows: Sequence[Sequence[Any]] = ROWS, header: Sequence[str] = HEADER) -> Path:
    """A workbook with one sheet called 答卷."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("答卷")
        for number, cells in enumerate((header, *rows)):
            sheet.write_row(number, 0, cells)
    return path


def changed(row: int, column: str, value: str) -> tuple[tuple[str, ...], ...]:
    """The usual rows with one cell changed (`row` from 0)."""
    cells = [list(one) for one in ROWS]
    cells[row][HEADER.index(column)] = value
    return tuple(tuple(one) for one in cells)


def make_map(folder: Path | None = None, **changes: Any) -> ImportMap:
    """The usual map with other top-level keys; None removes a key."""
    data = {key: value for key, value in {**MAP, **changes}.items() if value is not None}
    return parse_map(yaml.safe_dump(data, allow_unicode=True), folder=folder)


def imported(path: Path, map_: ImportMap | None = None) -> Snapshot:
    """The snapshot that a file becomes, beside the file."""
    folder = path.parent / "snapshot"
    import_files([path], map_ or make_map(), folder, replace=True)
    return open_snapshot(folder)


def ballots(snapshot: Snapshot) -> list[dict[str, Any]]:
    """All ballots with the name of their target instead of number and id, in a fixed order."""
    import pyarrow.parquet as pq

    areas = dict(
        zip(*(snapshot.table("areas")[name].to_pylist() for name in ("area_id", "name")), strict=True)
    )
    targets = snapshot.table("targets")
    names = {
        number: areas[area]
        for number, area in zip(targets["target"].to_pylist(), targets["area_id"].to_pylist(), strict=True)
    }
    rows = [
        {**row, "target": names[row["target"]]}
        for part in snapshot.parts
        for row in pq.read_table(part.path, partitioning=None).drop_columns(["ballot_id"]).to_pylist()
    ]
    return sorted(rows, key=lambda row: str(sorted(row.items())))


def answers(snapshot: Snapshot, *items: str) -> list[tuple[Any, ...]]:
    """Target and answers of all ballots."""
    return sorted((row["target"], *(row[f"item_{item}"] for item in items)) for row in ballots(snapshot))


def faults(path: Path, map_: ImportMap | None = None) -> Mapping[str, Any]:
    """Problems of a file by code; the import must be refused and write nothing."""
    folder = path.parent / "refused"
    with pytest.raises(ImportRefusedError) as caught:
        import_files([path], map_ or make_map(), folder)
    assert not folder.exists()
    assert not list(path.parent.glob("*.import-report.xlsx"))
    assert find_faults([path], map_ or make_map()).problems == caught.value.problems
    return {problem.code: problem for problem in reversed(caught.value.problems)}
