"""Which of the columns that are no questions names the target, the household, the mode, the places.

A heading's words propose a role, the content must bear it out: a target has several ballots, a
household few. Personal data are left out, except a telephone number where nothing else tells
households apart: importing uses households for one vote each and drops them.
"""

from __future__ import annotations

from minping_engine.snapshot.importing.guess.candidates import (
    RoleColumns,
    one_of,
    refuse_without,
    two_candidates,
)
from minping_engine.snapshot.importing.guess.columns import Sight
from minping_engine.snapshot.importing.guess.outcome import Findings
from minping_engine.snapshot.importing.guess.words import plain, translations

MOST_LEVELS = 12
FEWEST_PER_TARGET = 0.9
FEWEST_HOUSEHOLDS = 0.3


def choose_target(columns: RoleColumns, found: Findings) -> dict[str, str]:
    """`target`, and `assessee`, `assessee_name`, `target_name` where they stand in columns of their own."""
    repeated = [sight for sight in columns.of("grid", "grid_name") if _repeats(sight)]
    grid = one_of("target", repeated, columns, found)
    worker = one_of("target", [s for s in columns.of("worker_id") if _repeats(s)], columns, found)
    name = one_of("target", [s for s in columns.of("worker_name") if _repeats(s)], columns, found)
    if any(problem.code == "guess.two_candidates" for problem in found.problems):
        return {}
    who = worker or name
    if grid is None and who is None:
        refuse_without("guess.no_target", "target", columns, found)
        return {}
    if grid and who and not columns.decides(grid, who):
        two_candidates("target", [grid, who], found)
        return {}
    target = grid or who
    chosen = {"target": target.name if target else ""}
    if grid and (label := next((s for s in repeated if s is not grid), None)):
        chosen["target_name"] = label.name
    if who and (grid or (worker and name)):
        chosen["assessee"] = who.name
    if worker and name and columns.decides(worker, name):
        chosen["assessee_name"] = name.name
    for role, column in chosen.items():
        found.note("guess.took", column, role=role)
    return chosen


def _repeats(sight: Sight) -> bool:
    """A target has several ballots."""
    return sight.distinct <= FEWEST_PER_TARGET * sight.filled and sight.filled * 2 > sight.rows


def choose_household(columns: RoleColumns, found: Findings) -> tuple[str, ...]:
    """Columns that name the household."""
    for role in ("household_id", "room", "token", "phone"):
        many = [sight for sight in columns.of(role) if _is_household(sight, columns.rows_per_ballot)]
        if not many:
            continue
        chosen = one_of("household", many, columns, found)
        if chosen is None:
            return ()
        parts = [*(s for s in columns.of("building") if role == "room"), chosen]
        for part in parts:
            found.note("guess.took_phone" if role == "phone" else "guess.took", part.name, role="household")
        _note_left_phones(columns, chosen, found)
        return tuple(part.name for part in parts)
    refuse_without("guess.no_household", "household", columns, found)
    return ()


def _is_household(sight: Sight, rows_per_ballot: int) -> bool:
    """Nearly every ballot has a household of its own."""
    ballots = sight.filled / rows_per_ballot
    return sight.distinct >= FEWEST_HOUSEHOLDS * ballots and sight.filled * 2 > sight.rows


def _note_left_phones(columns: RoleColumns, chosen: Sight, found: Findings) -> None:
    for sight in columns.of("phone", "token"):
        if sight is not chosen:
            found.note("guess.left_out_personal", sight.name)


def choose_mode(columns: RoleColumns, found: Findings) -> tuple[str, dict[str, str]] | None:
    """The mode column with its values translated; refused if a value has no meaning."""
    candidates = [sight for sight in columns.of("mode") if sight.distinct <= MOST_LEVELS]
    if not candidates:
        return None
    chosen = one_of("mode", candidates, columns, found)
    if chosen is None:
        return None
    names = translations("modes")
    values = {text: _mode(text, names) for text in sorted(chosen.counts)}
    unclear = [text for text, mode in values.items() if not mode]
    if unclear:
        lines = f'mode: {{column: "{chosen.name}", values: {{"{unclear[0]}": visit}}}}'
        found.refuse("guess.mode_unclear", chosen.name, values=" | ".join(unclear), lines=lines)
        return None
    found.note("guess.took", chosen.name, role="mode")
    return chosen.name, values


def _mode(text: str, names: dict[str, str]) -> str:
    return names.get(plain(text), "")


def choose_cells(columns: RoleColumns, found: Findings) -> dict[str, str]:
    """Cell variables: cell name -> column. Too many levels (exact ages) are left out."""
    cells: dict[str, str] = {}
    for role in [role for role in columns.by_role if role.startswith("cell_")]:
        name = role.removeprefix("cell_")
        few = [sight for sight in columns.of(role) if sight.distinct <= MOST_LEVELS]
        for sight in columns.of(role):
            if sight not in few:
                found.note("guess.left_out_levels", sight.name, levels=sight.distinct)
        if few and (chosen := one_of(name, few, columns, found)):
            cells[name] = chosen.name
            found.note("guess.took", chosen.name, role=name)
    return cells


def choose_places(columns: RoleColumns, target: str, found: Findings) -> dict[str, tuple[str, str | None]]:
    """Street, community and district of the target: place -> (column, column of its name)."""
    places: dict[str, tuple[str, str | None]] = {}
    owner = next((s for s in columns.of(*columns.by_role) if s.name == target), None)
    for level in ("district", "street", "community"):
        fitting = [s for s in columns.of(level, f"{level}_code") if owner and columns.decides(owner, s)]
        named = [s for s in fitting if s in columns.of(level)]
        coded = [s for s in fitting if s not in named]
        if not fitting:
            continue
        key = (coded or named)[0]
        name = named[0].name if coded and named else None
        places[level] = (key.name, name)
        found.note("guess.took", key.name, role=level)
    return places
