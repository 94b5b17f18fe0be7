"""The register of publications: what waits, what was published, proposing, files of offices."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_engine.errors import Problem
from minping_web.assessments.models import AssessmentRun
from minping_web.common.edit_pages import asked, paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import ProblemLine, RefusedError, lines
from minping_web.publications.exports import FILES, PUBLICATIONS, file_rows, rows
from minping_web.publications.models import PublicationOrder
from minping_web.publications.selectors.copies import copies_of
from minping_web.publications.selectors.current import folder_of, publication_of_round
from minping_web.publications.selectors.public import sealed_in
from minping_web.publications.selectors.ready import (
    PUBLISH,
    VIEW,
    hindrances,
    last_order,
    newest_runs,
    open_proposal,
)
from minping_web.publications.selectors.register import (
    file_seen,
    office_files,
    publication_seen,
    publications_seen,
    run_seen,
    with_files,
)
from minping_web.publications.services.handing_out import note_handed_out
from minping_web.publications.services.ordering import propose_publication

WAITING_SHOWN = 20


class ProposeForm(forms.Form):
    """Why it is published now; of a correction residents read it."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


@page(VIEW)
def publication_list(request: ScopedRequest) -> HttpResponse:
    """What waits to be published with what hinders it, and everything that was."""
    search = asked(request, "search", 80)
    found = with_files(publications_seen(request.scope, search=search))
    if wants_export(request):
        return export_response(request, PUBLICATIONS, rows(found))
    waiting = newest_runs()[:WAITING_SHOWN] if request.scope.may_everywhere(VIEW) else []
    context = {
        "page_obj": paged(request, found),
        "search": search,
        "waiting": [{"run": run, "hindrances": len(hindrances(run))} for run in waiting],
        "may_publish": request.scope.may_everywhere(PUBLISH),
    }
    return render(request, "publications/list.html", context)


@page(VIEW, methods=("GET", "POST"))
def publish_page(request: ScopedRequest, assessment_id: int) -> HttpResponse:
    """One result before it is published: what hinders it, proposing it, how far the job is."""
    run = run_seen(request.scope, assessment_id)
    may_publish = request.scope.may_everywhere(PUBLISH)
    if request.method == "POST" and not may_publish:
        raise PermissionDenied(PUBLISH)
    form = ProposeForm(request.POST if request.method == "POST" else None)
    refused: list[ProblemLine] = []
    if form.is_bound and form.is_valid():
        try:
            propose_publication(request.scope, run, reason=form.cleaned_data["reason"])
        except RefusedError as error:
            refused = lines(error.problems)
        else:
            messages.success(request, _("Proposed. A second person decides on the page of approvals."))
            return redirect("publications:publish", run.pk)
    return render(
        request, "publications/publish.html",
        {"form": form, "refused": refused, "may_publish": may_publish, **_standing(run)},
        status=422 if form.is_bound else 200,
    )  # fmt: skip


def _standing(run: AssessmentRun) -> dict[str, object]:
    order = last_order(run.pk)
    former = publication_of_round(run.round_id)
    return {
        "run": run,
        "published": getattr(run, "publication", None),
        "former": former if former and former.run_id != run.pk else None,
        "proposal": open_proposal(run.pk),
        "order": order,
        "problems": lines(hindrances(run)),
        "failed": _failed_lines(order),
    }


def _failed_lines(order: PublicationOrder | None) -> list[ProblemLine]:
    """What hindered the last order."""
    told = order.problems if order else []
    return lines(Problem(one["code"], params=one["params"]) for one in told)


@page(VIEW)
def publication_page(request: ScopedRequest, publication_id: int) -> HttpResponse:
    """One publication: files with hashes, its entry in the ledger, copies that were taken."""
    found = publication_seen(request.scope, publication_id)
    if wants_export(request):
        return export_response(request, FILES, file_rows(found.files.all()))
    context = {
        "found": found,
        "correction": getattr(found, "corrected_by", None) if not found.is_current else None,
        "public": found.files.filter(is_public=True),
        "page_obj": paged(request, office_files(found)),
        "sealed": sealed_in(found),
        "copies": copies_of(found)[:50],
    }
    return render(request, "publications/publication.html", context)


@page(VIEW)
def office_file(request: ScopedRequest, publication_id: int, file_id: int) -> HttpResponseBase:
    """A file of it as a download; who takes one that names persons is entered into the ledger."""
    file = file_seen(request.scope, publication_id, file_id)
    path = folder_of(file.publication) / file.path
    if not path.is_file():
        raise Http404
    note_handed_out(request.scope, file)
    name = f"publication-{publication_id}-{file.name.replace('/', '-')}"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name)
