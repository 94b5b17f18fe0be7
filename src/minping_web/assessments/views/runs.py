"""Runs of the engine: the list, asking for one, its results, why a score is what it is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_web.assessments.exports import RESULTS, rows
from minping_web.assessments.models import AssessmentRun
from minping_web.assessments.selectors.runs import (
    RUN,
    VIEW,
    assessable,
    folder_of,
    grades_of,
    papers_of,
    result_of,
    results_of,
    run_of,
    runs_seen,
    same_result,
)
from minping_web.assessments.selectors.words import explanation_of, grade_names, problem_lines
from minping_web.assessments.services.running import ask_for_run
from minping_web.common.edit_pages import asked, edited, paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines
from minping_web.snapshots.models import SealedSnapshot


class SnapshotField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Snapshots by round, period and hash."""

    def label_from_instance(self, obj: SealedSnapshot) -> str:
        """As the list of closed rounds names them."""
        return f"{obj.round.name} · {obj.period} · {obj.sha256[:12]}"


class RunForm(forms.Form):
    """Which closed round, and why once more."""

    snapshot = SnapshotField(SealedSnapshot.objects.none(), label=gettext_lazy("Closed round"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, required=False,
        help_text=gettext_lazy("Only needed when the round was assessed before."),
    )  # fmt: skip

    def __init__(self, *args: Any, snapshots: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["snapshot"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = snapshots


@page(VIEW)
def run_list(request: ScopedRequest) -> HttpResponse:
    """All runs."""
    found = runs_seen(request.scope)
    if search := asked(request, "search", 80):
        found = found.filter(round__name__icontains=search)
    may_run = request.scope.may_everywhere(RUN)
    context = {
        "page_obj": paged(request, found),
        "search": search,
        "may_run": may_run,
        "waiting": may_run and assessable(request.scope).exists(),
    }
    return render(request, "assessments/list.html", context)


@page(RUN, methods=("GET", "POST"))
def run_new(request: ScopedRequest) -> HttpResponse:
    """Choose a closed round and start."""
    first = {"snapshot": asked(request, "snapshot", 12)}
    form = RunForm(request.POST or None, initial=first, snapshots=assessable(request.scope))

    def save() -> str:
        given = form.cleaned_data
        run = ask_for_run(request.scope, given["snapshot"], reason=given["reason"])
        return reverse("assessments:run", args=[run.pk])

    context = {
        "title": _("Assess a closed round"),
        "lead": _("The engine runs on the sealed snapshot with the scheme that was fixed before the vote."),
        "back": reverse("assessments:list"),
        "submit": _("Start the assessment"),
    }
    return edited(request, form, save=save, context=context, said=_("Started."))


@page(VIEW)
def run_page(request: ScopedRequest, assessment_id: int) -> HttpResponse:
    """One run: how far it is, what hindered it, or its results."""
    run = run_of(request.scope, assessment_id)
    state, search = asked(request, "state", 40), asked(request, "search", 80)
    found = results_of(run, search=search, state=state)
    if run.result_sha256 and wants_export(request):
        return export_response(request, RESULTS, rows(found))
    names = grade_names(run) if run.result_sha256 else {}
    page_obj = paged(request, found)
    for one in page_obj.object_list:
        one.grade_name = names.get(one.grade, one.grade)
    context = {
        "run": run,
        "page_obj": page_obj,
        "grades": [(grade, names.get(grade, grade), n) for grade, n in grades_of(run)],
        "state": state,
        "search": search,
        "problems": problem_lines(run),
        "papers": papers_of(run).items(),
        "others": same_result(run) if run.result_sha256 else [],
        "may_run": request.scope.may_everywhere(RUN),
    }
    return render(request, "assessments/run.html", context)


@page(VIEW)
def result_page(request: ScopedRequest, assessment_id: int, result_id: int) -> HttpResponse:
    """Why this score: from the grade down to the sums."""
    run = run_of(request.scope, assessment_id)
    found = result_of(run, result_id)
    found.run = run
    context = {"run": run, "result": found, "why": explanation_of(found)}
    return render(request, "assessments/result.html", context)


@page(VIEW)
def run_file(request: ScopedRequest, assessment_id: int, name: str) -> HttpResponseBase:
    """A paper of a run, as a download: pages of results are never shown under this address."""
    run = run_of(request.scope, assessment_id)
    if name not in papers_of(run):
        raise Http404
    return FileResponse(
        (folder_of(run) / name).open("rb"), as_attachment=True, filename=f"run-{run.pk}-{name}"
    )


@page(RUN, methods=("POST",))
def run_again(request: ScopedRequest, assessment_id: int) -> HttpResponse:
    """The same once more: an equal hash shows that nothing but snapshot and scheme made the result."""
    run = get_object_or_404(AssessmentRun.objects.select_related("snapshot__round__scheme"), pk=assessment_id)
    reason = _("Run %(number)s repeated to compare the hash") % {"number": run.pk}
    try:
        made = ask_for_run(request.scope, run.snapshot, reason=reason)
    except RefusedError as refused:
        for line in lines(refused.problems):
            messages.error(request, f"{line.what} {line.mend}")
        return redirect("assessments:run", run.pk)
    messages.success(request, _("Started."))
    return redirect("assessments:run", made.pk)
