"""Pages of who decides: previews of results, what hinders publication, corrections and their difference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.assessments.models import AssessmentRun
from minping_web.assessments.selectors.words import grade_names
from minping_web.common.clock import today
from minping_web.common.edit_pages import asked, edited, paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines
from minping_web.objections.exports import DIFFERENCE, difference_rows
from minping_web.objections.forms import ExclusionForm
from minping_web.objections.models import Objection
from minping_web.objections.selectors.cells import batches_in, opened_newest
from minping_web.objections.selectors.differences import moved_between
from minping_web.objections.selectors.interest import has_interest
from minping_web.objections.selectors.previews import (
    DECIDE,
    VIEW,
    preview_of,
    run_for_preview,
    runs_for_preview,
    terms_of,
)
from minping_web.objections.selectors.registers import (
    areas_of_run,
    correction_of,
    correction_that_made,
    problem_lines,
)
from minping_web.objections.selectors.standing import (
    counts,
    exclusions_of,
    hindrances,
    not_carried_out,
    up_to,
)
from minping_web.objections.selectors.versions import is_carried_out
from minping_web.objections.services.correcting import ask_for_correction
from minping_web.objections.services.excluding import Wanted, propose_exclusion
from minping_web.objections.services.previews import open_preview


@page(VIEW)
def preview_list(request: ScopedRequest) -> HttpResponse:
    """Results that are or may be previewed."""
    found = runs_for_preview(request.scope)
    if search := asked(request, "search", 80):
        found = found.filter(round__name__icontains=search)
    context = {"page_obj": paged(request, found), "search": search, "today": today()}
    return render(request, "objections/previews.html", context)


@page(VIEW)
def preview_page(request: ScopedRequest, assessment_id: int) -> HttpResponse:
    """One result on its way to publication: window, objections, exclusions, correction."""
    run = run_for_preview(request.scope, assessment_id)
    preview = preview_of(run)
    exclusions, is_own = exclusions_of(run), has_interest(request.scope, run)
    waiting = not_carried_out(run)
    signed = any(one.state == "holds" and not one.correction_id for one in exclusions)
    correction = correction_of(run)
    context = {
        "run": run,
        "preview": preview,
        "is_open": preview is not None and preview.is_open(today()),
        "terms": terms_of(run),
        "is_own": is_own,
        "objections": [] if is_own else _objections(run),
        "exclusions": [] if is_own else exclusions,
        "waiting": len(waiting),
        "may_carry_out": bool(waiting or signed) and (correction is None or correction.is_broken),
        "may_exclude": not is_carried_out(run),
        "correction": correction,
        "problems_of_correction": problem_lines(correction) if correction else [],
        "made_by_correction": correction_that_made(run),
        "hindrances": lines(hindrances(run)),
        "counts": counts(run),
        "may_decide": request.scope.may_everywhere(DECIDE),
        "today": today(),
    }
    return render(request, "objections/preview.html", context)


def _objections(run: AssessmentRun) -> Any:
    return (
        Objection.objects.filter(up_to(run))
        .select_related("area", "result", "organisation")
        .order_by("outcome", "due_on", "pk")
    )


@page(DECIDE, methods=("GET", "POST"))
def preview_open(request: ScopedRequest, assessment_id: int) -> HttpResponse:
    """Open the preview, after a look at what that means."""
    run = run_for_preview(request.scope, assessment_id)
    terms = terms_of(run)
    lead = _("Everybody who was assessed sees the own result at once and may object for %(n)s working days.")
    return _confirmed(
        request, run.pk, lambda: open_preview(request.scope, run), said=_("The preview is open."),
        context={
            "title": _("Open the preview"), "lead": lead % {"n": terms.days}, "submit": _("Open the preview")
        },
    )  # fmt: skip


@page(DECIDE, methods=("GET", "POST"), fresh_factor=True)
def preview_correct(request: ScopedRequest, assessment_id: int) -> HttpResponse:
    """Carry out everything that was granted."""
    run = run_for_preview(request.scope, assessment_id)
    lead = _(
        "A further version of the sealed data is made and assessed. The result of today stays beside it."
    )
    return _confirmed(
        request, run.pk, lambda: ask_for_correction(request.scope, run), said=_("Started."),
        context={"title": _("Carry out what was granted"), "lead": lead, "submit": _("Carry out")},
    )  # fmt: skip


def _confirmed(
    request: ScopedRequest, run_id: int, act: Callable[[], object], *, said: str, context: dict[str, Any]
) -> HttpResponse:
    """A page that asks once more, then does it; all problems stand on it."""
    back, problems = reverse("objections:preview", args=[run_id]), []
    if request.method == "POST":
        try:
            act()
        except RefusedError as refused:
            problems = lines(refused.problems)
        else:
            messages.success(request, said)
            return redirect(back)
    status = 422 if problems else 200
    shown = {"back": back, "problems": problems, **context}
    return render(request, "minping/confirm.html", shown, status=status)


@page(DECIDE, methods=("GET", "POST"))
def exclusion_new(request: ScopedRequest, assessment_id: int) -> HttpResponse:
    """Propose that batches or a whole area do not count."""
    run = run_for_preview(request.scope, assessment_id)
    batches = [
        (one.number, _("batch %(number)s, %(n)s ballots") % {"number": one.number, "n": one.ballots})
        for one in batches_in(opened_newest(run))
        if one.may_go
    ]
    form = ExclusionForm(request.POST or None, areas=areas_of_run(run), batches=batches)

    def save() -> str:
        given = form.cleaned_data
        is_area = given["leaves_out"] == "area"
        wanted = Wanted(
            given["leaves_out"], given["cause"], given["reason"], area=given["area"] if is_area else "",
            batches=() if is_area else tuple(int(one) for one in given.get("batches", ())),
        )  # fmt: skip
        propose_exclusion(request.scope, run, wanted)
        return reverse("objections:preview", args=[run.pk])

    context = {
        "title": _("Leave something out"),
        "lead": _("Whole batches or whole areas only, signed by a second person, counted and published."),
        "back": reverse("objections:preview", args=[run.pk]),
    }
    said = _("Proposed. A second person signs it under Approvals.")
    return edited(request, form, save=save, context=context, said=said)


@page(VIEW)
def difference(request: ScopedRequest, assessment_id: int) -> HttpResponse:
    """What a correction changed: the result before and after, side by side."""
    run = run_for_preview(request.scope, assessment_id)
    correction = correction_of(run)
    if has_interest(request.scope, run):  # it compares rivals by name
        raise Http404
    if correction is None or correction.new_run is None or not correction.new_run.result_sha256:
        raise Http404
    moved = moved_between(run, correction.new_run)
    if wants_export(request):
        return export_response(request, DIFFERENCE, difference_rows(moved))
    context = {
        "run": run,
        "new_run": correction.new_run,
        "correction": correction,
        "page_obj": paged(request, moved),
        "moved": len(moved),
        "grades": grade_names(run),
        "same": run.results.count() - sum(one.before is not None for one in moved),
    }
    return render(request, "objections/difference.html", context)
