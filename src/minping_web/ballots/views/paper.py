"""Paper forms: overview, keying by keyboard, the third look, what may be shredded.

A code is posted and never stands in an address or a list; a sheet is named by its bundle and number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from minping_web.ballots.models import PaperSheet
from minping_web.ballots.rules.keying import COMMENT
from minping_web.ballots.rules.words import SheetReason, SheetState
from minping_web.ballots.selectors.paper import (
    DECIDE,
    KEY,
    SHRED,
    VIEW,
    agreed_sheets,
    bundles,
    different_sheets,
    keyers,
    paper_round,
    refusals,
    rounds_with_paper,
    waiting_sheets,
)
from minping_web.ballots.services.paper import Taken, decide, key, label_of, shred, take, third_look
from minping_web.ballots.services.paper_casting import count_now
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import ProblemLine, RefusedError, lines
from minping_web.instruments.rules.questionnaire import LONGEST_COMMENT


def _language() -> str:
    return get_language() or "zh-hans"


@page(VIEW)
def paper_list(request: ScopedRequest) -> HttpResponse:
    """Rounds with paper forms."""
    found = list(rounds_with_paper(request.scope))
    if len(found) == 1:
        return redirect("ballots:paper_round", found[0].pk)
    rows = [(survey_round, waiting_sheets(survey_round.pk)) for survey_round in found]
    return render(request, "ballots/paper_list.html", {"rows": rows})


@page(VIEW)
def paper_overview(request: ScopedRequest, round_id: int) -> HttpResponse:
    """How far the paper of a round is: bundles, refusals, who keyed how well."""
    survey_round, scope = paper_round(request.scope, round_id), request.scope
    context = {
        "survey_round": survey_round,
        "bundles": bundles(round_id),
        "refusals": [(SheetReason(reason).label, n) for reason, n in refusals(round_id)],
        "keyers": keyers(round_id),
        "different": different_sheets(scope, round_id).count(),
        "waiting": waiting_sheets(round_id),
        "agreed": agreed_sheets(round_id),
        "may": {name: scope.may(f"paper.{name}") for name in ("key", "decide", "shred")},
    }
    return render(request, "ballots/paper_round.html", context)


@page(KEY, methods=("GET", "POST"))
def paper_key(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Take a sheet by its code, then key it. The code is posted, so that no address holds it."""
    survey_round = paper_round(request.scope, round_id, KEY)
    if request.method != "POST":
        return _code_page(request, survey_round, request.GET.get("bundle", "")[:20])
    code, bundle = request.POST.get("code", "")[:200], request.POST.get("bundle", "")[:20]
    try:
        taken = take(request.scope, round_id, code)
    except RefusedError as refused:
        return _code_page(request, survey_round, bundle, refused)
    if "keyed" not in request.POST:
        return _keying_page(request, survey_round, taken, bundle)
    return _stored(request, survey_round, taken, bundle)


def _code_page(
    request: ScopedRequest, survey_round: Any, bundle: str, refused: RefusedError | None = None
) -> HttpResponse:
    problems = lines(refused.problems) if refused else []
    context = {"survey_round": survey_round, "bundle": bundle, "problems": problems}
    return render(request, "ballots/paper_code.html", context, status=422 if refused else 200)


def _keying_page(
    request: ScopedRequest, survey_round: Any, taken: Taken, bundle: str, refused: RefusedError | None = None
) -> HttpResponse:
    wrong = {problem.place.key for problem in refused.problems} if refused else set()
    typed = request.POST if refused else {}
    fields = [
        {"field": field, "typed": typed.get(field.name, ""), "wrong": field.name in wrong}
        for field in taken.fields(_language())
    ]
    asked = {field.name: f"{place}. {field.text}" for place, field in enumerate(taken.fields(_language()), 1)}
    context = {
        "survey_round": survey_round, "bundle": bundle, "taken": taken, "fields": fields,
        "problems": _named(refused, asked), "longest": LONGEST_COMMENT,
        "comment": typed.get(COMMENT, ""), "voted": taken.found.slip.spent and taken.sheet is None,
        "sheet": label_of(taken.sheet) if taken.sheet else "",
    }  # fmt: skip
    return render(request, "ballots/paper_key.html", context, status=422 if refused else 200)


def _named(refused: RefusedError | None, asked: Mapping[str, str]) -> list[ProblemLine]:
    """What is wrong, with the question's words instead of its field's name."""
    told = lines(refused.problems) if refused else []
    words = {COMMENT: _("Comment"), **asked}
    return [replace(line, where=words.get(line.where, line.where)) for line in told]


def _stored(request: ScopedRequest, survey_round: Any, taken: Taken, bundle: str) -> HttpResponse:
    typed = {name: str(value) for name, value in request.POST.items()}
    try:
        sheet = key(request.scope, survey_round.pk, taken.token, bundle=bundle, typed=typed)
    except RefusedError as refused:
        return _keying_page(request, survey_round, taken, bundle, refused)
    _tell(request, sheet)
    where = reverse("ballots:paper_key", args=[survey_round.pk])
    return redirect(f"{where}?{urlencode({'bundle': bundle})}" if bundle else where)


def _tell(request: ScopedRequest, sheet: PaperSheet) -> None:
    """What became of the sheet, and what to write on it."""
    label = label_of(sheet)
    if sheet.state == SheetState.ONCE:
        messages.success(
            request,
            _("Write “%(sheet)s” on the sheet. Somebody else keys it a second time.") % {"sheet": label},
        )
    elif sheet.state == SheetState.AGREED:
        messages.success(
            request, _("Sheet %(sheet)s: both keyings agree. It will be counted.") % {"sheet": label}
        )
    elif sheet.state == SheetState.DIFFERENT:
        messages.warning(
            request, _("Sheet %(sheet)s: the keyings differ. Somebody else looks at it.") % {"sheet": label}
        )
    else:
        why = sheet.get_reason_display()
        messages.warning(
            request,
            _("Sheet %(sheet)s is not counted: %(why)s. Write the number on it and put it into the bundle.")
            % {"sheet": label, "why": why},
        )


@page(DECIDE)
def paper_different(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Sheets whose two keyings differ."""
    survey_round = paper_round(request.scope, round_id, DECIDE)
    sheets = different_sheets(request.scope, round_id)
    context = {"survey_round": survey_round, "sheets": [(sheet, label_of(sheet)) for sheet in sheets],
               "me": request.scope.user_id}  # fmt: skip
    return render(request, "ballots/paper_different.html", context)


@page(DECIDE, methods=("GET", "POST"))
def paper_decide(request: ScopedRequest, sheet_id: UUID) -> HttpResponse:
    """Look at the sheet itself and decide field by field."""
    try:
        look = third_look(request.scope, sheet_id)
        if request.method == "POST":
            chosen = {name: str(value) for name, value in request.POST.items()}
            sheet = decide(request.scope, sheet_id, chosen)
            messages.success(request, _("Sheet %(sheet)s is decided.") % {"sheet": label_of(look.sheet)})
            return redirect("ballots:paper_different", sheet.round_id)
    except RefusedError as refused:
        return _decision(request, sheet_id, refused)
    return _decision(request, sheet_id)


def _decision(request: ScopedRequest, sheet_id: UUID, refused: RefusedError | None = None) -> HttpResponse:
    try:
        look = third_look(request.scope, sheet_id)
    except RefusedError as own:
        told = {"problems": lines(own.problems)}
        return render(request, "ballots/paper_decide.html", told, status=422)
    rows = [
        {"one": one, "name": one.field.name if one.field else COMMENT,
         "first": one.field.words_of(one.first) if one.field else one.first,
         "second": one.field.words_of(one.second) if one.field else one.second}
        for one in look.differing(_language())
    ]  # fmt: skip
    asked = {one.field.name: one.field.text for one in look.differing(_language()) if one.field}
    problems = _named(refused, asked)
    context = {"look": look, "sheet": look.sheet, "label": label_of(look.sheet), "rows": rows,
               "problems": problems, "longest": LONGEST_COMMENT}  # fmt: skip
    return render(request, "ballots/paper_decide.html", context, status=422 if refused else 200)


@page(DECIDE, methods=("POST",))
def paper_count(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Count agreed sheets now instead of with the next run of the job."""
    paper_round(request.scope, round_id, DECIDE)
    count_now(request.scope)
    messages.success(request, _("The agreed sheets are being counted."))
    return redirect("ballots:paper_round", round_id)


@page(SHRED, methods=("POST",))
def paper_shred(request: ScopedRequest, round_id: int, bundle_id: int) -> HttpResponse:
    """Note that a bundle was shredded."""
    paper_round(request.scope, round_id, SHRED)
    try:
        bundle = shred(request.scope, round_id, bundle_id)
    except RefusedError as refused:
        for told in lines(refused.problems):
            messages.error(request, f"{told.what} {told.mend}")
    else:
        messages.success(request, _("Bundle %(name)s is noted as shredded.") % {"name": bundle.name})
    return redirect("ballots:paper_round", round_id)
