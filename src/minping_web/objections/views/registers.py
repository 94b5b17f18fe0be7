"""Pages of the registers: all objections, all exclusions with their appeals."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.common.clock import today
from minping_web.common.edit_pages import asked, edited, paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.objections.exports import EXCLUSIONS, OBJECTIONS, exclusion_rows, objection_rows
from minping_web.objections.forms import AnswerForm, AppealForm
from minping_web.objections.rules.words import Cause, Outcome
from minping_web.objections.selectors.objections import objections_seen
from minping_web.objections.selectors.previews import DECIDE, VIEW
from minping_web.objections.selectors.registers import appeal_of, exclusion_of, exclusions_seen
from minping_web.objections.services.excluding import answer_appeal, note_appeal


@page(VIEW)
def objection_list(request: ScopedRequest) -> HttpResponse:
    """Every objection, with filters and export."""
    found, search, outcome = (
        objections_seen(request.scope),
        asked(request, "search", 80),
        asked(request, "outcome", 12),
    )
    if search:
        named = Q(preview__run__round__name__icontains=search) | Q(area__name__icontains=search)
        found = found.filter(named | Q(result__name__icontains=search))
    if outcome == "overdue":
        found = found.filter(outcome=Outcome.OPEN, due_on__lt=today())
    elif outcome in Outcome.values:
        found = found.filter(outcome=outcome)
    if wants_export(request):
        return export_response(request, OBJECTIONS, objection_rows(found))
    context = {
        "page_obj": paged(request, found),
        "search": search,
        "outcome": outcome,
        "outcomes": Outcome.choices,
        "today": today(),
        "is_register": True,
    }
    return render(request, "objections/list.html", context)


@page(VIEW)
def exclusion_list(request: ScopedRequest) -> HttpResponse:
    """The register of exclusions."""
    found, search, cause = (
        exclusions_seen(request.scope),
        asked(request, "search", 80),
        asked(request, "cause", 12),
    )
    if search:
        found = found.filter(Q(run__round__name__icontains=search) | Q(area__name__icontains=search))
    if cause in Cause.values:
        found = found.filter(cause=cause)
    if wants_export(request):
        return export_response(request, EXCLUSIONS, exclusion_rows(found))
    context = {"page_obj": paged(request, found), "search": search, "cause": cause, "causes": Cause.choices}
    return render(request, "objections/exclusions.html", context)


@page(VIEW)
def exclusion_page(request: ScopedRequest, exclusion_id: int) -> HttpResponse:
    """One exclusion with its signatures and appeals."""
    found = exclusion_of(request.scope, exclusion_id)
    context = {
        "one": found,
        "appeals": found.appeals.select_related("noted_by", "answered_by"),
        "may_decide": request.scope.may_everywhere(DECIDE),
        "signed_it": request.scope.user_id in (found.proposed_by_id, found.signed_by_id),
    }
    return render(request, "objections/exclusion.html", context)


@page(DECIDE, methods=("GET", "POST"))
def appeal_new(request: ScopedRequest, exclusion_id: int) -> HttpResponse:
    """Note an appeal."""
    found = exclusion_of(request.scope, exclusion_id)
    form = AppealForm(request.POST or None)
    back = reverse("objections:exclusion", args=[found.pk])

    def save() -> str:
        note_appeal(request.scope, found, form.cleaned_data["side"], form.cleaned_data["text"])
        return back

    context = {
        "title": _("Note an appeal"),
        "lead": _("Either side may appeal: who is hit by an exclusion, and who asked for one in vain."),
        "back": back,
    }
    return edited(request, form, save=save, context=context, said=_("Noted."))


@page(DECIDE, methods=("GET", "POST"))
def appeal_answer(request: ScopedRequest, appeal_id: int) -> HttpResponse:
    """Answer an appeal, by somebody who signed nothing of it."""
    found = appeal_of(request.scope, appeal_id)
    form = AnswerForm(request.POST or None)
    back = reverse("objections:exclusion", args=[found.exclusion_id])

    def save() -> str:
        given = form.cleaned_data
        answer_appeal(request.scope, found, given["answer"], follows=given["follows"])
        return back

    context = {"title": _("Answer the appeal"), "lead": found.text, "back": back}
    return edited(request, form, save=save, context=context, said=_("Answered."))
