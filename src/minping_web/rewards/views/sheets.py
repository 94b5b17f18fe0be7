"""Sheets: the list, one sheet, preparing, budget, signing, sending back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.common.edit_pages import asked, paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines
from minping_web.organisations.rules import yuan
from minping_web.rewards.exports import SHEETS, sheet_rows
from minping_web.rewards.forms import BudgetForm, ReasonForm, SignForm
from minping_web.rewards.models import Line, Sheet
from minping_web.rewards.rules.words import Family, LineState, SheetState
from minping_web.rewards.selectors.conversions import Conversion, conversions_of
from minping_web.rewards.selectors.hindrances import budgets_of
from minping_web.rewards.selectors.sheets import (
    EDIT,
    EXPORT,
    SIGN,
    VIEW,
    barred_from,
    certified_of,
    contract_lines,
    figures_of,
    lines_of,
    problems_of,
    seen_of,
    sheet_of,
    sheets_seen,
    statements_on,
    years,
)
from minping_web.rewards.services.lines import enter_budget
from minping_web.rewards.services.signing import about_signer, prepare, send_back, sign
from minping_web.rewards.views.acts import acted, formed

NOT_SIGNING = ("rewards.own_case", "rewards.own_budget")
"""Told on the page of the sheet in place of the button."""


@page(VIEW)
def sheet_list(request: ScopedRequest) -> HttpResponse:
    """All sheets that hold or wait; replaced ones on demand."""
    chosen = {name: asked(request, name, 40) for name in ("search", "family", "state", "year")}
    found = sheets_seen(request.scope, **chosen)
    if wants_export(request):
        return export_response(request, SHEETS, sheet_rows(found))
    waiting = sheets_seen(request.scope, state=SheetState.PREPARED).count()
    context = {
        "page_obj": paged(request, found),
        "chosen": chosen,
        "families": Family.choices,
        "states": SheetState.choices,
        "years": years(),
        "waiting": waiting if request.scope.may_everywhere(SIGN) else 0,
    }
    return render(request, "rewards/list.html", context)


@page(VIEW)
def sheet_page(request: ScopedRequest, reward_id: int) -> HttpResponse:
    """One sheet: what it pays or decides, why, who signed, what hinders."""
    sheet = sheet_of(request.scope, reward_id)
    search, state = asked(request, "search", 80), asked(request, "state", 12)
    context: dict[str, Any] = {
        "sheet": sheet,
        "figures": figures_of(sheet),
        "problems": lines(problems_of(sheet)),
        "page_obj": _shown(request, lines_of(sheet, search=search, state=state)),
        "is_whole": _wants_all(request),
        "search": search,
        "state": state,
        "line_states": LineState.choices,
        "barred": barred_from(sheet),
        "contracts": contract_lines(sheet),
        "certified": certified_of(sheet),
        "conversions": _conversions(sheet),
        "budgets": budgets_of(sheet) if sheet.has_money else [],
        "steps": sheet.steps.select_related("by"),
        "followed_by": sheet.followed_by.exclude(state=SheetState.REPLACED),
        **_allowed(request, sheet),
    }
    return render(request, "rewards/sheet.html", context)


def _wants_all(request: ScopedRequest) -> bool:
    """All lines on one page, as a paper to be signed or filed needs them."""
    return asked(request, "all", 1) == "1"


def _shown(request: ScopedRequest, found: QuerySet[Line]) -> Page[Line]:
    if not _wants_all(request):
        return paged(request, found)
    rows = list(found)
    return Paginator(rows, max(1, len(rows))).get_page(1)


def _conversions(sheet: Sheet) -> list[Conversion]:
    """Where the scores of this sheet enter."""
    if sheet.family != Family.CONVERSION:
        return []
    return conversions_of(sheet.scheme_id, sheet.text_zh)


def _allowed(request: ScopedRequest, sheet: Sheet) -> dict[str, Any]:
    """Which buttons stand there."""
    scope, draft = request.scope, sheet.state == SheetState.DRAFT
    signs = scope.may_everywhere(SIGN) and sheet.state == SheetState.PREPARED
    against = about_signer(scope, sheet) if sheet.state == SheetState.PREPARED else []
    return {
        "may_edit": scope.may_everywhere(EDIT) and draft,
        "may_budget": scope.may_everywhere(EDIT) and sheet.is_open and sheet.has_money,
        "may_sign": signs and not against,
        "is_maker": any(one.code == "rewards.same_person" for one in against),
        "not_signing": lines([one for one in against if signs and one.code in NOT_SIGNING]),
        "may_send_back": signs,
        "may_export": scope.may_everywhere(EXPORT) and sheet.is_signed,
        "may_supplement": scope.may_everywhere(EDIT)
        and sheet.is_signed
        and sheet.lines.filter(state=LineState.WITHHELD).exists(),
    }


@page(EDIT, methods=("POST",))
def sheet_prepare(request: ScopedRequest, reward_id: int) -> HttpResponse:
    """The draft is right; others may sign."""
    sheet = sheet_of(request.scope, reward_id)
    return acted(
        request,
        lambda: prepare(request.scope, sheet.pk),
        said=_("Prepared. It waits for the signatures of others."),
        back=reverse("rewards:sheet", args=[sheet.pk]),
    )


@page(SIGN, methods=("GET", "POST"))
def sheet_back(request: ScopedRequest, reward_id: int) -> HttpResponse:
    """Make it a draft again, with a reason."""
    sheet = sheet_of(request.scope, reward_id)
    return formed(
        request,
        ReasonForm(request.POST or None),
        lambda given: send_back(request.scope, sheet.pk, reason=given["reason"]),
        title=_("Send back"),
        lead=_("The sheet becomes a draft again; signatures that it has are void."),
        submit=_("Send back"),
        said=_("Sent back. Earlier signatures are void and stay in the history."),
        back=reverse("rewards:sheet", args=[sheet.pk]),
    )


@page(SIGN, methods=("GET", "POST"), fresh_factor=True)
def sheet_sign(request: ScopedRequest, reward_id: int) -> HttpResponse:
    """What is signed, once more in short; then the signature."""
    sheet = sheet_of(request.scope, reward_id)
    figures = figures_of(sheet)
    shown = {"seen": seen_of(sheet)}
    form = SignForm(request.POST or None, unsure=figures.unsure, initial=shown)
    problems = []
    if form.is_valid():
        given = form.cleaned_data
        try:
            sign(request.scope, sheet.pk, seen=given["seen"], not_told_apart=given.get("reason", ""))
        except RefusedError as refused:
            problems = lines(refused.problems)
            form = SignForm(unsure=figures.unsure, initial={**given, **shown, "read": False})
        else:
            messages.success(request, _("Signed and entered in the history of the sheet."))
            return redirect("rewards:sheet", sheet.pk)
    status = 422 if problems or form.errors else 200
    unsure = lines_of(sheet, state="unsure").filter(state=LineState.PROPOSED)[:50] if figures.unsure else []
    context = {"sheet": sheet, "figures": figures, "form": form, "problems": problems, "unsure": unsure,
               "said": statements_on(sheet)}  # fmt: skip
    return render(request, "rewards/sign.html", context, status=status)


@page(EDIT, methods=("GET", "POST"))
def sheet_budget(request: ScopedRequest, reward_id: int) -> HttpResponse:
    """How much may be paid for this use in this period."""
    sheet = sheet_of(request.scope, reward_id)
    told = {"use": sheet.text, "period": sheet.period, "total": yuan(sheet.total_fen)}
    return formed(
        request,
        BudgetForm(request.POST or None),
        lambda given: enter_budget(
            request.scope, sheet, fen=int(given["yuan"] * 100), source=given["source"]
        ),
        title=_("Budget of this use"),
        lead=_("For %(use)s in %(period)s. This sheet comes to %(total)s yuan.") % told,
        submit=_("Enter the budget"),
        said=_("Budget entered. The former entry stays in the record."),
        back=reverse("rewards:sheet", args=[sheet.pk]),
    )
