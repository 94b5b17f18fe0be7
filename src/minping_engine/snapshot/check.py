"""Does a snapshot keep its contract? All faults at once, for seals of others and for imports.

In: a snapshot folder, or tables about to be sealed. Out: problems with table, column and an
example. Hashes are compared with `snapshot.json`; then types, empty cells, keys, references
between tables, closed lists of words, ranges, shares and counts. Ballots: `check_ballots.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.errors import MinpingError, Place, Problem
from minping_engine.snapshot.check_ballots import BallotChecker
from minping_engine.snapshot.read import Snapshot, open_snapshot, read_parquet, verify_files
from minping_engine.snapshot.schema import BY_NAME, CELL, TABLES, TOTAL, Column, Table
from minping_engine.terms import AreaLevel, AssesseeKind, Known, Status

WORDS = {
    ("areas", "level"): {word.value for word in AreaLevel},
    ("assessees", "kind"): {word.value for word in AssesseeKind},
    ("targets", "subject"): {word.value for word in AssesseeKind},
    ("cell_variables", "known"): {word.value for word in Known},
    ("cases", "attributed_to"): {"worker", "community", "street", "department"},
    ("earlier_outcomes", "status"): {word.value for word in Status},
}
BESIDE = ("appraisals", "facts", "cases", "earlier_outcomes")
"""Tables beside ballots whose texts are grouped and compared as they stand (ADR 10)."""
Tables = Mapping[str, pa.Table]
INT64 = np.iinfo(np.int64)


def check_snapshot(folder: Path) -> tuple[Problem, ...]:
    """Everything that is wrong with the snapshot in `folder`; empty if nothing is."""
    try:
        snapshot = open_snapshot(folder, verify=False)
    except MinpingError as error:
        return error.problems
    problems = list(_hash_faults(snapshot))
    tables, unreadable = _read_tables(snapshot)
    problems += unreadable
    problems += [
        Problem("snapshot.table_missing", Place(file=f"{table.name}.parquet"), {"table": table.name})
        for table in TABLES
        if table.required and table.name != "ballots" and table.name not in tables
    ]
    problems += check_tables(tables)
    checker = BallotChecker(tables)
    for part in snapshot.parts:
        problems += checker.check(part)
    return tuple(problems)


def _hash_faults(snapshot: Snapshot) -> tuple[Problem, ...]:
    try:
        verify_files(snapshot)
    except MinpingError as error:
        return error.problems
    return ()


def _read_tables(snapshot: Snapshot) -> tuple[dict[str, pa.Table], list[Problem]]:
    tables, problems = {}, []
    for file in snapshot.manifest["files"]:
        name = str(file["path"])
        table = name.removesuffix(".parquet")
        if name.startswith("ballots/"):
            continue
        if table not in BY_NAME:
            problems.append(Problem("snapshot.table_unknown", Place(file=name), {"table": table}))
            continue
        try:
            tables[table] = read_parquet(snapshot.folder / name)
        except (OSError, pa.ArrowException) as error:
            if (snapshot.folder / name).exists():
                problems.append(Problem("snapshot.file_broken", Place(file=name), {"reason": str(error)}))
    return tables, problems


def check_tables(tables: Tables) -> tuple[Problem, ...]:
    """Faults of the tables other than ballots, and of references between them."""
    problems: list[Problem] = []
    sound: dict[str, pa.Table] = {}
    for name, table in tables.items():
        faults = list(column_faults(BY_NAME[name], table, f"{name}.parquet"))
        problems += faults
        if not any(fault.code == "snapshot.column_missing" for fault in faults):
            sound[name] = table
    rules: list[Callable[[], Iterator[Problem]]] = []
    for name, table in sound.items():
        rules.append(partial(_key_faults, BY_NAME[name], table))
        rules.append(partial(_reference_faults, BY_NAME[name], table, sound))
        rules.append(partial(_word_faults, name, table))
    rules += [partial(rule, sound) for rule in _RULES_OF_TABLES]
    return (*problems, *(problem for rule in rules for problem in _guarded(rule)))


def _guarded(rule: Callable[[], Iterator[Problem]]) -> list[Problem]:
    """A rule that needs numbers or texts says nothing of columns whose type is already a fault."""
    try:
        return list(rule())
    except (pa.ArrowException, TypeError):
        return []


def column_faults(contract: Table, table: pa.Table, file: str) -> Iterator[Problem]:
    """Columns missing, unknown, of the wrong type, or empty where they must not be."""
    for column in contract.columns:
        if column.name not in table.column_names and not column.nullable:
            yield Problem("snapshot.column_missing", Place(file=file, column=column.name))
    for name in table.column_names:
        known = contract.column(name)
        if known is None:
            yield Problem("snapshot.column_unknown", Place(file=file, column=name))
        else:
            yield from _cell_faults(known, table.column(name), file)


def _cell_faults(column: Column, cells: pa.ChunkedArray, file: str) -> Iterator[Problem]:
    place = Place(file=file, column=column.name)
    if not _fits(column.type, cells.type):
        params: dict[str, object] = {"found": str(cells.type), "wanted": str(column.type)}
        yield Problem("snapshot.column_type", place, params)
    if cells.null_count and not column.nullable:
        yield Problem("snapshot.empty_cells", place, count=cells.null_count)


def _fits(wanted: pa.DataType, found: pa.DataType) -> bool:
    """Text is text however wide; numbers must be as the contract says."""
    if pa.types.is_string(wanted):
        return bool(pa.types.is_string(found) or pa.types.is_large_string(found))
    if pa.types.is_timestamp(wanted):  # Parquet has no seconds: they come back as thousandths
        return bool(pa.types.is_timestamp(found) and found.tz == wanted.tz)
    return bool(wanted == found)


def _key_faults(contract: Table, table: pa.Table) -> Iterator[Problem]:
    keys = [name for name in table.column_names if (column := contract.column(name)) and column.key]
    counted = table.group_by(keys).aggregate([([], "count_all")])
    again = counted.filter(pc.greater(counted["count_all"], 1))
    if again.num_rows:
        example = ", ".join(str(again[name][0].as_py()) for name in keys)
        place = Place(file=f"{contract.name}.parquet", column=", ".join(keys))
        yield Problem("snapshot.duplicate_key", place, {"value": example}, count=again.num_rows)


def _reference_faults(contract: Table, table: pa.Table, tables: Tables) -> Iterator[Problem]:
    for column in contract.columns:
        if not column.references or column.name not in table.column_names:
            continue
        name, field = column.references.split(".")
        if name in tables:
            place = Place(file=f"{contract.name}.parquet", column=column.name)
            yield from reference_fault(table[column.name], tables[name][field], place, column.references)


def reference_fault(
    cells: pa.ChunkedArray, known: pa.ChunkedArray, place: Place, references: str
) -> Iterator[Problem]:
    """One problem if cells name something that the other table lacks."""
    values = pc.unique(cells.drop_null())
    strange = values.filter(pc.invert(pc.is_in(values.cast(known.type), value_set=pc.unique(known))))
    if len(strange):
        params = {"value": strange[0].as_py(), "references": references}
        yield Problem("snapshot.unknown_reference", place, params, count=len(strange))


def _word_faults(name: str, table: pa.Table) -> Iterator[Problem]:
    for (owner, column), words in WORDS.items():
        if owner == name and column in table.column_names:
            strange = set(pc.unique(table[column]).to_pylist()) - words - {None}
            if strange:
                place = Place(file=f"{name}.parquet", column=column)
                params: dict[str, object] = {
                    "value": min(map(str, strange)),
                    "known": ", ".join(sorted(words)),
                }
                yield Problem("snapshot.unknown_word", place, params, count=len(strange))


def _share_faults(tables: Tables) -> Iterator[Problem]:
    """Shares of one person at one target are parts of the period; days end after they start."""
    if "postings" not in tables:
        return
    shares = tables["postings"]["share"]
    wrong = pc.sum(pc.or_(pc.less(shares, 1), pc.greater(shares, 1000))).as_py()
    if not wrong:
        added = tables["postings"].group_by(["target", "assessee_id"]).aggregate([("share", "sum")])
        wrong = pc.sum(pc.greater(added["share_sum"], 1000)).as_py()
    if wrong:
        yield Problem("snapshot.bad_share", Place(file="postings.parquet", column="share"), count=wrong)
    if "to_day" in tables["postings"].column_names:
        backwards = pc.sum(pc.less(tables["postings"]["to_day"], tables["postings"]["from_day"])).as_py()
        if backwards:
            place = Place(file="postings.parquet", column="to_day")
            yield Problem("snapshot.ends_before_start", place, count=backwards)


def _drawn_faults(tables: Tables) -> Iterator[Problem]:
    if "sample" not in tables:
        return
    sample = tables["sample"]
    wrong = sample.filter(pc.greater(sample["drawn"], sample["eligible"]))
    if wrong.num_rows:
        params = {"target": wrong["target"][0].as_py()}
        place = Place(file="sample.parquet", column="drawn")
        yield Problem("snapshot.drawn_exceeds", place, params, count=wrong.num_rows)


def _margin_faults(tables: Tables) -> Iterator[Problem]:
    """A margin's level is one of its variable's levels."""
    if "margins" not in tables:
        return
    margins = tables["margins"]
    rows = margins.group_by(["variable", "level"]).aggregate([]).to_pylist()
    used = {(row["variable"], row["level"]) for row in rows if row["variable"] != TOTAL}
    known = tables.get("cell_variables")
    rows = known.select(["variable", "level"]).to_pylist() if known is not None else []
    strange = sorted(used - {(row["variable"], row["level"]) for row in rows})
    if strange:
        params = {"variable": strange[0][0], "level": strange[0][1]}
        yield Problem("snapshot.unknown_level", Place(file="margins.parquet", column="level"), params)


def _sample_level_faults(tables: Tables) -> Iterator[Problem]:
    """A frame cell of the sample table is one of its variable's levels."""
    if "sample" not in tables or "cell_variables" not in tables:
        return
    known = tables["cell_variables"]
    for name in tables["sample"].column_names:
        if name.startswith(CELL):
            variable = name.removeprefix(CELL)
            levels = known.filter(pc.equal(known["variable"], variable))["level"]
            strange = pc.unique(tables["sample"][name]).filter(
                pc.invert(pc.is_in(pc.unique(tables["sample"][name]), value_set=levels.combine_chunks()))
            )
            if len(strange):
                params = {"variable": variable, "level": strange[0].as_py()}
                yield Problem("snapshot.unknown_level", Place(file="sample.parquet", column=name), params)


def _parent_faults(tables: Tables) -> Iterator[Problem]:
    """Going up from any area must come to an end."""
    if "areas" not in tables:
        return
    areas = tables["areas"]
    parent = dict(zip(areas["area_id"].to_pylist(), areas["parent_id"].to_pylist(), strict=True))
    ends: set[str | None] = {None}
    for start in parent:
        path: dict[str, None] = {}
        area: str | None = start
        while area is not None and area not in ends and area not in path:
            path[area] = None
            area = parent.get(area)
        if area is not None and area in path:
            place = Place(file="areas.parquet", column="parent_id")
            yield Problem("snapshot.area_circle", place, {"value": area})
        ends.update(path)


def _range_faults(tables: Tables) -> Iterator[Problem]:
    """Numbers lie between the ends that their columns name."""
    for name, table in tables.items():
        for column in BY_NAME[name].columns:
            bounded = column.low is not None or column.high is not None
            if bounded and column.name in table.column_names and _fits(column.type, table[column.name].type):
                yield from _out_of_range(name, column, table[column.name])


def _out_of_range(table: str, column: Column, cells: pa.ChunkedArray) -> Iterator[Problem]:
    low = INT64.min if column.low is None else column.low
    high = INT64.max if column.high is None else column.high
    wrong = cells.filter(pc.or_(pc.less(cells, low), pc.greater(cells, high)))
    if len(wrong):
        ends = [f"≥ {low}"] * (column.low is not None) + [f"≤ {high}"] * (column.high is not None)
        params: dict[str, object] = {"value": wrong[0].as_py(), "allowed": ", ".join(ends)}
        place = Place(file=f"{table}.parquet", column=column.name)
        yield Problem("snapshot.out_of_range", place, params, count=len(wrong))


def _loose_text_faults(tables: Tables) -> Iterator[Problem]:
    """Blanks at an end would part a group in two, and a text of blanks would count as an answer."""
    for name in BESIDE:
        table = tables.get(name)
        for column in BY_NAME[name].columns if table is not None else ():
            if table is None or column.name not in table.column_names or not pa.types.is_string(column.type):
                continue
            count = _loose_texts(table[column.name])
            if count:
                place = Place(file=f"{name}.parquet", column=column.name)
                yield Problem("snapshot.loose_text", place, count=count)


def _loose_texts(cells: pa.ChunkedArray) -> int:
    if not _fits(pa.string(), cells.type):
        return 0
    trimmed = pc.utf8_trim_whitespace(cells)
    return pc.sum(pc.or_(pc.not_equal(cells, trimmed), pc.equal(trimmed, ""))).as_py() or 0


def _rater_faults(tables: Tables) -> Iterator[Problem]:
    """One rater is of one kind, whoever is marked; kinds are counted once per rater."""
    appraisals = tables.get("appraisals")
    if appraisals is None or "rater_kind" not in appraisals.column_names:
        return
    every = pc.CountOptions(mode="all")
    kinds = appraisals.group_by(["rater_group", "rater"]).aggregate([("rater_kind", "count_distinct", every)])
    mixed = kinds.filter(pc.greater(kinds["rater_kind_count_distinct"], 1))
    if mixed.num_rows:
        params = {"group": pc.min(mixed["rater_group"]).as_py()}
        place = Place(file="appraisals.parquet", column="rater_kind")
        yield Problem("snapshot.rater_of_two_kinds", place, params, count=mixed.num_rows)


def _cells(table: pa.Table, name: str) -> pa.ChunkedArray | pa.Array:
    """A column, empty where the table leaves it out."""
    return table[name] if name in table.column_names else pa.nulls(table.num_rows)


def _fact_faults(tables: Tables) -> Iterator[Problem]:
    """A fact is a number or a text, never both and never neither."""
    facts = tables.get("facts")
    if facts is None:
        return
    number, text = (pc.is_valid(_cells(facts, name)) for name in ("value_milli", "text"))
    wrong = facts.filter(pc.invert(pc.xor(number, text)))
    if wrong.num_rows:
        params = {"fact": pc.min(wrong["fact"]).as_py()}
        yield Problem("snapshot.fact_not_one", Place(file="facts.parquet"), params, count=wrong.num_rows)


def _case_time_faults(tables: Tables) -> Iterator[Problem]:
    """Nothing is closed or asked about before it was taken in."""
    cases = tables.get("cases")
    for name in ("closed_at", "called_back_at") if cases is not None else ():
        if cases is not None and {name, "created_at"} <= set(cases.column_names):
            backwards = pc.sum(pc.less(cases[name], cases["created_at"])).as_py()
            if backwards:
                place = Place(file="cases.parquet", column=name)
                yield Problem("snapshot.case_before_intake", place, count=backwards)


def _earlier_scheme_faults(tables: Tables) -> Iterator[Problem]:
    """Earlier outcomes name the version that made them."""
    if "earlier_outcomes" not in tables:
        return
    schemes = pc.unique(tables["earlier_outcomes"]["scheme"].drop_null())
    strange = schemes.filter(pc.invert(pc.match_substring_regex(schemes, r"^[^@\s]+@[^@\s]+$")))
    if len(strange):
        params = {"value": pc.min(strange).as_py()}
        place = Place(file="earlier_outcomes.parquet", column="scheme")
        yield Problem("snapshot.no_scheme_version", place, params, count=len(strange))


_RULES_OF_TABLES: tuple[Callable[[Tables], Iterator[Problem]], ...] = (
    _share_faults,
    _drawn_faults,
    _parent_faults,
    _margin_faults,
    _sample_level_faults,
    _range_faults,
    _loose_text_faults,
    _rater_faults,
    _fact_faults,
    _case_time_faults,
    _earlier_scheme_faults,
)
