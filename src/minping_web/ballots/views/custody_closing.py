"""Closing a round: how far it is, ending the voting, bringing a key."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from minping_web.ballots.models import RoundClosing
from minping_web.ballots.selectors.closings import closing_page, waiting_early_end
from minping_web.ballots.selectors.handovers import handed_over, orphaned
from minping_web.ballots.selectors.paper import agreed_sheets, waiting_sheets
from minping_web.ballots.services import closing
from minping_web.ballots.services.custody import CUSTODIAN
from minping_web.ballots.services.early_end import propose_early_end
from minping_web.ballots.services.paper_casting import count_before_end
from minping_web.ballots.views.custody_forms import KeyFileForm, ReasonForm, named
from minping_web.common.clock import now
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import ProblemLine, RefusedError, lines
from minping_web.common.scope import Scope
from minping_web.places.selectors.areas import called_by_code
from minping_web.rounds.models import SurveyRound

ROWS = 50


@page(CUSTODIAN)
def closing_state(request: ScopedRequest, round_id: int) -> HttpResponse:
    """The steps of one closing, who is custodian, what will be destroyed, what was counted."""
    found = closing_page(round_id)
    rows = found.closing.counts if found.closing else []
    areas = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    names = called_by_code(row["area"] for row in areas.object_list)
    areas.object_list = [{**row, "name": names.get(row["area"], "")} for row in areas.object_list]
    context = {
        "page": found,
        "round": found.round,
        "closing": found.closing,
        "problems": lines([found.problem]) if found.problem else [],
        "may_start": found.may_start and request.scope.may(closing.START),
        "may_end_early": found.may_end_early and request.scope.may(closing.START),
        "is_holder": any(one.user_id == request.scope.user_id for one in found.holders),
        "proposed": waiting_early_end(round_id) if found.may_end_early else None,
        "orphaned": orphaned(round_id=round_id),
        "handed_over": handed_over(round_id),
        "brought": _brought(found.closing, request.scope.user_id),
        "areas": areas if rows else None,
    }
    return render(request, "ballots/closing.html", context)


def _brought(found: RoundClosing | None, user_id: int | None) -> bool:
    """Whether this user has brought a key already."""
    first = found.first_custodian if found else None
    return first is not None and first.user_id == user_id


@page(closing.START, methods=("GET", "POST"), fresh_factor=True)
def closing_start(request: ScopedRequest, round_id: int) -> HttpResponse:
    """End the voting, after a question; before its announced end a second person is asked, with a reason."""
    found, problems = closing_page(round_id), list[ProblemLine]()
    typed = request.POST if request.method == "POST" else None
    form = ReasonForm(typed) if found.may_end_early else None
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            said = _end(request.scope, round_id, form)
        except RefusedError as error:
            problems = named(error, form)
        else:
            messages.success(request, said)
            return redirect("ballots:closing", round_id=round_id)
    context = {
        "round": found.round, "page": found, "problems": problems, "paper": waiting_sheets(round_id),
        "form": form, "count": _to_count(found.round),
    }  # fmt: skip
    refused = problems or (form is not None and form.errors)
    return render(request, "ballots/closing_start.html", context, status=422 if refused else 200)


@page(closing.START, methods=("POST",))
def closing_count(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Count agreed paper sheets now, so that the voting can be ended."""
    closing_page(round_id)
    count_before_end(request.scope)
    messages.success(request, _("The agreed sheets are being counted."))
    return redirect("ballots:closing_start", round_id=round_id)


def _to_count(survey_round: SurveyRound) -> dict[str, Any] | None:
    """Agreed sheets that must be counted before the end, and whether they have to wait."""
    sheets = agreed_sheets(survey_round.pk)
    if not sheets:
        return None
    waits = survey_round.state == SurveyRound.State.STOPPED and now() <= survey_round.closes_at
    return {"sheets": sheets, "waits": waits}


def _end(scope: Scope, round_id: int, form: ReasonForm | None) -> str:
    """End, or propose to; what to say then."""
    if form is None:
        closing.start_closing(scope, round_id)
        return _("Voting has ended. Now two custodians bring their keys.")
    propose_early_end(scope, round_id, reason=form.cleaned_data["reason"])
    return _("Proposed. Voting goes on until a second person has approved.")


@sensitive_post_parameters()
@page(CUSTODIAN, methods=("GET", "POST"), fresh_factor=True)
def closing_key(request: ScopedRequest, round_id: int) -> HttpResponse:
    """A custodian brings the key file."""
    found = closing_page(round_id)
    form = KeyFileForm(request.POST or None, request.FILES or None)
    problems: list[ProblemLine] = []
    if form.is_valid():
        try:
            row = closing.bring_key(
                request.scope, round_id, form.cleaned_data["file"], form.cleaned_data["passphrase"]
            )
        except RefusedError as error:
            problems = named(error, form)
        else:
            messages.success(request, _said(row))
            return redirect("ballots:closing", round_id=round_id)
    status = 422 if problems or form.errors else 200
    context = {"round": found.round, "page": found, "form": form, "problems": problems}
    return render(request, "ballots/closing_key.html", context, status=status)


def _said(row: RoundClosing) -> str:
    if row.second_custodian_id:
        return _("Both keys are here: the count has begun.")
    return _("Your half is open. Now one of the two other custodians brings the second key.")
