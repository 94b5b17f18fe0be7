"""Filling a template in a test: rows by column id, as an official would, from tables of a snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa

from minping_engine.assessment.evidence_book import write_template
from minping_engine.assessment.evidence_book.plan import book_plan
from minping_engine.scheme import LoadedScheme
from minping_engine.terms import year_of

FILLER = "x"
"""Stands for a grade in examples that say nothing of grades."""
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def filled_book(path: Path, loaded: LoadedScheme, rows: Rows, *, shuffle: int | None = None) -> Path:
    """The scheme's template with rows below its headings; `shuffle` is a seed for their order."""
    write_template(loaded, path)
    book = openpyxl.load_workbook(path)
    for sheet in book_plan(loaded).sheets:
        lines = list(rows.get(sheet.key, ()))
        if shuffle is not None:
            lines = [lines[place] for place in np.random.default_rng(shuffle).permutation(len(lines))]
        page = book[sheet.name("zh")]
        places = {cell.value: cell.column for cell in page[2]}
        for number, line in enumerate(lines, start=3):
            for name, value in line.items():
                if name in places and value is not None:
                    page.cell(number, places[name]).value = value
    book.save(path)
    return path


def rows_of_tables(tables: Mapping[str, pa.Table], loaded: LoadedScheme, period: str) -> dict[str, Any]:
    """What an office would write to say the same as tables of a snapshot."""
    plain = {name: table.to_pylist() for name, table in tables.items()}
    who = {row["target"]: row["assessee_id"] for row in plain["postings"]}
    facts: dict[str, dict[str, Any]] = {}
    for row in plain.get("facts", ()):
        value = row["text"] if row["value_milli"] is None else _decimal(row["value_milli"], 1000)
        facts.setdefault(row["assessee_id"], {"assessee_id": row["assessee_id"]})[row["fact"]] = value
    visits: dict[str, dict[str, Any]] = {}
    for row in plain.get("visits", ()):
        name = "period" if row["period"] == period and year_of(period) else "year"
        line = visits.setdefault(who[row["target"]], {"assessee_id": who[row["target"]]})
        line[f"households_{name}"] = row["households"]
    return {
        "areas": plain["areas"],
        "assessees": plain["assessees"],
        "facts": list(facts.values()),
        "visits": list(visits.values()),
        "cases": [{**row, "case_no": f"G{row['case_id']}"} for row in plain.get("cases", ())],
        "earlier": [
            {
                **row,
                "grade": None if row["grade"] == FILLER else row["grade"],
                "score": _decimal(row["score_micro"], 10**6),
            }
            for row in plain.get("earlier_outcomes", ())
        ],
        **_marks(plain.get("appraisals", ()), loaded),
    }


def _decimal(whole: int | None, per: int) -> Any:
    return None if whole is None else Decimal(whole) / per


def _marks(rows: Sequence[Mapping[str, Any]], loaded: LoadedScheme) -> dict[str, list[dict[str, Any]]]:
    """One row per rater and assessee; raters get numbers of this book."""
    kinds = {group.id: {share.kind for share in group.shares} for group in loaded.scheme.raters}
    numbers: dict[tuple[str, int], int] = {}
    lines: dict[tuple[str, int, str], dict[str, Any]] = {}
    for row in rows:
        group, rater, name = row["rater_group"], row["rater"], row["assessee_id"]
        number = numbers.setdefault((group, rater), len(numbers) + 1)
        kind = row["rater_kind"] if row["rater_kind"] in kinds[group] else "其他"
        line = lines.setdefault(
            (group, rater, name), {"rater": number, "assessee_id": name, "rater_kind": kind}
        )
        line[row["item"]] = _decimal(row["marks_milli"], 1000)
    made: dict[str, list[dict[str, Any]]] = {}
    for (group, _, _), line in lines.items():
        made.setdefault(f"marks:{group}", []).append(line)
    return made
