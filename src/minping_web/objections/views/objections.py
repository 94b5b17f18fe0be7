"""One objection: its page with the way it went, evidence, check, decision."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.common.clock import today
from minping_web.common.edit_pages import edited
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines
from minping_web.objections.exports import who_of
from minping_web.objections.forms import CheckForm, DecisionForm, EvidenceForm, ReopenForm
from minping_web.objections.rules.terms import MOST_FILES, working_days_left
from minping_web.objections.selectors.cells import choices_of
from minping_web.objections.selectors.objections import (
    may_check,
    may_decide,
    may_read_evidence,
    objection_of,
)
from minping_web.objections.selectors.previews import DECIDE, VIEW, terms_of
from minping_web.objections.selectors.standing import may_reopen
from minping_web.objections.services.evidence import open_file
from minping_web.objections.services.filing import add_evidence, withdraw
from minping_web.objections.services.reviewing import check, decide, reopen


@page()
def objection_page(request: ScopedRequest, objection_id: int) -> HttpResponse:
    """What was objected to, where it stands, how it was decided."""
    found, scope = objection_of(request.scope, objection_id), request.scope
    terms = terms_of(found.preview.run)
    is_filer = found.filed_by_id == scope.user_id
    context = {
        "one": found,
        "who": who_of(found),
        "nodes": terms.nodes,
        "node": terms.nodes[found.node],
        "reviews": found.reviews.select_related("by"),
        "remedies": found.remedies.all(),
        "exclusions": found.exclusions.select_related("area", "proposal"),
        "evidence": found.evidence.all(),
        "may_read_evidence": may_read_evidence(scope, found),
        "may_check": may_check(scope, found),
        "may_decide": may_decide(scope, found),
        "is_filer": is_filer,
        "evidence_form": EvidenceForm()
        if is_filer and found.is_open and found.evidence.count() < MOST_FILES
        else None,
        "is_overdue": found.is_overdue(today()),
        "days_left": working_days_left(today(), found.due_on),
        "sees_all": scope.may_everywhere(VIEW),
        "may_reopen": scope.may_everywhere(DECIDE) and may_reopen(found),
    }
    return render(request, "objections/objection.html", context)


@page(methods=("POST",))
def evidence_add(request: ScopedRequest, objection_id: int) -> HttpResponse:
    """More files by the objector."""
    found = objection_of(request.scope, objection_id)
    if found.filed_by_id != request.scope.user_id:
        raise Http404
    form = EvidenceForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            add_evidence(request.scope, found, form.cleaned_data["evidence"])
        except RefusedError as refused:
            for line in lines(refused.problems):
                messages.error(request, f"{line.what} {line.mend}")
        else:
            messages.success(request, _("Added."))
    return redirect("objections:objection", found.pk)


@page()
def evidence_file(request: ScopedRequest, evidence_id: int) -> HttpResponse:
    """A file, as a download, for the objector and those who check or decide."""
    found, content = open_file(request.scope, evidence_id)
    response = HttpResponse(content, content_type=found.media_type)
    ending = found.name.rpartition(".")[2].lower()
    response.headers["Content-Disposition"] = f'attachment; filename="evidence-{found.pk}.{ending}"'
    return response


@page(methods=("GET", "POST"))
def objection_withdraw(request: ScopedRequest, objection_id: int) -> HttpResponse:
    """Take it back."""
    found = objection_of(request.scope, objection_id)
    if found.filed_by_id != request.scope.user_id:
        raise Http404
    back, problems = reverse("objections:objection", args=[found.pk]), []
    if request.method == "POST":
        try:
            withdraw(request.scope, found)
        except RefusedError as refused:
            problems = lines(refused.problems)
        else:
            messages.success(request, _("Withdrawn."))
            return redirect(back)
    context = {
        "title": _("Withdraw the objection"), "back": back, "problems": problems, "submit": _("Withdraw"),
        "lead": _("It stays in the record and cannot be taken up again. A new one needs an open window."),
    }  # fmt: skip
    return render(request, "minping/confirm.html", context, status=422 if problems else 200)


@page(methods=("GET", "POST"))
def objection_check(request: ScopedRequest, objection_id: int) -> HttpResponse:
    """Say what the evidence shows."""
    found = objection_of(request.scope, objection_id)
    if not may_check(request.scope, found):
        raise Http404
    form, back = CheckForm(request.POST or None), reverse("objections:objection", args=[found.pk])

    def save() -> str:
        given = form.cleaned_data
        check(request.scope, found, given["findings"], advises=given["advises"])
        return back

    context = {"title": _("Check the evidence"), "lead": found.text, "back": back}
    return edited(request, form, save=save, context=context, said=_("Passed on to the next review."))


@page(DECIDE, methods=("GET", "POST"), fresh_factor=True)
def objection_decide(request: ScopedRequest, objection_id: int) -> HttpResponse:
    """Decide with reasons, and say what changes."""
    found = objection_of(request.scope, objection_id)
    if not may_decide(request.scope, found):
        raise Http404
    form = DecisionForm(request.POST or None, offered=choices_of(found))
    problems, status = [], 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            decide(request.scope, found, form.decision())
        except RefusedError as refused:
            problems = lines(refused.problems)
        else:
            messages.success(request, _("Decided."))
            return redirect("objections:objection", found.pk)
    context = {
        "one": found,
        "who": who_of(found),
        "form": form,
        "problems": problems,
        "reviews": found.reviews.select_related("by"),
        "terms": terms_of(found.preview.run),
    }
    return render(request, "objections/decide.html", context, status=status)


@page(DECIDE, methods=("GET", "POST"))
def objection_reopen(request: ScopedRequest, objection_id: int) -> HttpResponse:
    """Have somebody else decide anew what nobody signed."""
    found = objection_of(request.scope, objection_id)
    if not may_reopen(found):
        raise Http404
    form, back = ReopenForm(request.POST or None), reverse("objections:objection", args=[found.pk])

    def save() -> str:
        reopen(request.scope, found, form.cleaned_data["reason"])
        return back

    context = {
        "title": _("Decide anew"), "back": back,
        "lead": _(
            "This decision cannot be carried out: its exclusion was not signed, or another decision sets the "
            "same value otherwise. Somebody else decides once more."
        ),
    }  # fmt: skip
    return edited(request, form, save=save, context=context, said=_("Opened again."))
