"""Single values with their source, findings for two persons, workbooks."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.appraisals.forms import BookForm, FindingForm, ReasonForm, ValueForm
from minping_web.appraisals.forms.evidence import what_choices
from minping_web.appraisals.imports import VALUES, rows
from minping_web.appraisals.rules.numbers import written
from minping_web.appraisals.selectors.evidence import (
    EDIT,
    VIEW,
    asked_of,
    assessees_of,
    finding_of,
    round_of,
    value_of,
    values_of,
)
from minping_web.appraisals.selectors.known import known_values
from minping_web.appraisals.services.books import propose_book
from minping_web.appraisals.services.findings import propose_finding, propose_taking_back, told_of
from minping_web.appraisals.services.reading import Upload, template_of
from minping_web.appraisals.services.values import ValueDraft, remove_value, save_values
from minping_web.common.edit_pages import asked, edited, paged
from minping_web.common.import_flow import XLSX_TYPE, export_response, file_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines
from minping_web.rounds.models import SurveyRound


@page(VIEW)
def value_list(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Facts, costs and visits of a round, each with its source."""
    found = round_of(request.scope, round_id)
    search, what = asked(request, "search", 60), asked(request, "what", 80)
    people, asks = assessees_of(found), asked_of(found)
    values = values_of(found, search=search, what=what)
    if wants_export(request):
        names = {one.id: one.name for one in people.values()}
        return export_response(request, VALUES, rows(values, names))
    page_obj = paged(request, values)
    titles = dict([*what_choices(asks), *what_choices(asks, costly=True)])
    for row in page_obj.object_list:
        one = people.get(row.assessee_id)
        row.who = one.name if one else row.assessee_id
        row.title = titles.get(f"{row.table}:{row.name}", row.name)
        row.shown = row.text or ("" if row.value_milli is None else written(row.value_milli))
    context = {
        "round": found, "page_obj": page_obj, "search": search, "what": what, "titles": titles.items(),
        "may_edit": request.scope.may_everywhere(EDIT),
    }  # fmt: skip
    return render(request, "appraisals/values.html", context)


@page(EDIT, methods=("GET", "POST"))
def value_edit(request: ScopedRequest, round_id: int, value_id: int = 0) -> HttpResponse:
    """Enter one value, or change it."""
    found = round_of(request.scope, round_id)
    form = ValueForm(
        request.POST or None, asked=asked_of(found), people=assessees_of(found),
        initial=_initial(request, found, value_id),
    )  # fmt: skip

    def save() -> str:
        save_values(request.scope, found, [form.draft])
        return reverse("appraisals:values", args=[found.pk])

    context = {
        "title": _("Change a value") if value_id else _("Enter a value"),
        "lead": _("Facts that cost somebody points, grade or post are not here: they take two persons."),
        "back": reverse("appraisals:values", args=[found.pk]),
    }
    return edited(request, form, save=save, context=context)


def _initial(request: ScopedRequest, found: SurveyRound, value_id: int) -> dict[str, object]:
    if not value_id:
        return {"what": asked(request, "what", 80)}
    row = value_of(found, value_id)
    return {
        "assessee": row.assessee_id, "what": f"{row.table}:{row.name}",
        "value": row.text or ("" if row.value_milli is None else written(row.value_milli)),
        "spread": "" if row.spread_milli is None else written(row.spread_milli),
        "document": row.document, "link": row.link,
    }  # fmt: skip


@page(EDIT, methods=("POST",))
def value_remove(request: ScopedRequest, round_id: int, value_id: int) -> HttpResponse:
    """Take a value out; the list of changes can bring it back."""
    found = round_of(request.scope, round_id)
    try:
        remove_value(request.scope, found, value_of(found, value_id))
        messages.success(request, _("Taken out. The list of changes can undo this."))
    except RefusedError as refused:
        for line in lines(refused.problems):
            messages.error(request, f"{line.what} {line.mend}")
    return redirect("appraisals:values", found.pk)


@page(EDIT, methods=("POST",))
def take_known(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Take what the registers know, so that nobody types it."""
    found = round_of(request.scope, round_id)
    drafts = [
        ValueDraft(one.assessee_id, one.what, one.value, one.source, is_counted=True)
        for one in known_values(found)
    ]
    try:
        n = save_values(
            request.scope, found, drafts, _("From the registers: %(round)s") % {"round": found.name}
        )
        messages.success(request, _("%(n)s values taken from the registers.") % {"n": n})
    except RefusedError as refused:
        for line in lines(refused.problems):
            messages.error(request, f"{line.what} {line.mend}")
    return redirect("appraisals:values", found.pk)


@page(EDIT, methods=("GET", "POST"))
def finding_new(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Propose a finding that costs somebody something."""
    found = round_of(request.scope, round_id)
    form = FindingForm(request.POST or None, asked=asked_of(found), people=assessees_of(found))

    def save() -> str:
        made = propose_finding(request.scope, found, form.draft)
        return reverse("appraisals:finding", args=[made.pk])

    context = {
        "title": _("New finding"),
        "lead": _(
            "It counts only when a second person has approved it. The person concerned is heard first."
        ),
        "back": reverse("appraisals:round", args=[found.pk]),
    }
    said = _("Proposed. A second person decides under “Approvals”.")
    return edited(request, form, save=save, context=context, said=said)


@page(VIEW)
def finding_page(request: ScopedRequest, finding_id: int) -> HttpResponse:
    """One finding with the hearing, who proposed and who decided."""
    finding = finding_of(request.scope, finding_id)
    fact = asked_of(finding.round).fact(finding.fact)
    one = assessees_of(finding.round).get(finding.assessee_id)
    context = {
        "finding": finding,
        "round": finding.round,
        "title": fact.title if fact else finding.fact,
        "amount": written(finding.amount_milli),
        "who": one.name if one else finding.assessee_id,
        "told": told_of(finding),
        "may_edit": request.scope.may_everywhere(EDIT),
    }
    return render(request, "appraisals/finding.html", context)


@page(EDIT, methods=("GET", "POST"))
def finding_take_back(request: ScopedRequest, finding_id: int) -> HttpResponse:
    """Propose to take a finding back."""
    finding = finding_of(request.scope, finding_id)
    form = ReasonForm(request.POST or None)

    def save() -> str:
        propose_taking_back(request.scope, finding, reason=form.cleaned_data["reason"])
        return reverse("appraisals:finding", args=[finding.pk])

    context = {"title": _("Take back a finding"), "back": reverse("appraisals:finding", args=[finding.pk])}
    said = _("Proposed. A second person decides under “Approvals”.")
    return edited(request, form, save=save, context=context, said=said)


@page(VIEW)
def book_template(request: ScopedRequest, round_id: int) -> HttpResponse:
    """The empty workbook of the round's scheme."""
    found = round_of(request.scope, round_id)
    return file_response(
        template_of(found), f"evidence-{found.scheme_id_wanted}-{found.period}.xlsx", XLSX_TYPE
    )


@page(EDIT, methods=("GET", "POST"))
def book_upload(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Bring a filled workbook: all faults at once, or a proposal for a second person."""
    found = round_of(request.scope, round_id)
    form = BookForm(request.POST or None, request.FILES or None)

    def save() -> str:
        file = form.cleaned_data["file"]
        propose_book(request.scope, found, Upload(file.name, file.read(), form.cleaned_data["replaces"]))
        return reverse("appraisals:round", args=[found.pk])

    context = {
        "title": _("Bring a workbook"),
        "round": found,
        "back": reverse("appraisals:round", args=[found.pk]),
    }
    said = _("Proposed. A second person decides under “Approvals”.")
    return edited(request, form, save=save, context=context, said=said, template="appraisals/book.html")
