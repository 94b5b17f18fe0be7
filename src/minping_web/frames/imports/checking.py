"""A file of units -> columns of clean values and everything that is wrong, column by column (no row loop).

Nothing is written here. Personal values never enter a problem: faults of phones and addresses name the
place only. Identity numbers are looked for in every cell of every column, known or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.errors import Place, Problem, Severity
from minping_engine.snapshot import RawTable, read_raw
from minping_web.common.tabular.columns import fold
from minping_web.frames.imports.cells import (
    Cells,
    Column,
    as_mask,
    chosen,
    harmless,
    holds_id_number,
    normal_phones,
    repeated_first,
    trimmed,
)
from minping_web.frames.imports.columns import CHOICES, FORBIDDEN_HEADING, LONGEST, SHOWN, UNIT_TABLE
from minping_web.frames.imports.findings import Findings, problem_as_json
from minping_web.frames.rules import MOST_HOUSEHOLDS_PER_PHONE, ORGANISATION_RATERS
from minping_web.frames.services.loading import NewUnit

PHONES = ("phone", "second_phone")
DEFAULTS = {
    "household": ("young_and_middle_aged", "owner"),
    "member": ("young_and_middle_aged", "party_member"),
    "organisation": ("organisation", "resident_organisation"),
}


@dataclass(frozen=True)
class CheckContext:
    """What the file is held against: areas of the scope, codes known at all, phones of staff."""

    areas: frozenset[str]
    known: frozenset[str]
    staff_phones: frozenset[str] = frozenset()


@dataclass
class Checked:
    """Clean columns by key (empty when the file is refused before its cells) and the findings."""

    findings: Findings
    cells: Cells = field(default_factory=dict)
    rows: int = 0

    def report(self) -> dict[str, Any]:
        """What the page of the import shows, as JSON."""
        found = self.findings
        kinds = pc.value_counts(self.cells["kind"]).to_pylist() if "kind" in self.cells else []
        return {
            "rows": self.rows,
            "refused": found.refused,
            "kinds": {entry["values"]: entry["counts"] for entry in kinds},
            "areas": pc.count_distinct(self.cells["area"]).as_py() if "area" in self.cells else 0,
            "with_contact": int(self._reached().sum()) if self.cells else 0,
            "codes": {code: [count, code in found.errors] for code, count in found.counts.most_common()},
            "problems": [problem_as_json(problem) for problem in found.first()],
        }

    def _reached(self) -> Any:
        some = np.zeros(self.rows, dtype=bool)
        for key in (*PHONES, "address"):
            some |= as_mask(pc.not_equal(self.cells[key], ""))
        return some


def check_file(path: Path, context: CheckContext, *, name: str) -> Checked:
    """Read and check; `name` is what the file is called in problems."""
    raw = max(read_raw(path), key=lambda table: len(_matched(table)))
    findings = Findings(name, raw.sheet, np.zeros(0, dtype=np.int64))
    for problem in raw.problems:
        findings.add(_renamed(problem, name))
    matched = _matched(raw)
    _check_headings(raw, matched, findings)
    if findings.refused or not raw.names:
        return Checked(findings)
    cells, rows = _cells_of(raw, matched)
    findings.rows = rows
    checked = Checked(findings, cells, len(rows))
    headings = {key: heading for heading, key in matched.items()}
    _check_id_numbers(raw, findings)
    _check_places(checked, context, headings)
    _check_words(checked, headings)
    _check_phones(checked, context, headings)
    return checked


def rows_of(checked: Checked) -> Iterator[NewUnit]:
    """The units of a file without errors."""
    keys = ("area", "house_code", "building", "kind", "instrument", "rater", "special", *PHONES, "address")
    for start in range(0, checked.rows, 20_000):
        parts = [checked.cells[key].slice(start, 20_000).to_pylist() for key in keys]
        yield from map(NewUnit._make, zip(*parts, strict=True))


def _matched(raw: RawTable) -> dict[str, str]:
    keys = {heading: column.key for column in UNIT_TABLE.columns for heading in column.headings}
    return {heading: keys[fold(heading)] for heading in raw.names if fold(heading) in keys}


def _renamed(problem: Problem, name: str) -> Problem:
    place = problem.place
    return Problem(
        problem.code, Place(name, place.sheet, place.row, place.column), problem.params, problem.severity
    )


def _check_headings(raw: RawTable, matched: Mapping[str, str], findings: Findings) -> None:
    place = Place(findings.file, raw.sheet, max(raw.first_row - 1, 1))
    if not raw.names and not findings.refused:
        findings.add(Problem("frame.file_empty", place))
    for column in UNIT_TABLE.columns if raw.names else ():
        fitting = [heading for heading, key in matched.items() if key == column.key]
        if column.required and not fitting:
            findings.add(
                Problem("table.column_missing", place, {"column": column.zh, "column_en": column.en})
            )
        if len(fitting) > 1:
            findings.add(Problem("table.column_twice", place, {"column": column.zh}))
    unknown = [heading for heading in raw.names if heading not in matched]
    for heading in unknown:
        if FORBIDDEN_HEADING.search(heading):
            findings.add(Problem("frame.column_forbidden", place, {"column": heading[:40]}))
    if unknown:
        listed = "、".join(heading[:40] for heading in unknown[:10])
        findings.add(Problem("table.column_unknown", place, {"columns": listed}, Severity.WARNING))


def _cells_of(raw: RawTable, matched: Mapping[str, str]) -> tuple[Cells, Any]:
    """Trimmed columns without rows that are empty throughout, and the spreadsheet rows they came from."""
    cells = {key: trimmed(raw.cells[heading]) for heading, key in matched.items()}
    some = np.zeros(raw.cells.num_rows, dtype=bool)
    for column in cells.values():
        some |= as_mask(pc.not_equal(column, ""))
    kept = pa.array(np.flatnonzero(some))
    cells = {key: column.take(kept) for key, column in cells.items()}
    empty = pa.array([""] * len(kept), pa.large_string())
    for column in UNIT_TABLE.columns:
        cells.setdefault(column.key, empty)
    return cells, np.flatnonzero(some) + raw.first_row


def _check_id_numbers(raw: RawTable, findings: Findings) -> None:
    rows = findings.rows
    findings.rows = np.arange(raw.cells.num_rows) + raw.first_row
    for heading in raw.names:
        findings.rows_where("frame.id_number", holds_id_number(raw.cells[heading]), heading[:40])
    findings.rows = rows


def _check_places(checked: Checked, context: CheckContext, headings: Mapping[str, str]) -> None:
    cells, findings = checked.cells, checked.findings
    area = cells["area"] = pc.utf8_normalize(cells["area"], "NFKC")
    ours = as_mask(pc.is_in(area, pa.array(sorted(context.areas), pa.large_string())))
    known = as_mask(pc.is_in(area, pa.array(sorted(context.known), pa.large_string())))
    empty = as_mask(pc.equal(area, ""))
    findings.rows_where("table.cell_empty", empty, headings["area"])
    findings.rows_where(
        "frame.area_unknown", ~known & ~empty, headings["area"],
        params=lambda index: {"found": area[index].as_py()[:40]},
    )  # fmt: skip
    findings.rows_where(
        "frame.area_not_open", known & ~ours, headings["area"],
        params=lambda index: {"found": area[index].as_py()[:40]},
    )  # fmt: skip
    house = cells["house_code"]
    findings.rows_where("table.cell_empty", as_mask(pc.equal(house, "")), headings["house_code"])
    again, first = repeated_first(house)
    findings.rows_where(
        "frame.house_twice", again, headings["house_code"],
        params=lambda index: {"first": int(findings.rows[first[index]])},
    )  # fmt: skip
    for key, longest in LONGEST.items():
        if key in headings:
            _check_text(checked, key, longest, headings[key])


def _check_text(checked: Checked, key: str, longest: int, heading: str) -> None:
    column: Column = checked.cells[key]
    lengths = pc.utf8_length(column)
    checked.findings.rows_where(
        "table.too_long", as_mask(pc.greater(lengths, longest)), heading,
        params=lambda index: {"longest": longest, "found": lengths[index].as_py()},
    )  # fmt: skip
    control = pc.match_substring_regex(column, r"[\x00-\x1f\x7f]")
    checked.findings.rows_where("frame.control_character", as_mask(control), heading)


def _check_words(checked: Checked, headings: Mapping[str, str]) -> None:
    cells, findings = checked.cells, checked.findings
    for key, known in CHOICES.items():
        written = cells[key]
        cells[key], wrong = chosen(written, known)
        if key in headings:
            findings.rows_where(
                "table.not_in_list", wrong, headings[key],
                params=_word_params(written, key),
            )  # fmt: skip
    kind = cells["kind"] = pc.if_else(pc.equal(cells["kind"], ""), "household", cells["kind"])
    for place, key in enumerate(("instrument", "rater")):
        usual = chosen(kind, {name: both[place] for name, both in DEFAULTS.items()})[0]
        cells[key] = pc.if_else(pc.equal(cells[key], ""), usual, cells[key])
    unit = as_mask(pc.equal(kind, "organisation"))
    asked = as_mask(pc.equal(cells["instrument"], "organisation"))
    rates = as_mask(pc.is_in(cells["rater"], pa.array(sorted(ORGANISATION_RATERS), pa.large_string())))
    findings.rows_where("frame.kind_mismatch", (unit != asked) | (unit != rates), headings.get("kind", ""))


def _word_params(written: Column, key: str) -> Callable[[int], dict[str, object]]:
    known = " · ".join(SHOWN[key])
    return lambda index: {"found": harmless(written[index].as_py()), "known": known}


def _check_phones(checked: Checked, context: CheckContext, headings: Mapping[str, str]) -> None:
    cells, findings = checked.cells, checked.findings
    for key in PHONES:
        cells[key], wrong = normal_phones(cells[key])
        findings.rows_where("frame.phone_invalid", wrong, headings.get(key, ""))
    same = pc.and_(pc.equal(*(cells[key] for key in PHONES)), pc.not_equal(cells["phone"], ""))
    cells["second_phone"] = pc.if_else(same, "", cells["second_phone"])
    both = pa.concat_arrays([cells[key] for key in PHONES])
    counted = pc.value_counts(both.filter(pc.not_equal(both, "")))
    often = counted.field("values").filter(pc.greater(counted.field("counts"), MOST_HOUSEHOLDS_PER_PHONE))
    staff = pa.array(sorted(context.staff_phones), pa.large_string())
    for code, numbers in (("frame.phone_shared", often), ("frame.phone_of_staff", staff)):
        for key in PHONES:
            hit = as_mask(pc.is_in(cells[key], numbers))
            findings.rows_where(code, hit, headings.get(key, ""), severity=Severity.WARNING)
