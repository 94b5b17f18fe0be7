"""Exports of signed sheets, and the log of all that were taken."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.common.edit_pages import asked, paged
from minping_web.common.import_flow import XLSX_TYPE, export_response, file_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines
from minping_web.rewards.exports import TAKEN, taken_rows
from minping_web.rewards.forms import ExportForm
from minping_web.rewards.models import PayrollExport
from minping_web.rewards.selectors.sheets import EXPORT, VIEW, sheet_of, sheets_seen
from minping_web.rewards.services.exporting import take_export

TYPES = {"xlsx": XLSX_TYPE, "csv": "text/csv; charset=utf-8"}


@page(EXPORT, methods=("GET", "POST"), fresh_factor=True)
def sheet_export(request: ScopedRequest, reward_id: int) -> HttpResponse:
    """Take the lines of a signed sheet as a file, after a reason was given."""
    sheet = sheet_of(request.scope, reward_id)
    form, problems = ExportForm(request.POST or None), []
    if form.is_valid():
        given = form.cleaned_data
        try:
            taken = take_export(request.scope, sheet.pk, reason=given["reason"], form=given["form"])
        except RefusedError as refused:
            problems = lines(refused.problems)
        else:
            return file_response(taken.content, taken.name, TYPES[given["form"]])
    context = {
        "form": form,
        "problems": problems,
        "title": _("Export for payroll") if sheet.has_money else _("Export the signed sheet"),
        "lead": _(
            "Names and amounts leave the product: who took them, when and why is kept, also in the ledger."
        ),
        "submit": _("Take the file"),
        "back": reverse("rewards:sheet", args=[sheet.pk]),
    }
    return render(request, "rewards/act.html", context, status=422 if problems or form.errors else 200)


@page(VIEW)
def export_log(request: ScopedRequest) -> HttpResponse:
    """Who took which file, when, why."""
    seen = sheets_seen(request.scope, state="signed")
    found = PayrollExport.objects.filter(sheet__in=seen.values("pk")).select_related("sheet", "by")
    if search := asked(request, "search", 80):
        found = found.filter(reason__icontains=search)
    if wants_export(request):
        return export_response(request, TAKEN, taken_rows(found))
    return render(request, "rewards/exports.html", {"page_obj": paged(request, found), "search": search})
