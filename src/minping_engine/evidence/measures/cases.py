"""Service cases counted by what is asked of them: the ground of rates such as resolved or on time.

In: the snapshot's `cases`, names of columns, a window of time. Out: groups of equal cases with
their number. Rates are made from groups by the scheme's conditions; cases on the exclusion list
stay groups of their own, so that they count in no rate and are published all the same (D8).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.errors import InputError, Problem
from minping_engine.evidence.measures.grouping import CONTRACT, contract_table, count_rows
from minping_engine.evidence.measures.windows import Window
from minping_engine.snapshot import Snapshot

_KINDS = {pa.int8(): "truth", pa.int16(): "count", pa.string(): "text"}
EXCLUDED = "excluded"

CASE_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        field.name: _KINDS[field.type]
        for field in CONTRACT["cases"]
        if field.type in _KINDS and field.name != "assessee_id"
    }
)
"""Names that conditions over cases may use -> truth, count or text; meanings stand in the contract."""


@dataclass(frozen=True)
class CaseGroup:
    """Cases that are alike in the columns asked for; None where a cell is empty."""

    values: Mapping[str, Fraction | bool | str | None]
    n: int


def case_groups(
    snapshot: Snapshot, columns: Sequence[str], window: Window | None
) -> dict[str, list[CaseGroup]]:
    """Assessee -> groups by `columns` and `excluded`, sorted; without a window all cases count.

    A case without the window's time lies outside it. Who has no case inside is not there.
    Raises `InputError` naming every column that is not in `CASE_COLUMNS`.
    """
    names = _asked(columns)
    cases = _inside(contract_table(snapshot, "cases"), window)
    made: dict[str, list[CaseGroup]] = {}
    for assessee, *cells, n in count_rows(cases, ["assessee_id", *names]):
        values = {name: _value(name, cell) for name, cell in zip(names, cells, strict=True)}
        made.setdefault(assessee, []).append(CaseGroup(values, n))
    return made


def _asked(columns: Sequence[str]) -> list[str]:
    """The columns once each, and `excluded`."""
    names = list(dict.fromkeys([*columns, EXCLUDED]))
    known = ", ".join(CASE_COLUMNS)
    problems = [
        Problem("snapshot.unknown_case_column", params={"name": name, "known": known})
        for name in names
        if name not in CASE_COLUMNS
    ]
    if problems:
        raise InputError(problems)
    return names


def _inside(cases: pa.Table, window: Window | None) -> pa.Table:
    if window is None:
        return cases
    # In millionths, as Python's times are: a finer end of a window must not be cut to whole seconds.
    kind = pa.timestamp("us")
    times = cases[f"{window.basis}_at"].cast(kind)
    start, end = pa.scalar(window.start, kind), pa.scalar(window.end, kind)
    return cases.filter(pc.and_(pc.greater_equal(times, start), pc.less(times, end)))


def _value(name: str, cell: int | str | None) -> Fraction | bool | str | None:
    if cell is None or isinstance(cell, str):
        return cell
    return bool(cell) if CASE_COLUMNS[name] == "truth" else Fraction(cell)
