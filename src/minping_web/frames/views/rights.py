"""Requests of residents about their own data, and the retention clocks."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_engine.errors import MinpingError
from minping_web.common.clock import today
from minping_web.common.import_flow import export_response
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import lines
from minping_web.frames import exports
from minping_web.frames.forms import ContactForm, HoldForm, ReasonForm, RequestFilterForm, RequestForm
from minping_web.frames.models import LegalHold, ResidentRequest
from minping_web.frames.rules import REQUEST_WORKING_DAYS
from minping_web.frames.selectors.clocks import (
    clocks,
    erasures,
    live_holds,
    other_clocks,
    other_erasures,
    upcoming,
)
from minping_web.frames.selectors.requests import request_of, requests_seen, units_of
from minping_web.frames.services import requests as services
from minping_web.frames.services.retention import hold, lift
from minping_web.frames.services.sealed_contacts import Contact
from minping_web.frames.views.answers import Ask, done, form_page, paged, tried

PERMISSION = "frames.requests"


@page(PERMISSION)
def request_list(request: ScopedRequest) -> HttpResponse:
    """All requests, open ones first."""
    form = RequestFilterForm(request.GET or None)
    rows = requests_seen(request.scope, **(form.cleaned_data if form.is_valid() else {}))
    if "format" in request.GET:
        return export_response(request, exports.REQUESTS, map(_row, rows))
    context = {"form": form, "page_obj": paged(request, rows), "today": today()}
    return render(request, "frames/request_list.html", context)


def _row(found: ResidentRequest) -> dict[str, object]:
    return {
        "number": str(found), "kind": found.get_kind_display(), "channel": found.get_channel_display(),
        "received_on": found.received_on, "due_on": found.due_on, "state": found.get_state_display(),
    }  # fmt: skip


@page(PERMISSION, methods=("GET", "POST"))
def request_new(request: ScopedRequest) -> HttpResponse:
    """Take a request."""
    ask = Ask(
        _("New request of a resident"), _("Find the household"), reverse("frames:requests"),
        _("The answer is due within %(days)s working days.") % {"days": REQUEST_WORKING_DAYS},
        _("Make sure who asks before you go on. The search by phone is logged."),
    )  # fmt: skip
    form = RequestForm(request.POST or None)
    if not form.is_valid():
        return form_page(request, ask, form)
    data = dict(form.cleaned_data)
    try:
        made = services.open_request(request.scope, data.pop("kind"), data.pop("phone"), **data)
    except MinpingError as error:
        return form_page(request, ask, form, error=error)
    return done(request, _("The request is open."), "frames:request", made.pk)


@page(PERMISSION)
def request_page(request: ScopedRequest, request_id: UUID) -> HttpResponse:
    """One request and what can be done."""
    found = request_of(request.scope, request_id)
    context = {"found": found, "units": units_of(found), "today": today(), "form": ReasonForm()}
    return render(request, "frames/request.html", context)


@page(PERMISSION, methods=("GET", "POST"), fresh_factor=True)
def request_show(request: ScopedRequest, request_id: UUID) -> HttpResponse:
    """The answer on paper: everything that is held, shown once and logged."""
    if request.method != "POST":  # back from giving the second factor
        return redirect("frames:request", request_id)
    held = services.show_held(request.scope, request_id)
    context = {"found": request_of(request.scope, request_id), "held": held, "today": today()}
    response = render(request, "frames/request_paper.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


@page(PERMISSION, methods=("GET", "POST"), fresh_factor=True)
def request_correct(request: ScopedRequest, request_id: UUID) -> HttpResponse:
    """Enter the right contact."""
    found = request_of(request.scope, request_id)
    ask = Ask(
        _("Correct the contact"), _("Correct"), reverse("frames:request", args=[found.pk]),
        _("What you enter replaces what is held for every unit that was found; an empty field is erased."),
    )  # fmt: skip
    form = ContactForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return form_page(request, ask, form)
    try:
        services.correct(request.scope, found.pk, Contact(**form.cleaned_data))
    except MinpingError as error:
        return form_page(request, ask, form, error=error)
    return done(request, _("Corrected."), "frames:request", found.pk)


@page(PERMISSION, methods=("GET", "POST"), fresh_factor=True)
def request_delete(request: ScopedRequest, request_id: UUID) -> HttpResponse:
    """Delete."""
    if request.method != "POST":  # back from giving the second factor
        return redirect("frames:request", request_id)
    return tried(
        request, lambda: services.delete(request.scope, request_id),
        _("Deleted in every frame. Proofs of sealed frames stay valid."), "frames:request", request_id,
    )  # fmt: skip


@page(PERMISSION, methods=("POST",))
def request_refuse(request: ScopedRequest, request_id: UUID) -> HttpResponse:
    """Refuse with a reason."""
    form = ReasonForm(request.POST)
    form.is_valid()
    reason = form.cleaned_data.get("reason", "")
    return tried(
        request, lambda: services.refuse(request.scope, request_id, reason=reason),
        _("Refused with a reason."), "frames:request", request_id,
    )  # fmt: skip


@page("frames.view")
def clock_page(request: ScopedRequest) -> HttpResponse:
    """What is erased when, what was erased, what is on hold."""
    return _clock_page(request, HoldForm())


@page("frames.seal", methods=("POST",))
def clock_hold(request: ScopedRequest) -> HttpResponse:
    """Hold the clocks of a frame."""
    form = HoldForm(request.POST)
    if not form.is_valid():
        return _clock_page(request, form)
    data = form.cleaned_data
    try:
        hold(request.scope, data["frame"].pk, reason=data["reason"], until=data["until"])
    except MinpingError as error:
        return _clock_page(request, form, error)
    return done(request, _("The clocks of this frame are on hold."), "frames:clocks")


def _clock_page(request: ScopedRequest, form: HoldForm, error: MinpingError | None = None) -> HttpResponse:
    context = {
        "clocks": clocks(),
        "upcoming": upcoming(today())[:50],
        "holds": live_holds(today()),
        "page_obj": paged(request, erasures()),
        "other_clocks": other_clocks(),
        "other_erasures": other_erasures(),
        "form": form,
        "may_hold": request.scope.may("frames.seal"),
        "problems": lines(error.problems) if error else [],
    }
    return render(request, "frames/clocks.html", context, status=422 if error or form.errors else 200)


@page("frames.seal", methods=("POST",))
def clock_lift(request: ScopedRequest, hold_id: int) -> HttpResponse:
    """Lift a hold."""
    get_object_or_404(LegalHold, pk=hold_id)
    return tried(request, lambda: lift(request.scope, hold_id), _("The clocks run again."), "frames:clocks")
