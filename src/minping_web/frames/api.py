"""Frames for other systems: counts, coverage, masked units, seal and disclosed list.

Contacts do not pass through the API at all: they are opened one by one on a page, with a reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from ninja import Path, Query

from minping_engine.errors import Place
from minping_web.common.masks import masked
from minping_web.common.problems import RefusedError
from minping_web.common.rest import Id, Operations, Paged, Reference, page_by, page_of
from minping_web.common.scope import PATH_END, Scope, within
from minping_web.frames.models import Frame, SealedUnit, Unit
from minping_web.frames.schemas import (
    Counts,
    CoverageList,
    CoverageOut,
    FrameFilters,
    FrameList,
    FrameOut,
    LeafList,
    LeafOut,
    SealOut,
    UnitFilters,
    UnitList,
    UnitOut,
)
from minping_web.places.models import Area

VIEW = "frames.view"
frames = Operations("frames")


@frames.get("/frames", VIEW, FrameList)
def list_frames(scope: Scope, wanted: Query[FrameFilters]) -> FrameList:
    """Drafts, sealed and superseded frames, with the counts of the key's areas."""
    found = _frames()
    if wanted.sealed_since:
        found = found.filter(sealed_at__gte=wanted.sealed_since)
    rows, after = page_of(found, wanted)
    seen = _areas_seen(scope, rows)
    return FrameList(items=[_frame(row, seen) for row in rows], next=after)


@frames.get("/frames/{int:frame_id}", VIEW, FrameOut)
def get_frame(scope: Scope, frame_id: Path[Id]) -> FrameOut:
    """One frame, with the counts of the key's areas."""
    frame = get_object_or_404(_frames(), pk=frame_id)
    return _frame(frame, _areas_seen(scope, [frame]))


def _frames() -> QuerySet[Frame]:
    """What shows at all: a frame that is being loaded does not exist yet."""
    return Frame.objects.exclude(state=Frame.State.LOADING)


def _areas_seen(scope: Scope, rows: Collection[Frame]) -> set[int]:
    """Areas of these frames within the scope; one query."""
    counted = {int(area_id) for row in rows for area_id in row.counts}
    areas = within(Area.objects.order_by(), scope, VIEW).values_list("pk", flat=True)
    return counted & set(areas)


def _frame(frame: Frame, seen: set[int]) -> FrameOut:
    totals: Counter[str] = Counter()
    for area_id, counts in frame.counts.items():
        if int(area_id) in seen:
            totals.update(counts)
    return FrameOut(
        id=frame.pk,
        name=frame.name,
        as_of=frame.as_of,
        state=frame.state,
        sealed_at=frame.sealed_at,
        superseded_at=frame.superseded_at,
        counts=_counts(totals),
    )


def _counts(found: dict[str, int]) -> Counts:
    # `special` stays behind: it is for holders of `frames.contacts`, and no key holds that.
    return Counts(**{name: found.get(name, 0) for name in Counts.model_fields})


@frames.get("/frames/{int:frame_id}/coverage", VIEW, CoverageList)
def list_coverage(scope: Scope, frame_id: Path[Id], wanted: Query[Paged]) -> CoverageList:
    """Each of the key's areas that holds units: their counts against the households of the area."""
    frame = get_object_or_404(_frames(), pk=frame_id)
    counted = Area.objects.filter(pk__in=[int(area_id) for area_id in frame.counts])
    rows, after = page_of(within(counted, scope, VIEW), wanted)
    return CoverageList(items=[_coverage(area, frame) for area in rows], next=after)


def _coverage(area: Area, frame: Frame) -> CoverageOut:
    counts = _counts(frame.counts[str(area.pk)])
    return CoverageOut(area=Reference.model_validate(area), households=area.households, counts=counts)


@frames.get("/frames/{int:frame_id}/units", VIEW, UnitList)
def list_units(scope: Scope, frame_id: Path[Id], wanted: Query[UnitFilters]) -> UnitList:
    """Units within the key's areas by house code, without phone or address."""
    frame = get_object_or_404(_frames(), pk=frame_id)
    found = within(Unit.objects.filter(frame=frame), scope, VIEW, "area__path").select_related("area")
    if wanted.area is not None:
        area = within(Area.objects.filter(code=wanted.area), scope, VIEW).first()
        if area is None:
            raise RefusedError.of("api.unknown_code", Place(key="query.area"), what="区域", what_en="area")
        found = found.filter(area__path__gte=area.path, area__path__lt=area.path + PATH_END)
    named = {"kind": wanted.kind, "instrument": wanted.instrument}
    found = found.filter(**{name: value for name, value in named.items() if value is not None})
    rows, after = page_by(found, wanted, "house_code")
    return UnitList(items=[_unit(row) for row in rows], next=after)


def _unit(row: Unit) -> UnitOut:
    # Neither the id that a draw discloses nor the order of these ids: both would tell who was drawn.
    return UnitOut.model_validate(row).model_copy(update={"id": masked(row.pk)})


@frames.get("/frames/{int:frame_id}/seal", VIEW, SealOut)
def get_seal(scope: Scope, frame_id: Path[Id]) -> SealOut:
    """Root and size of a sealed frame; 404 while it is a draft."""
    frame = get_object_or_404(_frames().filter(root__isnull=False), pk=frame_id)
    units = SealedUnit.objects.filter(frame=frame).count()
    root = bytes(frame.root or b"").hex()
    return SealOut.model_validate(
        {"frame": frame.pk, "units": units, "root": root, "sealed_at": frame.sealed_at}
    )


@frames.get("/frames/{int:frame_id}/leaves", VIEW, LeafList)
def list_leaves(scope: Scope, frame_id: Path[Id], wanted: Query[Paged]) -> LeafList:
    """The disclosed list of a sealed frame, from which anybody can compute its root.

    It spans the district, so the key must hold the permission everywhere.
    """
    if not scope.may_everywhere(VIEW):
        raise PermissionDenied(VIEW)
    frame = get_object_or_404(_frames().filter(root__isnull=False), pk=frame_id)
    rows, after = page_of(SealedUnit.objects.filter(frame=frame), wanted)
    return LeafList(items=[_leaf(row) for row in rows], next=after)


def _leaf(row: SealedUnit) -> LeafOut:
    return LeafOut(position=row.position, unit=row.unit_id, commitment=bytes(row.commitment).hex())
