"""Sources of the tables about fieldwork: who could be asked, who was, what became of it (snapshot contract).

Cells follow the merges of closing, so that nothing here tells apart what ballots do not; nothing here names a
household. `sample` and `margins` tell who could be asked and who was, which weighting needs as ballots have
it; who answered is told by `dispositions` alone, so these are widened by themselves where few answered.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from minping_engine.snapshot import CELL, TOTAL
from minping_engine.terms import Disposition, Mode
from minping_web.rounds.models import Invitation, RoundStratum
from minping_web.rounds.rules.words import Found
from minping_web.snapshots.rules.cells import levels_of
from minping_web.snapshots.rules.fieldwork import Tally, together, unshown_modes, wide_cells
from minping_web.snapshots.rules.population import Cell
from minping_web.snapshots.selectors.facts import RoundFacts
from minping_web.snapshots.selectors.spread import STRATUM, Spread

Outcome = tuple[int, int]
"""Mode and disposition."""
WITHHELD = -1
"""Stands where a disposition would: its ballot is withheld, beside its being complete."""
MERGED_STRATUM = 0


def sample(facts: RoundFacts, spread: Spread) -> pa.Table:
    """Eligible and asked units by target, stratum and frame cell; nothing of who answered."""
    counted: Counter[tuple[tuple[int, ...], str]] = Counter()
    for row in RoundStratum.objects.filter(round=facts.round):
        target = facts.target_of[row.area_id]
        key = _cell_key(facts, spread, target, row.stratum, row.frame_cell)
        counted[key, "eligible"] += row.eligible
        counted[key, "drawn"] += row.drawn
    keys = sorted({key for key, _what in counted})
    return _counts(
        facts, keys, {name: [counted[key, name] for key in keys] for name in ("eligible", "drawn")}
    )


def dispositions(facts: RoundFacts, spread: Spread) -> pa.Table:
    """What became of invited units, by the mode that they answered in, else the one they were meant for.

    Of what was neither answered nor otherwise found out, nothing is known (AAPOR: unknown eligibility). Cells
    and modes that would tell whether few households voted are merged further (`rules/fieldwork.py`).
    """
    found = _found(facts, spread)
    of_area: dict[int, dict[Cell, Counter[Outcome]]] = defaultdict(dict)
    for key, outcomes in found.items():
        of_area[key[0]][key] = outcomes
    counted = Counter[Cell]()
    for cells in of_area.values():
        counted.update(_shown(facts, spread, cells))
    keys = sorted(counted)
    more = {
        "mode": pa.array([key[-2] for key in keys], pa.int8()),
        "disposition": pa.array([key[-1] for key in keys], pa.int8()),
        "n": [counted[key] for key in keys],
    }
    return _counts(facts, [key[:-2] for key in keys], more)


def _found(facts: RoundFacts, spread: Spread) -> dict[Cell, Counter[Outcome]]:
    """Cell as ballots have it -> units by mode and disposition."""
    rows = (
        Invitation.objects.filter(round=facts.round)
        .annotate(mode=Coalesce("spent_mode", "mode_assigned"), voted=Q(spent_token__isnull=False))
        .values_list("area_id", "stratum", "frame_cell", "mode", "voted", "found")
        .annotate(n=Count("pk"))
        .order_by()
    )
    made: dict[Cell, Counter[Outcome]] = defaultdict(Counter)
    for area, stratum, cell, mode, voted, found, n in rows:
        key = _cell_key(facts, spread, facts.target_of[area], stratum, cell)
        made[key][mode, _disposition(voted=bool(voted), found=found)] += n
    for (target, stratum, cell, mode), n in spread.withheld.items():
        made[_cell_key(facts, spread, target, stratum, cell)][mode, WITHHELD] += n
    return made


def _shown(facts: RoundFacts, spread: Spread, cells: Mapping[Cell, Counter[Outcome]]) -> Counter[Cell]:
    """Units of one area by (cell, mode, disposition) as released."""
    tallies = {cell: together(_by_mode(outcomes).values()) for cell, outcomes in cells.items()}
    rest = tuple(one.rest for one in facts.frame_variables)
    steps = (
        lambda cell: (*cell[:2], *rest),
        lambda cell: (cell[0], MERGED_STRATUM, *cell[2:]),
        lambda cell: (cell[0], MERGED_STRATUM, *rest),
    )
    groups: dict[Cell, list[Cell]] = defaultdict(list)
    for cell, into in wide_cells(tallies, steps, facts.least).items():
        groups[into].append(cell)
    counted = Counter[Cell]()
    for into, members in groups.items():
        outcomes = sum((cells[cell] for cell in members), Counter[Outcome]())
        already = frozenset[int]().union(*(_pooled_in_ballots(facts, spread, cell) for cell in members))
        unshown = unshown_modes(_by_mode(outcomes), facts.least, Mode.UNKNOWN.value, already)
        for (mode, disposition), n in outcomes.items():
            if disposition != WITHHELD:
                counted[*into, Mode.UNKNOWN.value if mode in unshown else mode, disposition] += n
    return counted


def _by_mode(outcomes: Counter[Outcome]) -> dict[int, Tally]:
    found: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for (mode, disposition), n in outcomes.items():
        found[mode][0] += n if disposition != WITHHELD else 0
        found[mode][1] += n if disposition == Disposition.COMPLETE else 0
        found[mode][2] += n if disposition == WITHHELD else 0
    return {mode: Tally(*three) for mode, three in found.items()}


def _pooled_in_ballots(facts: RoundFacts, spread: Spread, cell: Cell) -> frozenset[int]:
    """Modes that ballots of a cell do not show apart."""
    names = (STRATUM, *(one.name for one in facts.frame_variables))
    return spread.pooled_modes(cell[0], zip(names, cell[1:], strict=True))


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


def _cell_key(facts: RoundFacts, spread: Spread, target: int, stratum: int, cell: str) -> Cell:
    """(target, stratum, levels of the frame variables) as ballots are released."""
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
