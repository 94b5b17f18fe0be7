"""Figures of areas: by hand and by table (S75)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import cast

from django.utils.translation import gettext as _

from minping_engine.errors import Place, Problem
from minping_web.common.changes import Recorder, recording
from minping_web.common.clock import today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.common.tabular import ReadRow, ReadTable
from minping_web.places.models import Area, AreaCovariate
from minping_web.places.rules.covariates import covariate_fault
from minping_web.places.services.areas import EDIT

Key = tuple[int, str, date]


def set_covariate(
    scope: Scope, area: Area, *, name: str, value: Decimal, as_of: date, source: str
) -> AreaCovariate:
    """Enter a figure, or correct the one of the same day."""
    scope.require(EDIT, area.path)
    if fault := covariate_fault(name, area.level, value):
        raise RefusedError.of(fault[0], Place(key="value"), **fault[1])
    if as_of > today():
        raise RefusedError.of("places.day_ahead", Place(key="as_of"), day=str(as_of))
    title = _("Figure of {name}").format(name=area.name)
    with recording(scope, "places.figure", title, area_path=area.path) as recorder:
        row = AreaCovariate.objects.filter(area=area, name=name, as_of=as_of).first()
        if row is None:
            row = AreaCovariate(area=area, name=name, value=value, as_of=as_of, source=source)
            recorder.create(row)
        else:
            recorder.update(row, value=value, source=source)
    return row


def remove_covariate(scope: Scope, row: AreaCovariate) -> None:
    """Take a figure out; it can be brought back."""
    scope.require(EDIT, row.area.path)
    title = _("Figure of {name} removed").format(name=row.area.name)
    with recording(scope, "places.figure", title, area_path=row.area.path) as recorder:
        recorder.delete(row)


def apply_covariates(scope: Scope, table: ReadTable, recorder: Recorder) -> None:
    """Import: every row one figure; raises `RefusedError` with all problems."""
    codes = {row.values.get("code") for row in table.rows}
    areas = {area.code: area for area in Area.objects.all() if area.code in codes}
    problems: list[Problem] = []
    for row in table.rows:
        problems += _faults(scope, row, areas)
    if problems:
        raise RefusedError(problems)
    stored: dict[Key, AreaCovariate] = {
        (found.area_id, found.name, found.as_of): found
        for found in AreaCovariate.objects.filter(area__in=areas.values()).select_related("area")
    }
    _write(recorder, table.rows, areas, stored)


def _faults(scope: Scope, row: ReadRow, areas: dict[str, Area]) -> list[Problem]:
    values = row.values
    area = areas.get(str(values.get("code")))
    if area is None or not scope.may(EDIT, area.path):
        place = Place(row.place.file, row.place.sheet, row.place.row, "编号")
        return [Problem("places.area_unknown", place, {"code": values.get("code")})]
    found = covariate_fault(str(values["name"]), area.level, cast(Decimal, values["value"]))
    if found:
        return [Problem(found[0], row.place, found[1])]
    if cast(date, values["as_of"]) > today():
        return [Problem("places.day_ahead", row.place, {"day": str(values["as_of"])})]
    return []


def _write(
    recorder: Recorder, rows: list[ReadRow], areas: dict[str, Area], stored: dict[Key, AreaCovariate]
) -> None:
    new: list[AreaCovariate] = []
    changed: list[tuple[AreaCovariate, dict[str, object]]] = []
    for row in rows:
        area, name = areas[str(row.values["code"])], str(row.values["name"])
        as_of = cast(date, row.values["as_of"])
        told = {"value": round(cast(Decimal, row.values["value"]), 4), "source": row.values["source"]}
        known = stored.get((area.pk, name, as_of))
        if known is None:
            new.append(AreaCovariate(area=area, name=name, as_of=as_of, **told))
        else:
            changed.append((known, told))
    recorder.create_many(new)
    recorder.update_many(changed)
