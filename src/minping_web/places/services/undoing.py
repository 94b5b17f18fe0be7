"""What undoing an act on places demands: the rights of the act, where each row lies today and afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import models

from minping_web.common.changes import Touched, UndoRules
from minping_web.common.scope import Scope
from minping_web.places.models import Area, AreaCovariate, AreaLineage, AreaOutline, FormerState
from minping_web.places.services.areas import EDIT, require_edit
from minping_web.places.services.paths import lock_tree, mend_paths

IN_AREA = (AreaCovariate, AreaOutline, FormerState)


def require_undo(scope: Scope, rows: Sequence[Touched]) -> None:
    """Raise `PermissionDenied` unless the scope might do each row's act itself, there and back."""
    paths = dict(Area.objects.filter(pk__in=_areas_of(rows)).values_list("pk", "path"))
    for row in rows:
        if row.model == Area._meta.label_lower:
            _require_area(scope, row, paths)
        else:
            _require_beside(scope, row, paths)


def _areas_of(rows: Sequence[Touched]) -> set[int]:
    names = ("pk", "parent_id", "area_id", "old_id", "new_id")
    found = {getattr(one, name, None) for row in rows for one in row.both for name in names}
    return {pk for pk in found if pk is not None}


def _require_area(scope: Scope, row: Touched, paths: dict[int, str]) -> None:
    made_or_gone = row.now is None or row.back is None
    for area in row.both:
        assert isinstance(area, Area)
        stays = not made_or_gone and row.now.parent_id == row.back.parent_id  # type: ignore[union-attr]
        where = paths.get(area.pk) if stays else paths.get(area.parent_id or 0)
        # Nowhere: the area around it is gone, or it is the root; both belong to the whole district.
        require_edit(scope, area.level, where or "")
        if not made_or_gone:
            require_edit(scope, area.level, paths.get(area.pk, ""))


def _require_beside(scope: Scope, row: Touched, paths: dict[int, str]) -> None:
    for one in row.both:
        for area_id in _places_of(one):
            scope.require(EDIT, paths.get(area_id, ""))


def _places_of(row: models.Model) -> list[int]:
    if isinstance(row, IN_AREA):
        return [row.area_id]
    if isinstance(row, AreaLineage):
        return [row.old_id, row.new_id]
    raise PermissionDenied(EDIT)  # the public map: for the whole district


PLACES = UndoRules(require_undo, lock=lock_tree, mend=mend_paths)
