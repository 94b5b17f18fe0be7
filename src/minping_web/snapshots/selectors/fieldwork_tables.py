"""Sources of the tables about fieldwork: who could be asked, who was, what became of it (snapshot contract).

Cells follow the merges of closing, so that nothing here tells apart what ballots do not; nothing here names a
household.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from minping_engine.snapshot import CELL, TOTAL
from minping_engine.terms import Disposition, Mode
from minping_web.rounds.models import Invitation, RoundStratum
from minping_web.rounds.rules.words import Found
from minping_web.snapshots.rules.cells import levels_of
from minping_web.snapshots.rules.collection import pool
from minping_web.snapshots.selectors.facts import RoundFacts
from minping_web.snapshots.selectors.spread import STRATUM, Spread


def sample(facts: RoundFacts, spread: Spread) -> pa.Table:
    """Eligible and asked units by target, stratum and frame cell."""
    counted: Counter[tuple[tuple[int, ...], str]] = Counter()
    for row in RoundStratum.objects.filter(round=facts.round):
        key = _cell_key(facts, spread, row.area_id, row.stratum, row.frame_cell)
        counted[key, "eligible"] += row.eligible
        counted[key, "drawn"] += row.drawn
    keys = sorted({key for key, _what in counted})
    return _counts(
        facts, keys, {name: [counted[key, name] for key in keys] for name in ("eligible", "drawn")}
    )


def dispositions(facts: RoundFacts, spread: Spread) -> pa.Table:
    """What became of invited units, by the mode that they answered in, else the one they were meant for.

    Of what was neither answered nor otherwise found out, nothing is known (AAPOR: unknown eligibility). A
    mode that ballots of a cell do not show apart is not shown apart here, nor one in which few answered.
    """
    rows = (
        Invitation.objects.filter(round=facts.round)
        .annotate(mode=Coalesce("spent_mode", "mode_assigned"), voted=Q(spent_token__isnull=False))
        .values_list("area_id", "stratum", "frame_cell", "mode", "voted", "found")
        .annotate(n=Count("pk"))
        .order_by()
    )
    found_of: dict[tuple[int, ...], Counter[tuple[int, int]]] = defaultdict(Counter)
    for area, stratum, cell, mode, voted, found, n in rows:
        key = _cell_key(facts, spread, area, stratum, cell)
        found_of[key][mode, _disposition(voted=bool(voted), found=found)] += n
    counted = Counter[tuple[int, ...]]()
    for key, found_in in found_of.items():
        pooled = _pooled_modes(facts, spread, key, found_in)
        for (mode, disposition), n in found_in.items():
            counted[*key, Mode.UNKNOWN.value if mode in pooled else mode, disposition] += n
    keys = sorted(counted)
    more = {
        "mode": pa.array([key[-2] for key in keys], pa.int8()),
        "disposition": pa.array([key[-1] for key in keys], pa.int8()),
        "n": [counted[key] for key in keys],
    }
    return _counts(facts, [key[:-2] for key in keys], more)


def _pooled_modes(
    facts: RoundFacts, spread: Spread, key: tuple[int, ...], found: Counter[tuple[int, int]]
) -> frozenset[int]:
    """Modes of a cell that are not shown apart: where ballots do not, and where few answered that way."""
    names = (STRATUM, *(one.name for one in facts.frame_variables))
    voted = {mode: n for (mode, disposition), n in found.items() if disposition == Disposition.COMPLETE}
    already = spread.pooled_modes(key[0], zip(names, key[1:], strict=True))
    return pool(voted, facts.least, Mode.UNKNOWN.value, already)


def _disposition(*, voted: bool, found: int) -> int:
    if voted:
        return Disposition.COMPLETE.value
    return found if found != Found.NOTHING else Disposition.UNKNOWN_ELIGIBILITY.value


def margins(facts: RoundFacts, spread: Spread) -> pa.Table:
    """Eligible units of each target; what the frame knows beyond that stands in `sample`."""
    counted: Counter[int] = Counter()
    for row in RoundStratum.objects.filter(round=facts.round):
        counted[facts.target_of[row.area_id]] += row.eligible
    return pa.table(
        {
            "target": pa.array(sorted(counted), pa.int32()),
            "variable": pa.array([TOTAL] * len(counted), pa.string()),
            "level": pa.array([0] * len(counted), pa.int16()),
            "eligible": pa.array([counted[target] for target in sorted(counted)], pa.int64()),
        }
    )


def _cell_key(facts: RoundFacts, spread: Spread, area: int, stratum: int, cell: str) -> tuple[int, ...]:
    """(target, stratum, levels of the frame variables) as released."""
    target = facts.target_of[area]
    names = [one.name for one in facts.frame_variables]
    levels = spread.levels(target, names, levels_of(cell, facts.frame_variables))
    return (target, spread.level(target, STRATUM, stratum), *levels)


def _counts(facts: RoundFacts, keys: Sequence[tuple[int, ...]], more: dict[str, Any]) -> pa.Table:
    columns: dict[str, Any] = {
        "target": pa.array([key[0] for key in keys], pa.int32()),
        "stratum": pa.array([key[1] for key in keys], pa.int16()),
    }
    for at, variable in enumerate(facts.frame_variables):
        columns[CELL + variable.name] = pa.array([key[2 + at] for key in keys], pa.int16())
    columns |= {name: v if isinstance(v, pa.Array) else pa.array(v, pa.int64()) for name, v in more.items()}
    return pa.table(columns)
