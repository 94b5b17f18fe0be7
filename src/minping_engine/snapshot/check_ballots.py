"""Ballot parts against the contract: ids, targets, modes, answer codes and cell levels.

One `BallotChecker` sees all parts of a snapshot, one after the other, so that a ballot id that
stands in two parts is found without holding all ballots.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.errors import Place, Problem
from minping_engine.snapshot.read import PartFile, read_parquet
from minping_engine.snapshot.schema import BY_NAME, CELL, ITEM
from minping_engine.terms import Mode


class BallotChecker:
    """Checks ballot parts against the snapshot's small tables."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self._targets = self._values(tables, "targets", "target")
        self._codes = _pairs(tables.get("item_codes"), ("instrument", "item"), "code")
        self._levels = _pairs(tables.get("cell_variables"), ("variable",), "level")
        self._ids: npt.NDArray[np.int64] = np.zeros(0, np.int64)

    @staticmethod
    def _values(tables: Mapping[str, pa.Table], name: str, column: str) -> set[int] | None:
        table = tables.get(name)
        if table is None or column not in table.column_names:
            return None
        return set(table[column].to_pylist())

    def check(self, part: PartFile) -> list[Problem]:
        """All faults of one part."""
        from minping_engine.snapshot.check import column_faults

        file = f"ballots/instrument={part.instrument}/district={part.district}/part-0.parquet"
        try:
            ballots = read_parquet(part.path)
        except (OSError, pa.ArrowException) as error:
            there = part.path.exists()
            return (
                [Problem("snapshot.file_broken", Place(file=file), {"reason": str(error)})] if there else []
            )
        problems = list(column_faults(BY_NAME["ballots"], ballots, file))
        if any(problem.code in ("snapshot.column_missing", "snapshot.column_type") for problem in problems):
            return problems
        problems += self._id_faults(ballots, file)
        problems += self._target_faults(ballots, file)
        problems += _strange(ballots, "mode", {mode.value for mode in Mode}, "snapshot.unknown_mode", file)
        for name in ballots.column_names:
            problems += self._open_column_faults(ballots, name, part.instrument, file)
        return problems

    def _id_faults(self, ballots: pa.Table, file: str) -> Iterator[Problem]:
        ids = ballots["ballot_id"].drop_null().to_numpy()
        known = np.concatenate([self._ids, ids])
        distinct = np.unique(known)
        if len(distinct) < len(known):
            place = Place(file=file, column="ballot_id")
            yield Problem("snapshot.duplicate_ballot", place, count=len(known) - len(distinct))
        self._ids = distinct

    def _target_faults(self, ballots: pa.Table, file: str) -> Iterator[Problem]:
        if self._targets is not None:
            yield from _strange(ballots, "target", self._targets, "snapshot.unknown_target", file)

    def _open_column_faults(
        self, ballots: pa.Table, name: str, instrument: str, file: str
    ) -> Iterator[Problem]:
        if name.startswith(ITEM):
            allowed = self._codes.get((instrument, name.removeprefix(ITEM)), set())
            yield from _strange(ballots, name, allowed, "snapshot.unknown_code", file)
        elif name.startswith(CELL):
            allowed = self._levels.get((name.removeprefix(CELL),), set())
            yield from _strange(ballots, name, allowed, "snapshot.unknown_level", file)


def _pairs(table: pa.Table | None, keys: tuple[str, ...], value: str) -> dict[tuple[str, ...], set[int]]:
    found: dict[tuple[str, ...], set[int]] = {}
    if table is not None and {*keys, value} <= set(table.column_names):
        for row in table.select([*keys, value]).to_pylist():
            found.setdefault(tuple(row[key] for key in keys), set()).add(row[value])
    return found


def _strange(ballots: pa.Table, name: str, allowed: set[int], code: str, file: str) -> Iterator[Problem]:
    """One problem if a column holds a value that is not allowed."""
    cells = ballots[name]
    strange = sorted(set(pc.unique(cells.drop_null()).to_pylist()) - allowed)
    if strange:
        hits = pc.sum(pc.is_in(cells, value_set=pa.array(strange, cells.type))).as_py()
        params = {"value": strange[0], "variable": name.split("_", 1)[-1], "level": strange[0]}
        yield Problem(code, Place(file=file, column=name), params, count=hits)
