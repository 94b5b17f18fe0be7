"""Import of real outlines from GeoJSON, and taking them out again."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from minping_engine.errors import Place, Problem
from minping_web.common.changes import Recorder, recording
from minping_web.common.models import ChangeSet
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.places.models import Area, AreaOutline
from minping_web.places.rules.geometry import Polygons, points_of, read_outlines
from minping_web.places.services.areas import EDIT


@dataclass(frozen=True)
class Origin:
    """Where a file comes from: coordinate system, source, approval number (may be empty)."""

    datum: str
    source: str
    approval_number: str = ""


def import_outlines(scope: Scope, content: bytes, origin: Origin, *, file_name: str) -> ChangeSet | None:
    """Store all outlines of a file or none; raises `RefusedError` with every fault."""
    found = read_outlines(content)
    problems = [Problem(code, Place(file_name, key=key), params) for key, code, params in found.faults]
    areas = {area.code: area for area in Area.objects.filter(code__in=found.shapes)}
    problems += [
        Problem("places.area_unknown", Place(file_name, key=code), {"code": code})
        for code in found.shapes
        if code not in areas or not scope.may(EDIT, areas[code].path)
    ]
    if not origin.source.strip():
        problems.append(Problem("outlines.source_missing", Place(key="source")))
    if problems:
        raise RefusedError(problems)
    with recording(scope, "places.outlines", _("Outlines: {file}").format(file=file_name)) as recorder:
        _write(recorder, {areas[code]: shape for code, shape in found.shapes.items()}, origin)
    return recorder.change_set


def _write(recorder: Recorder, shapes: dict[Area, Polygons], origin: Origin) -> None:
    stored = {row.area_id: row for row in AreaOutline.objects.filter(area__in=shapes).select_related("area")}
    new: list[AreaOutline] = []
    changed: list[tuple[AreaOutline, dict[str, object]]] = []
    for area, shape in shapes.items():
        told = {
            "geometry": shape,
            "datum": origin.datum,
            "source": origin.source.strip(),
            "approval_number": origin.approval_number.strip(),
            "vertices": points_of(shape),
        }
        if area.pk in stored:
            changed.append((stored[area.pk], told))
        else:
            new.append(AreaOutline(area=area, **told))
    recorder.create_many(new)
    recorder.update_many(changed)


def remove_outline(scope: Scope, outline: AreaOutline) -> None:
    """Take an outline out; it can be brought back."""
    scope.require(EDIT, outline.area.path)
    title = _("Outline of {name} removed").format(name=outline.area.name)
    with recording(scope, "places.outlines", title) as recorder:
        recorder.delete(outline)
