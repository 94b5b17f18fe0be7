"""Re-cuts: areas end, others begin, and the shares of households between them are kept (S53).

Merge and split are the two common cases of one act. What lies inside an old area moves to the new one
that the person names. Covariates and outlines are not carried over: they were measured for other borders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from minping_engine.errors import Place, Problem
from minping_web.common.changes import Recorder, recording
from minping_web.common.models import ChangeSet
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.places.models import Area, AreaLineage
from minping_web.places.rules.levels import faults_of
from minping_web.places.rules.shares import shares_from_counts
from minping_web.places.services.areas import DAY, insert, refuse, refuse_day, remember, require_edit
from minping_web.places.services.paths import lock_tree, set_parent

COPIED = ("level", "grid_level", "kind", "exclusive_type", "management", "staffing", "is_red", "area_class")


@dataclass(frozen=True)
class NewArea:
    """An area that a re-cut makes. `households` says how many come from each old area (by id)."""

    code: str
    name: str
    households: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Recut:
    """Old areas by id, the new ones, and into which new one (by position) each area inside goes."""

    old: Sequence[int]
    new: Sequence[NewArea]
    day: date
    reason: str
    inside: Mapping[int, int] = field(default_factory=dict)

    @property
    def act(self) -> AreaLineage.Act:
        """Merge, split, or a re-cut of several into several."""
        if len(self.new) == 1:
            return AreaLineage.Act.MERGE
        return AreaLineage.Act.SPLIT if len(self.old) == 1 else AreaLineage.Act.RECUT


def merge_areas(
    scope: Scope, old: Sequence[int], *, code: str, name: str, day: date, reason: str
) -> ChangeSet:
    """Several areas become one."""
    return recut(scope, Recut(old, [NewArea(code, name)], day, reason))


def recut(scope: Scope, plan: Recut) -> ChangeSet:
    """Carry a plan out; raises `RefusedError` with everything that does not fit."""
    with recording(scope, f"places.{plan.act}", "") as recorder:
        write_recut(recorder, plan)
    if recorder.change_set is None:  # a re-cut always changes something
        raise AssertionError("a re-cut without a change")
    return recorder.change_set


def write_recut(recorder: Recorder, plan: Recut) -> None:
    """The act itself, through a recorder that the caller keeps or takes back."""
    lock_tree()
    old = list(Area.objects.filter(pk__in=plan.old).select_related("parent").order_by("path"))
    for area in old:
        require_edit(recorder.scope, area.level, area.path)
    _refuse_misfits(plan, old)
    inside = _areas_inside(plan, old)
    new = _made(recorder, plan, old)
    for child in inside:
        _hand_over(recorder, child, new[plan.inside.get(child.pk, 0)], plan)
    recorder.update_many([(area, {"valid_to": plan.day - DAY}) for area in old])
    recorder.create_many(_lineage(plan, old, new))
    recorder.title = _title(old, new)


def _title(old: Sequence[Area], new: Sequence[Area]) -> str:
    joint = _(" and ")
    return _("Re-cut: {old} → {new}").format(
        old=joint.join(area.name for area in old), new=joint.join(area.name for area in new)
    )


def _refuse_misfits(plan: Recut, old: Sequence[Area]) -> None:
    problems: list[Problem] = []
    if not plan.reason.strip():
        problems.append(Problem("approval.reason_missing", Place(key="reason")))
    if len(old) != len(set(plan.old)) or not old or not plan.new or len(old) + len(plan.new) < 3:
        problems.append(Problem("places.recut_needs_areas", Place(key="old")))
    if len({(area.level, area.grid_level, area.kind, area.parent_id) for area in old}) > 1:
        problems.append(Problem("places.recut_unlike", Place(key="old")))
    codes = [area.code for area in plan.new]
    taken = set(Area.objects.filter(code__in=codes).values_list("code", flat=True))
    taken |= {code for code in codes if codes.count(code) > 1}
    problems += [Problem("places.code_taken", Place(key="code"), {"code": code}) for code in sorted(taken)]
    if problems:
        raise RefusedError(problems)
    for area in old:
        refuse_day(area, plan.day, "day")
        if area.valid_from and plan.day <= area.valid_from:
            raise RefusedError.of("places.day_outside", Place(key="day"), day=str(plan.day), name=area.name)


def _areas_inside(plan: Recut, old: Sequence[Area]) -> list[Area]:
    inside = list(
        Area.objects.filter(parent__in=old)
        .exclude(valid_to__lt=plan.day)
        .select_related("parent")
        .order_by("path")
    )
    lost = [
        child
        for child in inside
        if len(plan.new) > 1 and not 0 <= plan.inside.get(child.pk, -1) < len(plan.new)
    ]
    if lost:
        raise RefusedError(
            [Problem("places.recut_inside", Place(key="inside"), {"name": child.name}) for child in lost]
        )
    return inside


def _made(recorder: Recorder, plan: Recut, old: Sequence[Area]) -> list[Area]:
    made = []
    for place, wanted in enumerate(plan.new):
        facts: dict[str, Any] = {name: getattr(old[0], name) for name in COPIED}
        if len({area.area_class for area in old}) > 1:
            facts["area_class"] = ""
        area = Area(
            code=wanted.code, name=wanted.name, parent=old[0].parent, path="", valid_from=plan.day,
            households=_households(plan, old, place), **facts,
        )  # fmt: skip
        if len(plan.new) == 1:
            area.residents, area.buildings = _sum(old, "residents"), _sum(old, "buildings")
        refuse(faults_of(area.facts, old[0].parent.facts if old[0].parent else None))
        made.append(area)
    insert(recorder, made)
    return made


def _sum(areas: Sequence[Area], name: str) -> int | None:
    values = [getattr(area, name) for area in areas]
    return None if None in values else sum(values)


def _households(plan: Recut, old: Sequence[Area], place: int) -> int | None:
    if len(plan.new) == 1:
        return _sum(old, "households")
    return sum(plan.new[place].households.get(area.pk, 0) for area in old)


def _hand_over(recorder: Recorder, child: Area, parent: Area, plan: Recut) -> None:
    refuse_day(child, plan.day, "day")
    refuse(faults_of(child.facts, parent.facts))
    remember(recorder, child, plan.day, plan.reason)
    set_parent(recorder, child, parent)


def _lineage(plan: Recut, old: Sequence[Area], new: Sequence[Area]) -> list[AreaLineage]:
    rows = []
    for area in old:
        shares = _shares(plan, area)
        rows += [
            AreaLineage(
                old=area, new=new[place], share=share, day=plan.day, act=plan.act, reason=plan.reason.strip()
            )
            for place, share in sorted(shares.items())
        ]
    return rows


def _shares(plan: Recut, area: Area) -> dict[int, Decimal]:
    if len(plan.new) == 1:
        return {0: Decimal(1)}
    counts = {place: wanted.households.get(area.pk, 0) for place, wanted in enumerate(plan.new)}
    total = sum(counts.values())
    if min(counts.values()) < 0 or (area.households is not None and total != area.households):
        raise RefusedError.of(
            "places.recut_households", Place(key="households"),
            name=area.name, expected=area.households, found=total,
        )  # fmt: skip
    return shares_from_counts(counts)
