"""Rows of a result and its snapshot by key: one pass over each table, then dictionary look-ups.

In: `Result`, `Snapshot`. Out: `Lookups`, from which cards, workbook and bulletin read. Without
it each of a thousand cards would scan every table. Computes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from minping_engine.assessment import comparable_history
from minping_engine.assessment.result import Result
from minping_engine.reporting.places import Places, read_places
from minping_engine.snapshot import TOTAL, Snapshot

Row = Mapping[str, Any]
OWN = "assessee"
"""Level of an assessee's own rows in the snapshot's history."""


@dataclass(frozen=True)
class Lookups:
    """Rows by key. History holds earlier periods only."""

    scores: tuple[Row, ...]
    places: Places
    indicators: Mapping[str, Mapping[str, Row]]
    modes: Mapping[str, tuple[tuple[int, int], ...]]
    groups: Mapping[tuple[str, str], Row]
    history: Mapping[tuple[str, str, str], tuple[Row, ...]]
    own_areas: Mapping[str, tuple[str, ...]]

    def group(self, area_id: str, variable: str = TOTAL) -> Row | None:
        """The group row of an area."""
        return self.groups.get((area_id, variable))

    def earlier(self, level: str, subject_id: str, variable: str = TOTAL) -> tuple[Row, ...]:
        """Earlier periods of a subject, oldest first."""
        return self.history.get((level, subject_id, variable), ())

    def members(self) -> dict[str, list[Row]]:
        """Scores by the area whose card they are."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.scores:
            found[row["area_id"]].append(row)
        return dict(found)


def look_up(result: Result, snapshot: Snapshot, *, history: bool = True) -> Lookups:
    """Read what cards need; `history` costs a third of it and only pictures of time ask for it."""
    indicators: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in result["indicators"].to_pylist():
        indicators[row["assessee_id"]][row["indicator"]] = row
    modes: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in result["modes"].to_pylist():
        modes[row["assessee_id"]].append((row["mode"], row["n"]))
    groups = {(row["area_id"], row["variable"]): row for row in result["groups"].to_pylist()}
    return Lookups(
        scores=tuple(result["scores"].to_pylist()),
        places=read_places(snapshot),
        indicators=indicators,
        modes={key: tuple(sorted(pairs)) for key, pairs in modes.items()},
        groups=groups,
        history=_history(snapshot, _scheme_key(result)) if history else {},
        own_areas=_own_areas(snapshot),
    )


def _scheme_key(result: Result) -> str:
    scheme = result.head["scheme"]
    return f"{scheme['id']}@{scheme['version']}"


def _history(snapshot: Snapshot, scheme: str) -> dict[tuple[str, str, str], tuple[Row, ...]]:
    """Totals of all earlier periods of the same scheme, and the items of the last one."""
    table = comparable_history(snapshot, scheme)
    if table.num_rows == 0:
        return {}
    last = pc.max(table["period"])
    table = table.filter(pc.or_(pc.equal(table["variable"], TOTAL), pc.equal(table["period"], last)))
    table = table.sort_by([("period", "ascending")])
    found: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in table.to_pylist():
        found[row["level"], row["subject_id"], row["variable"]].append(row)
    return {key: tuple(rows) for key, rows in found.items()}


def _own_areas(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """assessee_id -> areas of the targets that the assessee answers for."""
    targets = snapshot.table("targets")
    areas = dict(zip(targets["target"].to_pylist(), targets["area_id"].to_pylist(), strict=True))
    postings = snapshot.table("postings")
    found: dict[str, dict[str, None]] = defaultdict(dict)
    pairs = zip(postings["assessee_id"].to_pylist(), postings["target"].to_pylist(), strict=True)
    for assessee_id, target in pairs:
        if target in areas:
            found[assessee_id][areas[target]] = None
    return {key: tuple(sorted(names)) for key, names in found.items()}
