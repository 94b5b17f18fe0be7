"""The history of a round, and what may be done to it out of the ordinary."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.common.edit_pages import paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.rounds import exports
from minping_web.rounds.forms import AreaReasonForm, ExtendForm, PostponeForm, ReasonForm, ReprintForm
from minping_web.rounds.models import Accident, SurveyRound
from minping_web.rounds.rules.words import TWO_PERSONS, AccidentKind
from minping_web.rounds.selectors.rounds import accidents_of, round_of
from minping_web.rounds.services import accidents
from minping_web.rounds.services.acts import propose_accident
from minping_web.rounds.views.answers import Ask, asked
from minping_web.rounds.views.rounds import may
from minping_web.rounds.views.wizard import not_now

State = SurveyRound.State
OFFERED: dict[AccidentKind, tuple[State, ...]] = {
    AccidentKind.POSTPONE: (State.FIXED, State.DRAWN),
    AccidentKind.EXTEND: (State.OPEN, State.STOPPED),
    AccidentKind.STOP: (State.OPEN,),
    AccidentKind.RESUME: (State.STOPPED,),
    AccidentKind.STOP_AREA: (State.DRAWN, State.OPEN, State.STOPPED),
    AccidentKind.RERUN: (State.DRAWN, State.OPEN, State.STOPPED),
    AccidentKind.REPRINT: (State.DRAWN, State.OPEN),
    AccidentKind.CANCEL: (State.FIXED, State.DRAWN, State.OPEN, State.STOPPED),
}
"""What the page offers in which state; revoking a batch stands beside the batch."""
DANGEROUS = (AccidentKind.CANCEL, AccidentKind.RERUN, AccidentKind.STOP)


@page("rounds.view")
def history(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Everything that was done, newest first, and what can be done now."""
    found = round_of(request.scope, round_id)
    rows = accidents_of(found)
    if wants_export(request):
        return export_response(request, exports.ACCIDENTS, map(_row, rows))
    offered = [kind for kind, states in OFFERED.items() if found.state in states]
    context = {
        "round": found, "page_obj": paged(request, rows), "may": may(request),
        "offered": [(kind.value, _title(kind), _lead(kind), kind in TWO_PERSONS) for kind in offered],
    }  # fmt: skip
    return render(request, "rounds/history.html", context)


def _row(one: Accident) -> dict[str, object]:
    return {
        "at": one.at.strftime("%Y-%m-%d %H:%M"), "kind": one.get_kind_display(), "reason": one.reason,
        "area": one.area.name if one.area else "", "by": str(one.by or ""),
    }  # fmt: skip


@page("rounds.accident", methods=("GET", "POST"))
def accident(request: ScopedRequest, round_id: int, kind: str) -> HttpResponse:
    """One kind of accident: a form with a reason; done at once or proposed."""
    found = round_of(request.scope, round_id)
    if kind not in AccidentKind.values or AccidentKind(kind) not in OFFERED:
        raise Http404
    wanted = AccidentKind(kind)
    if early := not_now(request, found, _title(wanted), OFFERED[wanted]):
        return early
    form = _form(wanted, found, request)
    two = wanted in TWO_PERSONS
    ask = Ask(
        _title(wanted), _("Propose") if two else _("Do it"), _lead(wanted),
        (_("The reason stays with the round and enters the log."),), found, wanted in DANGEROUS,
        _("A second person must approve.") if two else "",
    )  # fmt: skip
    said = _("Proposed. A second person must approve.") if two else _("Done, and entered into the log.")
    return asked(
        request, ask, form, _act(request, found, wanted, form), said=said,
        target=lambda: reverse("rounds:history", args=[found.pk]),
    )  # fmt: skip


def _form(kind: AccidentKind, found: SurveyRound, request: ScopedRequest) -> forms.Form:
    if kind == AccidentKind.POSTPONE:
        return PostponeForm(request.POST or None)
    if kind == AccidentKind.EXTEND:
        return ExtendForm(request.POST or None, initial={"closes_at": found.closes_at})
    if kind == AccidentKind.REPRINT:
        return ReprintForm(request.scope, request.POST or None)
    if kind in (AccidentKind.STOP_AREA, AccidentKind.RERUN):
        return AreaReasonForm(found, request.POST or None)
    return ReasonForm(request.POST or None)


def _act(
    request: ScopedRequest, found: SurveyRound, kind: AccidentKind, form: forms.Form
) -> Callable[[], object]:
    scope, key = request.scope, found.pk

    def act() -> object:
        told = form.cleaned_data
        reason = told["reason"]
        if kind in TWO_PERSONS:
            return propose_accident(scope, key, kind, reason=reason, **_wanted(form))
        if kind == AccidentKind.POSTPONE:
            return accidents.postpone(scope, key, days=told["days"], reason=reason)
        if kind == AccidentKind.STOP_AREA:
            return accidents.stop_area(scope, key, told["area"].pk, reason=reason)
        return (accidents.stop if kind == AccidentKind.STOP else accidents.resume)(scope, key, reason=reason)

    return act


def _wanted(form: forms.Form) -> dict[str, object]:
    if isinstance(form, ExtendForm):
        return {"closes_at": form.moment.isoformat()}
    if isinstance(form, ReprintForm):
        told = form.cleaned_data
        area = {"area": told["area"].pk} if told["area"] else {}
        return {**area, "office": told["office"], "telephone": told["telephone"]}
    if isinstance(form, AreaReasonForm):
        return {"area": form.cleaned_data["area"].pk}
    return {}


def _title(kind: AccidentKind) -> str:
    return {
        AccidentKind.POSTPONE: _("Postpone"),
        AccidentKind.EXTEND: _("Extend"),
        AccidentKind.STOP: _("Stop the round"),
        AccidentKind.RESUME: _("Go on with the round"),
        AccidentKind.STOP_AREA: _("Stop one area"),
        AccidentKind.RERUN: _("Ask one area again"),
        AccidentKind.REPRINT: _("Print letters again"),
        AccidentKind.CANCEL: _("Cancel the round"),
    }[kind]


def _lead(kind: AccidentKind) -> str:
    return {
        AccidentKind.POSTPONE: _("Beginning and end move by the same number of days."),
        AccidentKind.EXTEND: _("Votes are taken until a later moment."),
        AccidentKind.STOP: _("No vote is taken until somebody goes on; votes given stay."),
        AccidentKind.RESUME: _("Votes are taken again."),
        AccidentKind.STOP_AREA: _("The area takes no more votes; those given count."),
        AccidentKind.RERUN: _("The area's votes are not counted; a new round for it alone is drafted."),
        AccidentKind.REPRINT: _("New letters with new codes for households that did not answer."),
        AccidentKind.CANCEL: _("All votes are discarded and all keys destroyed. It cannot be undone."),
    }[kind]
