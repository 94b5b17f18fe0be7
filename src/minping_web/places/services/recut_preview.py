"""What a merge or split would make, before anybody confirms it; and codes that are free for what it makes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from minping_web.common.changes import Recorder, preview
from minping_web.common.scope import Scope
from minping_web.places.models import Area
from minping_web.places.rules.household_rule import standing_of
from minping_web.places.rules.levels import Kind, Level
from minping_web.places.selectors.areas import children_of
from minping_web.places.selectors.serving import Serving, people_of
from minping_web.places.services.recuts import Recut, write_recut


@dataclass(frozen=True)
class Result:
    """One new area: its facts, its standing against the household rule, what lies in it and who serves it."""

    code: str
    name: str
    households: int | None
    area_class: str
    standing: str
    inside: list[Area]
    people: list[Serving]


@dataclass(frozen=True)
class RecutPreview:
    """The new areas, and the people posted at an area that ends: they need a new posting."""

    results: list[Result]
    left_behind: list[Serving]


def preview_recut(scope: Scope, plan: Recut) -> RecutPreview:
    """Run the plan, look at what it made, take it back; raises `RefusedError` like the plan itself."""
    seen: list[RecutPreview] = []

    def edit() -> Recorder:
        recorder = Recorder(scope, f"places.{plan.act}", "")
        write_recut(recorder, plan)
        seen.append(_look(plan))
        return recorder

    preview(edit)
    return seen[0]


def _look(plan: Recut) -> RecutPreview:
    made = {area.code: area for area in Area.objects.filter(code__in=[new.code for new in plan.new])}
    areas = [made[new.code] for new in plan.new]
    inside = {area.pk: list(children_of(area, plan.day)) for area in areas}
    people = people_of([*areas, *(child for group in inside.values() for child in group)], plan.day)
    old = list(Area.objects.filter(pk__in=plan.old).order_by("path"))
    posted = people_of(old, plan.day)
    return RecutPreview(
        [_result(area, inside[area.pk], people) for area in areas],
        [one for area in old for one in posted[area.pk]],
    )


def _result(area: Area, inside: list[Area], people: dict[int, list[Serving]]) -> Result:
    found = list(people[area.pk])
    for child in inside if area.level != Level.GRID else ():
        found += [Serving(one.name, one.role, where=one.where or child.name) for one in people[child.pk]]
    ruled = area.level == Level.GRID and area.kind in {"", Kind.GENERAL} and area.grid_level != "L1"
    standing = standing_of(area.households).value if ruled else ""
    label = str(area.get_area_class_display())
    return Result(area.code, area.name, area.households, label, standing, inside, found)


def free_codes(area: Area, number: int) -> list[str]:
    """The next codes in the row of an area and those beside it; ended areas keep theirs."""
    stem, digits = _parts(area.code)
    if not digits:
        stem, digits = f"{area.code}-", "00"
    siblings = Area.objects.filter(parent=area.parent_id, code__startswith=stem).values_list(
        "code", flat=True
    )
    used = [int(tail) for code in siblings if (tail := code[len(stem) :]).isdecimal() and len(tail) < 19]
    taken = set(Area.objects.filter(code__startswith=stem).values_list("code", flat=True))
    found: list[str] = []
    step = max([*used, 0])
    while len(found) < number:
        step += 1
        code = f"{stem}{step:0{len(digits)}}"
        if code not in taken:
            found.append(code)
    return found


def _parts(code: str) -> tuple[str, str]:
    """A code before its last run of digits, and that run."""
    digits = re.search(r"[0-9]{0,18}$", code)
    tail = digits.group() if digits else ""
    return code[: len(code) - len(tail)], tail
