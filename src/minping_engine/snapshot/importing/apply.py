"""The import: files and map -> sealed snapshot, or every fault at once and nothing written.

Read -> rows -> answers, target, household, time, cells -> one vote per household and target ->
registers -> tables -> check against the contract -> seal (`apply_seal.py`). Household and time
are used here and dropped here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from minping_engine.errors import ImportRefusedError, Place
from minping_engine.snapshot.check import check_tables
from minping_engine.snapshot.fingerprint import file_sha256
from minping_engine.snapshot.importing.apply_answers import Answers, long_answers, wide_answers
from minping_engine.snapshot.importing.apply_cells import coded_columns
from minping_engine.snapshot.importing.apply_items import (
    ItemRule,
    instrument_key,
    item_codes_table,
    item_rules,
)
from minping_engine.snapshot.importing.apply_seal import write_import
from minping_engine.snapshot.importing.apply_times import UNKNOWN, times_from_texts
from minping_engine.snapshot.importing.apply_votes import choose_votes
from minping_engine.snapshot.importing.faults import Faults, shown
from minping_engine.snapshot.importing.mapping import FOLDER_NAME, ImportMap, RegisterMap
from minping_engine.snapshot.importing.prepared import Prepared
from minping_engine.snapshot.importing.questionnaire import Questionnaire
from minping_engine.snapshot.importing.raw import RawTable, read_raw
from minping_engine.snapshot.importing.registers import Registers
from minping_engine.snapshot.importing.registers_files import read_registers
from minping_engine.snapshot.importing.registers_made import make_registers
from minping_engine.snapshot.importing.report import ImportReport
from minping_engine.snapshot.importing.rows import Rows, gather_rows, used_columns
from minping_engine.snapshot.importing.texts import Codes, Distinct, combined
from minping_engine.terms import NAMED_LIKE, AssesseeKind, days_of, period_kind


def import_files(
    files: Sequence[Path],
    map_: ImportMap,
    folder: Path,
    *,
    scheme: Questionnaire | None = None,
    replace: bool = False,
) -> ImportReport:
    """Import `files` into the snapshot `folder`.

    Raises `ImportRefusedError` with all faults, having written nothing; `FileExistsError` if
    the folder holds something and `replace` is not set.
    """
    if folder.exists() and any(folder.iterdir()) and not replace:
        raise FileExistsError(folder)
    prepared = prepare_import(files, map_, scheme)
    named = scheme.period_kind if scheme else period_kind(prepared.period)
    return write_import(prepared, map_, folder, map_.period_kind or named, replace=replace)


def find_faults(files: Sequence[Path], map_: ImportMap, scheme: Questionnaire | None = None) -> Faults:
    """Everything that an import of these files would complain of."""
    try:
        return _prepare(files, map_, scheme).faults
    except ImportRefusedError as error:
        faults = Faults()
        faults.take_all(error.problems)
        return faults


def prepare_import(files: Sequence[Path], map_: ImportMap, scheme: Questionnaire | None) -> Prepared:
    """Work the import out; raises `ImportRefusedError` with all faults."""
    prepared = _prepare(files, map_, scheme)
    prepared.faults.refuse_if_any()
    return prepared


def _prepare(files: Sequence[Path], map_: ImportMap, scheme: Questionnaire | None) -> Prepared:
    faults = Faults()
    _check_period(map_, scheme, faults)
    raws, hashes = _read(files, map_, faults)
    instrument = instrument_key(map_, scheme, faults)
    rules = item_rules(map_, scheme, faults)
    rows = gather_rows(raws, map_, used_columns(map_, [rule.column for rule in rules]), faults)
    if rows.read == 0:
        faults.refuse_if_any()
    salt = hashlib.sha256("".join(digest for _, digest in hashes).encode()).digest()
    target, column = _targets(rows, map_, faults)
    answers = _answers(rows, rules, map_, target, faults)
    coded = coded_columns(rows, map_, salt, faults)
    household, time = _households(rows, map_, faults), _times(rows, map_, faults)
    first = answers.first_row
    votes = choose_votes(household[first], target.codes[first], time[first], map_.rule)
    registers = _registers(rows, target, map_, scheme, column, faults)
    for district in sorted(set(registers.districts)):
        if not re.match(FOLDER_NAME, district):
            faults.add("importing.bad_district", Place(key="register.district"), value=shown(district))
    tables = {**registers.tables, "item_codes": item_codes_table(instrument, rules)}
    if coded.variables.num_rows:
        tables["cell_variables"] = coded.variables
    faults.take_all(check_tables(tables))
    numbers = np.append(registers.number, -1)[target.codes]
    return Prepared(
        instrument=instrument,
        period=map_.period or "",
        rows=rows,
        answers=answers,
        votes=votes,
        coded=coded,
        target=numbers,
        registers=registers,
        tables=tables,
        hashes=hashes,
        salt=salt,
        faults=faults,
    )


def _check_period(map_: ImportMap, scheme: Questionnaire | None, faults: Faults) -> None:
    """A period must be there, and be named as the scheme counts; `period_kind` in the map says otherwise."""
    if not map_.period:
        faults.add("importing.no_period", Place(key="period"))
        return
    like = NAMED_LIKE.get(scheme.period_kind) if scheme and not map_.period_kind else None
    if scheme and like and period_kind(map_.period) is not scheme.period_kind:
        faults.add("importing.period_name", Place(key="period"), value=shown(map_.period), like=like)


def _read(
    files: Sequence[Path], map_: ImportMap, faults: Faults
) -> tuple[list[RawTable], tuple[tuple[str, str], ...]]:
    tables, hashes = [], []
    for path in files:
        if not path.is_file():
            faults.add("importing.no_file", Place(file=path.name))
            continue
        found = read_raw(path, map_.reading.options())
        tables += [table for table in found if table.cells.num_columns]
        for table in found:
            if not table.cells.num_columns:
                faults.take_all(table.problems)
        hashes.append((path.name, file_sha256(path)))
    return tables, tuple(hashes)


def _targets(rows: Rows, map_: ImportMap, faults: Faults) -> tuple[Distinct, str]:
    """Target texts, and the column's name for messages. A ballot without a target is a fault."""
    names = map_.columns.target
    if not names:
        return Distinct(np.zeros(len(rows), np.int64), (map_.constants.target or "",)), ""
    if set(names) & rows.absent:
        return Distinct(np.full(len(rows), -1, np.int64), ()), names[0]
    found = combined([rows.distinct(name) for name in names])
    empty = np.flatnonzero(found.codes < 0)
    if len(empty):
        faults.add("importing.target_missing", rows.place(int(empty[0]), names[0]), count=len(empty))
    return found, " / ".join(names)


def _answers(
    rows: Rows, rules: Sequence[ItemRule], map_: ImportMap, target: Distinct, faults: Faults
) -> Answers:
    if map_.layout == "long":
        return long_answers(rows, rules, map_.columns, target, faults)
    return wide_answers(rows, rules, faults)


def _households(rows: Rows, map_: ImportMap, faults: Faults) -> Codes:
    """Household of each row as a number; without a household column nobody has one."""
    names = map_.columns.household
    if not names:
        faults.warn("importing.no_household_column", Place(key="columns.household"))
        return np.full(len(rows), -1, np.int64)
    if set(names) & rows.absent:
        return np.full(len(rows), -1, np.int64)
    found = combined([rows.distinct(name) for name in names])
    empty = np.flatnonzero(found.codes < 0)
    if len(empty):
        faults.add("importing.household_missing", rows.place(int(empty[0]), names[0]), count=len(empty))
    return found.codes


def _times(rows: Rows, map_: ImportMap, faults: Faults) -> Codes:
    name = map_.columns.answered_at
    if name is None or name in rows.absent:
        return np.full(len(rows), UNKNOWN, np.int64)
    found = rows.distinct(name)
    times, bad = times_from_texts(found)
    counts, first = found.counts(), found.first_rows()
    for number in bad.tolist():
        place = rows.place(int(first[number]), name)
        faults.add("importing.bad_date", place, count=int(counts[number]), value=shown(found.texts[number]))
    _note_other_days(times, rows, map_, faults)
    return times


def _note_other_days(times: Codes, rows: Rows, map_: ImportMap, faults: Faults) -> None:
    """Fieldwork may end after its period; two periods in one file must not pass unseen."""
    days = days_of(map_.period or "")
    name = map_.columns.answered_at
    if days is None or name is None:
        return
    start, end = (np.datetime64(day, "ms").astype(np.int64) for day in days)
    outside = np.flatnonzero((times != UNKNOWN) & ((times < start) | (times >= end)))
    if len(outside):
        place = rows.place(int(outside[0]), name)
        faults.warn("importing.other_days", place, count=len(outside), period=map_.period)


def _registers(
    rows: Rows,
    target: Distinct,
    map_: ImportMap,
    scheme: Questionnaire | None,
    column: str,
    faults: Faults,
) -> Registers:
    kind = scheme.assessee_kind if scheme else AssesseeKind.COMMUNITY_WORKER
    if map_.registers:
        return read_registers(rows, target, map_, kind, column, faults)
    register = map_.register_ or RegisterMap(assessee_kind=kind)
    if scheme and register.assessee_kind is not kind:
        place = Place(key="register.assessee_kind")
        faults.add("importing.other_kind", place, found=register.assessee_kind.value, wanted=kind.value)
    return make_registers(rows, target, register, map_.period or "", column, faults)
