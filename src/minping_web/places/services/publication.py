"""What the public grid map shows: decided by the district, level by level, nothing by default (S80)."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from minping_web.common.changes import recording
from minping_web.common.scope import Scope
from minping_web.places.models import MapPublication
from minping_web.places.services.areas import EDIT

FLAGS = ("shown", "names", "phones")


def publish_map(scope: Scope, wanted: Mapping[str, Mapping[str, bool]]) -> None:
    """Set the three flags of each level; names and phones only count where the level is shown."""
    if not scope.reach(EDIT).whole:
        raise PermissionDenied(EDIT)
    with recording(scope, "places.publication", _("Publication of the grid map"), area_path="") as recorder:
        stored = {row.level: row for row in MapPublication.objects.all()}
        for level, flags in wanted.items():
            shown = bool(flags.get("shown"))
            told = {flag: shown and bool(flags.get(flag)) for flag in FLAGS}
            if level in stored:
                recorder.update(stored[level], **told)
            elif any(told.values()):
                recorder.create(MapPublication(level=level, **told))
