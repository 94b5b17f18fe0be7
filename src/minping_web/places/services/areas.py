"""Create, edit, end, rename and move areas.

Editing corrects a fact; renaming and moving are acts with a day that leave a `FormerState`, so that the
past stays readable. Levels above the community belong to those who hold the right everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from minping_engine.errors import Place, Problem
from minping_web.common.changes import Recorder, recording
from minping_web.common.clock import today
from minping_web.common.models import ChangeSet
from minping_web.common.problems import RefusedError
from minping_web.common.scope import PATH_END, Scope
from minping_web.places.models import Area, FormerState
from minping_web.places.rules.levels import STRUCTURE, Fault, faults_of
from minping_web.places.services.paths import lock_tree, set_parent

EDIT = "places.edit"
DAY = timedelta(days=1)


def require_edit(scope: Scope, level: str, path: str) -> None:
    """Raise `PermissionDenied` unless the scope may change areas of this level here."""
    scope.require(EDIT, path)
    if level in STRUCTURE and not scope.reach(EDIT).whole:
        raise PermissionDenied(EDIT)


def may_edit(scope: Scope, area: Area) -> bool:
    """Whether `require_edit` would pass."""
    return scope.may(EDIT, area.path) and (area.level not in STRUCTURE or scope.reach(EDIT).whole)


def refuse(faults: list[Fault]) -> None:
    """Raise `RefusedError` when there are faults."""
    if faults:
        raise RefusedError([Problem(fault.code, Place(key=fault.column), fault.params) for fault in faults])


def create_area(scope: Scope, *, parent: Area | None, values: Mapping[str, Any]) -> Area:
    """A new area below `parent`."""
    area = Area(parent=parent, path="", **values)
    require_edit(scope, area.level, parent.path if parent else "")
    _refuse_taken_code(area.code, None)
    refuse(faults_of(area.facts, parent.facts if parent else None))
    with recording(scope, "places.create", _("New area: {name}").format(name=area.name)) as recorder:
        insert(recorder, [area])
    return area


def insert(recorder: Recorder, areas: list[Area]) -> None:
    """Write new areas whose parents have their paths already."""

    def complete(area: Area) -> None:
        area.path = area.path_below(area.parent)

    recorder.create_many(areas, complete=complete, fields=["path"])


def _refuse_taken_code(code: str, pk: int | None) -> None:
    if Area.objects.filter(code=code).exclude(pk=pk or 0).exists():
        raise RefusedError.of("places.code_taken", Place(key="code"), code=code)


def edit_area(scope: Scope, area_id: int, values: Mapping[str, Any]) -> Area:
    """Correct facts of an area; its place and its period have acts of their own."""
    with (
        transaction.atomic(),
        recording(scope, "places.edit", "") as recorder,
    ):
        area = _locked(scope, area_id)
        if "code" in values:
            _refuse_taken_code(values["code"], area.pk)
        facts = area.facts | dict(values)
        refuse(faults_of(facts, area.parent.facts if area.parent else None))
        _refuse_misfits_below(area, facts)
        recorder.title = _("Edited: {name}").format(name=values.get("name", area.name))
        recorder.update(area, **values)
    return area


def _refuse_misfits_below(area: Area, facts: Mapping[str, Any]) -> None:
    """A grid that changes its level must still fit around the grids inside."""
    for child in area.children.filter(valid_to=None):
        if any(fault.code == "places.level_order" for fault in faults_of(child.facts, facts)):
            raise RefusedError.of("places.child_misfit", Place(key="grid_level"), child=child.name)


def _locked(scope: Scope, area_id: int) -> Area:
    lock_tree()
    area = Area.objects.select_related("parent").get(pk=area_id)
    require_edit(scope, area.level, area.path)
    return area


def end_area(scope: Scope, area_id: int, *, last_day: date, below: bool = False) -> ChangeSet | None:
    """Let an area end on a day; with `below` also everything inside, else living areas inside refuse it."""
    with recording(scope, "places.end", "") as recorder:
        area = _locked(scope, area_id)
        recorder.title = _("Ended: {name}").format(name=area.name)
        inside = list(
            Area.objects.filter(path__gt=area.path, path__lt=area.path + PATH_END).exclude(
                valid_to__lte=last_day
            )
        )
        if inside and not below:
            raise RefusedError.of("places.still_inside", Place(key="last_day"), number=len(inside))
        for row in [area, *inside]:
            refuse_day(row, last_day, "last_day")
        recorder.update_many([(row, {"valid_to": last_day}) for row in [*inside, area]])
    return recorder.change_set


def refuse_day(area: Area, day: date, key: str) -> None:
    """Acts take effect at once or in the past, while the area was there, after its last act."""
    last = max((state.until for state in area.former_states.all()), default=None)
    if day > today():
        raise RefusedError.of("places.day_ahead", Place(key=key), day=str(day))
    if not area.exists_on(day) or (area.valid_from and day < area.valid_from):
        raise RefusedError.of("places.day_outside", Place(key=key), day=str(day), name=area.name)
    if last and day <= last:
        raise RefusedError.of("places.day_before_last", Place(key=key), day=str(day), last=str(last))


def rename_area(scope: Scope, area_id: int, *, name: str, day: date, reason: str) -> ChangeSet | None:
    """A new official name from a day on; the old one stays in the history."""
    with recording(scope, "places.rename", "") as recorder:
        area = _locked(scope, area_id)
        _refuse_reason(reason)
        if name == area.name:
            raise RefusedError.of("places.same_name", Place(key="name"))
        refuse_day(area, day, "day")
        recorder.title = _("Renamed: {old} → {new}").format(old=area.name, new=name)
        remember(recorder, area, day, reason)
        recorder.update(area, name=name)
    return recorder.change_set


def remember(recorder: Recorder, area: Area, day: date, reason: str) -> None:
    """Keep name and place as they were until the day before."""
    state = FormerState(area=area, name=area.name, parent=area.parent, until=day - DAY, reason=reason.strip())
    recorder.create(state)


def _refuse_reason(reason: str) -> None:
    if not reason.strip():
        raise RefusedError.of("approval.reason_missing", Place(key="reason"))


def move_area(scope: Scope, area_id: int, *, parent: Area, day: date, reason: str) -> ChangeSet | None:
    """Put an area with all inside it under another parent from a day on."""
    with recording(scope, "places.move", "") as recorder:
        area = _locked(scope, area_id)
        _refuse_reason(reason)
        parent = Area.objects.get(pk=parent.pk)  # as it is under the lock
        scope.require(EDIT, parent.path)
        if parent.path.startswith(area.path):
            raise RefusedError.of("places.circle", Place(key="parent"), codes=area.code)
        if parent.pk == area.parent_id:
            raise RefusedError.of("places.same_parent", Place(key="parent"))
        refuse_day(area, day, "day")
        refuse(faults_of(area.facts, parent.facts))
        recorder.title = _("Moved: {name} → {parent}").format(name=area.name, parent=parent.name)
        remember(recorder, area, day, reason)
        set_parent(recorder, area, parent)
    return recorder.change_set
