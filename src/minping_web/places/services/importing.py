"""Import of areas: the whole tree is checked in memory first, then written level by level.

Codes identify. Rows may stand in any order, parents before children or after. Columns that the file does
not have stay as they are. A foreign area is an unknown one: its existence does not show.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from minping_engine.errors import Place, Problem
from minping_web.common.changes import Recorder
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.common.tabular import ReadRow, ReadTable
from minping_web.places.models import Area
from minping_web.places.rules.levels import STRUCTURE, Level, faults_of
from minping_web.places.services.areas import EDIT, insert
from minping_web.places.services.paths import lock_tree, tell_moved, true_paths

BLANK = frozenset({"grid_level", "kind", "exclusive_type", "management", "staffing", "area_class"})
"""Empty cells of these columns mean an empty text, not null."""
NEEDED = frozenset({"name", "level"})


@dataclass
class _Plan:
    """The tree as it would be: new facts by code over the stored areas."""

    scope: Scope
    stored: dict[str, Area]
    rows: dict[str, ReadRow] = field(default_factory=dict)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    misplaced: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def complain(self, code: str, problem: str, column: str, /, **params: object) -> None:
        place = self.rows[code].place
        key = "parent_code" if column == "parent" else column
        where = Place(place.file, place.sheet, place.row, self.headings.get(key, column))
        self.problems.append(Problem(problem, where, dict(params)))
        if key == "parent_code" or problem == "places.row_not_yours":
            self.misplaced.add(code)

    def shows(self, code: str) -> bool:
        """Whether a code may be told: it stands in the file, or is an area of the scope."""
        return code in self.rows or self.owns(code)

    def owns(self, code: str) -> bool:
        """Whether a stored area lies where the scope edits; to all others it does not exist."""
        return code in self.stored and self.scope.may(EDIT, self.stored[code].path)

    def level_of(self, code: str) -> dict[str, Any]:
        """Facts of an area as they would be."""
        return self.facts[code] if code in self.facts else self.stored[code].facts


def apply_areas(scope: Scope, table: ReadTable, recorder: Recorder) -> None:
    """Write the table; raises `RefusedError` with all problems, before anything is written."""
    lock_tree()
    by_code = {area.code: area for area in Area.objects.all()}
    codes = {area.pk: code for code, area in by_code.items()}
    plan = _Plan(scope, by_code, headings=table.headings)
    plan.parents = {code: codes[area.parent_id] if area.parent_id else None for code, area in by_code.items()}
    for row in table.rows:
        _read(plan, row)
    for code in plan.rows:
        _check_place(plan, code)
    for code in plan.rows:
        _check_facts(plan, code)
    if not plan.problems:
        _check_inside(plan)
    if plan.problems:
        raise RefusedError(plan.problems)
    _write(plan, recorder)


def _read(plan: _Plan, row: ReadRow) -> None:
    code = str(row.values["code"])
    plan.rows[code] = row
    stored = plan.stored.get(code)
    values = {name: value for name, value in row.values.items() if name not in {"code", "parent_code"}}
    for name in values:
        if values[name] is None and name in BLANK:
            values[name] = ""
        if values[name] is None and name == "is_red":
            values[name] = False
    if "parent_code" in row.values:
        parent = row.values["parent_code"]
        plan.parents[code] = str(parent) if parent is not None else None
    plan.parents.setdefault(code, None)
    if _complete(plan, code, values, is_new=not plan.owns(code)):
        plan.facts[code] = (stored.facts if stored else Area().facts) | values


def _complete(plan: _Plan, code: str, values: dict[str, object], *, is_new: bool) -> bool:
    missing = [name for name in sorted(NEEDED) if (is_new or name in values) and not values.get(name)]
    for name in missing:
        plan.complain(code, "table.cell_empty", name)
    return not missing


def _check_place(plan: _Plan, code: str) -> None:
    parent = plan.parents[code]
    if parent is not None and parent not in plan.rows and _named_without_right(plan, code, parent):
        plan.complain(code, "places.parent_unknown", "parent_code", code=parent)
    elif circle := _circle(plan, code):
        told = [step if plan.shows(step) else "…" for step in circle]
        plan.complain(code, "places.circle", "parent_code", codes=" → ".join(told))
    elif code in plan.facts:
        _check_right(plan, code)


def _named_without_right(plan: _Plan, code: str, parent: str) -> bool:
    """Whether the file names a parent that does not exist for this scope; an own area's stays known."""
    if plan.owns(parent) or "parent_code" not in plan.rows[code].values:
        return False
    around = plan.stored[code].parent_id if plan.owns(code) else None
    return parent not in plan.stored or plan.stored[parent].pk != around


def _circle(plan: _Plan, code: str) -> list[str]:
    seen = [code]
    step = plan.parents.get(code)
    while step is not None:
        if step == code:
            return [*seen, code]
        if step in seen:  # a circle further up is told at its own rows
            return []
        seen.append(step)
        step = plan.parents.get(step)
    return []


def _check_right(plan: _Plan, code: str) -> None:
    """Own places only: the area as stored, and the first stored area around the new place."""
    stored, scope = plan.stored.get(code), plan.scope
    whole = scope.reach(EDIT).whole
    level = plan.facts[code]["level"]
    around: str | None = plan.parents[code]
    for _step in range(len(plan.facts) + 1):
        if around is None or around in plan.stored:
            break
        around = plan.parents.get(around)
    outside = around is None or not scope.may(EDIT, plan.stored[around].path)
    foreign = stored is not None and not scope.may(EDIT, stored.path)
    structure = level in STRUCTURE or (stored is not None and stored.level in STRUCTURE)
    if not whole and (structure or outside or foreign):
        plan.complain(code, "places.row_not_yours", "code", code=code)


def _check_facts(plan: _Plan, code: str) -> None:
    """Rows whose place and cells could be read; of others nothing certain can be said."""
    parent = plan.parents[code]
    if not (_is_certain(plan, code) and (parent is None or _is_certain(plan, parent))):
        return
    around = plan.level_of(parent) if parent is not None else None
    for fault in faults_of(plan.facts[code], around):
        plan.complain(code, fault.code, fault.column, **fault.params)
    stored = plan.stored.get(code)
    if stored is not None and stored.level != plan.facts[code]["level"]:
        old, new = Level(stored.level).label, Level(plan.facts[code]["level"]).label
        plan.complain(code, "places.level_changed", "level", old=old, new=new)


def _is_certain(plan: _Plan, code: str) -> bool:
    if code not in plan.rows:
        return code in plan.stored
    return code in plan.facts and code not in plan.misplaced and not plan.rows[code].faulty


def _check_inside(plan: _Plan) -> None:
    """Stored areas that the file does not name must still fit into what the file changes around them."""
    for code, area in plan.stored.items():
        parent = plan.parents[code]
        if code in plan.rows or parent is None or parent not in plan.rows or area.valid_to is not None:
            continue
        for fault in faults_of(area.facts, plan.facts[parent]):
            if fault.column == "parent":
                plan.complain(parent, "places.child_misfit", "code", child=area.name)


def _write(plan: _Plan, recorder: Recorder) -> None:
    known = dict(plan.stored)
    waiting = [code for code in plan.rows if code not in plan.stored]
    while waiting:
        ready = [code for code in waiting if plan.parents[code] is None or plan.parents[code] in plan.stored]
        made = [_new(plan, code) for code in ready]
        insert(recorder, made)
        plan.stored |= {area.code: area for area in made}
        waiting = [code for code in waiting if code not in plan.stored]
    before = {area.pk: (area.path, area.parent_id) for area in known.values()}
    recorder.update_many(_updates(plan, known))
    _tell_moved([area for area in known.values() if area.path != before[area.pk][0]], before)


def _tell_moved(moved: list[Area], before: dict[int, tuple[str, int | None]]) -> None:
    hung_elsewhere = [area.pk for area in moved if area.parent_id != before[area.pk][1]]
    tell_moved(hung_elsewhere, {area.pk: area.path for area in moved})


def _new(plan: _Plan, code: str) -> Area:
    parent = plan.parents[code]
    return Area(code=code, parent=plan.stored[parent] if parent else None, path="", **plan.facts[code])


def _updates(plan: _Plan, known: dict[str, Area]) -> list[tuple[Area, dict[str, Any]]]:
    """Stored rows that the file names, and the paths of all that moved with them."""
    parents = {
        area.pk: (plan.stored[parent].pk if (parent := plan.parents[code]) else None)
        for code, area in known.items()
    }
    paths = true_paths(parents)
    rows = []
    for code, area in known.items():
        moved = area.path != paths[area.pk]
        if code not in plan.rows and not moved:
            continue
        values: dict[str, Any] = dict(plan.facts.get(code, {}))
        parent = plan.parents[code]
        values |= {"parent": plan.stored[parent] if parent else None, "path": paths[area.pk]}
        rows.append((area, values))
    return rows
