"""Frames: the list, one frame with its coverage, edit, seal, retire, the list for outsiders."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_engine.errors import MinpingError
from minping_web.common.import_flow import export_response
from minping_web.common.pages import ScopedRequest, page
from minping_web.frames import exports
from minping_web.frames.forms import FrameFilterForm, FrameForm, ReasonForm
from minping_web.frames.models import Frame
from minping_web.frames.rules import HOUSEHOLDS_HIGH, HOUSEHOLDS_LOW, ORDINARY_TO_SPECIAL, WANTED_PER_AREA
from minping_web.frames.selectors.frames import (
    Coverage,
    count_seen_units,
    coverage,
    frame_of,
    frames_seen,
    imports_seen,
    totals,
)
from minping_web.frames.services.frames import edit_frame, retire_frame
from minping_web.frames.services.sealing import disclosed, propose_seal, reopen
from minping_web.frames.views.answers import Ask, done, form_page, paged, tried

OPEN_IMPORTS = ("checking", "checked", "refused", "loading")
WIDE_LEVELS = ("district", "street", "community")
COVERAGE_ROWS = 150
"""A district's streets and communities on one page; every grid on several."""


@page("frames.view")
def frame_list(request: ScopedRequest) -> HttpResponse:
    """All frames, newest first, and imports on their way."""
    form = FrameFilterForm(request.GET or None)
    rows = frames_seen(request.scope)
    if form.is_valid():
        rows = rows.filter(state=form.cleaned_data["state"]) if form.cleaned_data["state"] else rows
        rows = rows.filter(name__icontains=form.cleaned_data["search"])
    if "format" in request.GET:
        count_seen_units(request.scope, rows)
        return export_response(request, exports.FRAMES, map(_frame_row, rows))
    imports = imports_seen(request.scope).filter(state__in=OPEN_IMPORTS)[:20]
    page_obj = paged(request, rows)
    count_seen_units(request.scope, page_obj.object_list)
    context = {"page_obj": page_obj, "form": form, "imports": imports}
    return render(request, "frames/frame_list.html", context)


def _frame_row(frame: Frame) -> dict[str, object]:
    return {
        "name": frame.name, "as_of": frame.as_of, "state": frame.get_state_display(),
        "units": frame.seen_units,
        "needed_until": frame.needed_until, "root": bytes(frame.root).hex() if frame.root else "",
    }  # fmt: skip


@page("frames.view")
def frame_page(request: ScopedRequest, frame_id: int) -> HttpResponse:
    """One frame: figures, who can be drawn where, what can be done."""
    frame = frame_of(request.scope, frame_id)
    count_seen_units(request.scope, [frame])
    lines = coverage(request.scope, frame)
    if "format" in request.GET:
        return export_response(request, exports.COVERAGE, map(_coverage_row, lines))
    shown = lines if request.GET.get("all") else _overview(lines)
    with_units = [line for line in lines if line.holds_units]
    context = {
        "frame": frame,
        "root": bytes(frame.root).hex() if frame.root else "",
        "page_obj": Paginator(shown, COVERAGE_ROWS).get_page(request.GET.get("page")),
        "total": totals(lines),
        "areas": len(with_units),
        "short": [line for line in with_units if not line.enough][:20],
        "short_count": sum(not line.enough for line in with_units),
        "outside": sum(line.size_note != "" for line in with_units),
        "limits": (HOUSEHOLDS_LOW, HOUSEHOLDS_HIGH, WANTED_PER_AREA, ORDINARY_TO_SPECIAL),
        "may": {name: request.scope.may(f"frames.{name}") for name in ("edit", "seal", "contacts", "export")},
    }
    return render(request, "frames/frame.html", context)


def _overview(lines: list[Coverage]) -> list[Coverage]:
    """Down to communities; whoever sees only grids gets these."""
    return [line for line in lines if line.area.level in WIDE_LEVELS] or lines


def _coverage_row(line: Coverage) -> dict[str, object]:
    area = line.area
    shown = {name: line.counts[name] for name in ("household", "organisation", "member", "asked", "reachable",
                                                  "excluded")}  # fmt: skip
    return shown | {
        "code": area.code, "level": area.get_level_display(), "name": area.name,
        "households": line.households,
        "covered_percent": line.covered_percent, "drawable": line.drawable if line.holds_units else None,
    }  # fmt: skip


@page("frames.edit", methods=("GET", "POST"))
def frame_edit(request: ScopedRequest, frame_id: int) -> HttpResponse:
    """Name and end of purpose."""
    frame = frame_of(request.scope, frame_id)
    ask = Ask(
        _("Edit frame"), _("Save"), reverse("frames:frame", args=[frame.pk]),
        _("The day until which contacts are needed starts the clock that erases them."),
    )  # fmt: skip
    start = {"name": frame.name, "needed_until": frame.needed_until}
    form = FrameForm(request.POST or None, initial=start)
    if not form.is_valid():
        return form_page(request, ask, form)
    try:
        edit_frame(request.scope, frame.pk, **form.cleaned_data)
    except MinpingError as error:
        return form_page(request, ask, form, error=error)
    return done(request, _("Saved."), "frames:frame", frame.pk)


@page("frames.seal", methods=("GET", "POST"))
def frame_seal(request: ScopedRequest, frame_id: int) -> HttpResponse:
    """Propose to seal; a second person approves."""
    frame = frame_of(request.scope, frame_id)
    ask = Ask(
        _("Seal the frame"), _("Propose sealing"), reverse("frames:frame", args=[frame.pk]),
        _("A sealed frame never changes. A second person must approve; then the root enters the ledger."),
        _("Check the coverage report before. What is wrong afterwards can only be mended by a new frame."),
    )  # fmt: skip
    form = ReasonForm(request.POST or None)
    if not form.is_valid():
        return form_page(request, ask, form)
    try:
        propose_seal(request.scope, frame.pk, reason=form.cleaned_data["reason"])
    except MinpingError as error:
        return form_page(request, ask, form, error=error)
    return done(request, _("Proposed. A second person must approve."), "frames:frame", frame.pk)


@page("frames.seal", methods=("GET", "POST"))
def frame_retire(request: ScopedRequest, frame_id: int) -> HttpResponse:
    """Take a frame out of use, after a question."""
    frame = frame_of(request.scope, frame_id)
    ask = Ask(
        _("Take the frame out of use"), _("Take out of use"), reverse("frames:frame", args=[frame.pk]),
        _("This cannot be undone: contacts are erased when the clock of superseded frames runs out."),
        danger=True,
    )  # fmt: skip
    form = ReasonForm(request.POST or None)
    if not form.is_valid():
        return form_page(request, ask, form)
    try:
        retire_frame(request.scope, frame.pk, reason=form.cleaned_data["reason"])
    except MinpingError as error:
        return form_page(request, ask, form, error=error)
    return done(request, _("The frame is out of use."), "frames:frame", frame.pk)


@page("frames.seal", methods=("POST",))
def frame_reopen(request: ScopedRequest, frame_id: int) -> HttpResponse:
    """Make a frame whose sealing broke off a draft again."""
    frame = frame_of(request.scope, frame_id)
    return tried(
        request, lambda: reopen(request.scope, frame.pk), _("The frame is a draft again."),
        "frames:frame", frame.pk,
    )  # fmt: skip


@page("frames.view")
def frame_disclosed(request: ScopedRequest, frame_id: int) -> HttpResponse:
    """The list for outsiders, of a sealed frame, for whoever sees all of it."""
    frame = frame_of(request.scope, frame_id)
    if frame.root is None or not request.scope.reach("frames.view").whole:
        return HttpResponse(status=404)
    return export_response(request, exports.DISCLOSED, disclosed(frame))
