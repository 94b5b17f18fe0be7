"""Units: the masked list, one unit, its contact for a reason, leaving out and taking in again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_engine.errors import MinpingError, Place
from minping_web.common.import_flow import export_response
from minping_web.common.language import listed
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines
from minping_web.frames import exports
from minping_web.frames.forms import ExcludeForm, ReasonForm, SpecialForm, UnitFilterForm
from minping_web.frames.models import Unit
from minping_web.frames.selectors.frames import frame_of
from minping_web.frames.selectors.units import filtered, unit_of, units_seen
from minping_web.frames.services.contacts import list_special, view_contact
from minping_web.frames.services.exclusions import exclude, include
from minping_web.frames.views.answers import Ask, done, form_page, paged, tried

MOST_XLSX = 50_000


@page("frames.view")
def unit_list(request: ScopedRequest, frame_id: int) -> HttpResponse:
    """Units without any contact."""
    frame = frame_of(request.scope, frame_id)
    form = UnitFilterForm(request.GET or None, scope=request.scope)
    rows = filtered(units_seen(request.scope, frame.pk), form.filters())
    if "format" in request.GET:
        if request.GET["format"] == "xlsx" and rows[MOST_XLSX:].exists():
            messages.error(request, _("Too many rows for a workbook: narrow the list, or take CSV."))
            return redirect("frames:units", frame.pk)
        return export_response(request, exports.UNITS, map(_row, rows.iterator(chunk_size=5000)))
    context = {"frame": frame, "form": form, "page_obj": paged(request, rows)}
    return render(request, "frames/unit_list.html", context)


def _row(unit: Unit) -> dict[str, object]:
    return {
        "area": unit.area.code, "area_name": unit.area.name, "house_code": unit.house_code,
        "building": unit.building, "kind": unit.get_kind_display(),
        "instrument": unit.get_instrument_display(),
        "rater": unit.get_rater_display(), "has_contact": unit.has_contact,
        "excluded": unit.get_excluded_display() if unit.excluded else "",
    }  # fmt: skip


@page("frames.view")
def unit_page(request: ScopedRequest, frame_id: int, unit_id: UUID) -> HttpResponse:
    """One unit, masked."""
    return _unit_page(request, frame_id, unit_id)


@page("frames.contacts", methods=("GET", "POST"), fresh_factor=True)
def unit_contact(request: ScopedRequest, frame_id: int, unit_id: UUID) -> HttpResponse:
    """Its contact, once, for a reason; the page is the answer, since nothing of it may be kept.

    Who comes back from giving the second factor is led to the form.
    """
    if request.method != "POST":
        return redirect("frames:unit", frame_id, unit_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _unit_page(request, frame_id, unit_id, reason=form)
    try:
        contact = view_contact(request.scope, frame_id, unit_id, reason=form.cleaned_data["reason"])
    except MinpingError as error:
        return _unit_page(request, frame_id, unit_id, reason=form, error=error)
    return _unit_page(request, frame_id, unit_id, contact=contact)


def _unit_page(
    request: ScopedRequest,
    frame_id: int,
    unit_id: UUID,
    *,
    contact: object = None,
    reason: ReasonForm | None = None,
    error: MinpingError | None = None,
) -> HttpResponse:
    scope = request.scope
    context = {
        "frame": frame_of(scope, frame_id),
        "unit": unit_of(scope, frame_id, unit_id),
        "contact": contact,
        "form": reason or ReasonForm(),
        "problems": lines(error.problems) if error else [],
        "may_contact": scope.may("frames.contacts"),
        "may_edit": scope.may("frames.edit"),
    }
    wrong = error is not None or (reason is not None and bool(reason.errors))
    response = render(request, "frames/unit.html", context, status=422 if wrong else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


@page("frames.edit", methods=("GET", "POST"))
def unit_exclude(request: ScopedRequest, frame_id: int) -> HttpResponse:
    """Leave out units by their house codes."""
    frame = frame_of(request.scope, frame_id)
    ask = Ask(
        _("Exclude units"), _("Exclude"), reverse("frames:frame", args=[frame.pk]),
        _(
            "Excluded units are not in the population of the draw. "
            "More than a few of one area need a second person."
        ),
        _(
            "Only the listed reasons count. An exclusion can be taken back on the page of the unit "
            "while the frame is a draft."
        ),
        danger=True,
    )  # fmt: skip
    form = ExcludeForm(request.POST or None, initial={"houses": request.GET.get("house", "")})
    if not form.is_valid():
        return form_page(request, ask, form)
    try:
        ids = _ids_of(request, frame.pk, form.house_codes())
        data = form.cleaned_data
        proposal = exclude(request.scope, frame.pk, ids, reason=data["reason"], note=data["note"])
    except MinpingError as error:
        return form_page(request, ask, form, error=error)
    note = _("Proposed. A second person must approve.") if proposal else _("Excluded.")
    return done(request, note, "frames:frame", frame.pk)


def _ids_of(request: ScopedRequest, frame_id: int, houses: list[str]) -> list[UUID]:
    rows = units_seen(request.scope, frame_id, permission="frames.edit").filter(house_code__in=houses)
    found = dict(rows.values_list("house_code", "pk"))
    missing = [house for house in houses if house not in found]
    if missing:
        shown = listed(house[:60] for house in missing[:10])
        raise RefusedError.of("frame.house_unknown", Place(key="houses"), houses=shown, missing=len(missing))
    return list(found.values())


@page("frames.edit", methods=("POST",))
def unit_include(request: ScopedRequest, frame_id: int, unit_id: UUID) -> HttpResponse:
    """Take it in again."""
    unit = unit_of(request.scope, frame_id, unit_id, permission="frames.edit")
    return tried(
        request, lambda: include(request.scope, frame_id, [unit.pk]),
        _("The unit belongs to the population again."), "frames:unit", frame_id, unit.pk,
    )  # fmt: skip


@page("frames.contacts", methods=("GET", "POST"))
def special_list(request: ScopedRequest, frame_id: int) -> HttpResponse:
    """Special families, for a reason; the list is shown once and logged."""
    frame = frame_of(request.scope, frame_id)
    form = SpecialForm(request.POST or None, scope=request.scope)
    listed, problems = None, []
    if form.is_valid():
        area = form.areas.get(form.cleaned_data["area"])
        try:
            listed = list_special(
                request.scope,
                frame.pk,
                reason=form.cleaned_data["reason"],
                area_path=area.path if area else "",
            )
        except MinpingError as error:
            problems = lines(error.problems)
    context = {"frame": frame, "form": form, "listed": listed, "problems": problems}
    status = 422 if problems or form.errors else 200
    response = render(request, "frames/special.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
