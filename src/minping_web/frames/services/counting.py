"""Counts of a frame by area, kept with the frame so that no page counts 400,000 rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q

from minping_web.frames.models import Frame, Unit

ASKED = Q(excluded="", do_not_contact=False)
COUNTED = {
    "units": Q(),
    "household": Q(kind="household"),
    "organisation": Q(kind="organisation"),
    "member": Q(kind="member"),
    "elderly": Q(instrument="elderly"),
    "with_contact": Q(has_contact=True),
    "excluded": ~Q(excluded=""),
    "asked": ASKED,
    "asked_households": ASKED & Q(kind="household"),
    "reachable": ASKED & Q(has_contact=True),
    "special": ASKED & ~Q(special=""),
}
"""Name of a count -> the units that it counts. `special` is shown with `frames.contacts` only."""

Counts = dict[str, dict[str, int]]


def recount(frame: Frame, area_ids: Iterable[int] | None = None) -> Counts:
    """Counts by area id (as text, as JSON keeps it); of some areas, or of all."""
    rows = Unit.objects.filter(frame=frame)
    if area_ids is not None:
        rows = rows.filter(area_id__in=list(area_ids))
    numbers = {f"n_{name}": Count("pk", filter=where or None) for name, where in COUNTED.items()}
    counted: Any = rows.values("area_id").order_by("area_id").annotate(**numbers)
    return {str(row["area_id"]): {name: row[f"n_{name}"] for name in COUNTED} for row in counted}


def refresh_counts(frame_id: int, area_ids: Iterable[int]) -> None:
    """After single changes; the caller is in a transaction and holds the frame's row afterwards."""
    wanted = set(area_ids)
    frame = Frame.objects.select_for_update().get(pk=frame_id)
    fresh = recount(frame, wanted)
    kept = {key: value for key, value in frame.counts.items() if int(key) not in wanted}
    frame.counts, frame.version = kept | fresh, frame.version + 1
    frame.save(update_fields=["counts", "version"])
