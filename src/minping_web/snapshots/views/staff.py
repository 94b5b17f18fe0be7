"""The register of snapshots: what is closed or waits for it, one snapshot, a copy for the auditor."""

from __future__ import annotations

from django import forms
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from minping_engine.errors import MinpingError
from minping_web.ballots.selectors.closings import closable_rounds, closings
from minping_web.common.edit_pages import paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import lines
from minping_web.places.selectors.areas import called_by_code
from minping_web.snapshots.exports import SNAPSHOTS, rows
from minping_web.snapshots.rules.merged import merged_cells
from minping_web.snapshots.selectors.register import (
    DOWNLOAD,
    VIEW,
    manifest_of,
    snapshot_of,
    snapshots_seen,
)
from minping_web.snapshots.services.downloads import take_copy

MERGES_SHOWN = 100


class CopyForm(forms.Form):
    """Why a copy is taken."""

    reason = forms.CharField(label=_("Reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


@page(VIEW)
def snapshot_list(request: ScopedRequest) -> HttpResponse:
    """Rounds that can be or are being closed, and all sealed snapshots."""
    found = snapshots_seen(request.scope)
    search = request.GET.get("search", "").strip()[:80]
    if search:
        found = found.filter(round__name__icontains=search)
    if wants_export(request):
        return export_response(request, SNAPSHOTS, rows(found))
    under_way = [one for one in closings()[:50] if one.state != "purged"]
    context = {
        "page_obj": paged(request, found),
        "search": search,
        "under_way": under_way,
        "closable": closable_rounds()[:50],
        "may_close": request.scope.may("closing.custodian"),
    }
    return render(request, "snapshots/list.html", context)


@page(VIEW)
def snapshot_page(request: ScopedRequest, snapshot_id: int) -> HttpResponse:
    """One snapshot: files with their hashes, what was merged, who took copies."""
    found = snapshot_of(request.scope, snapshot_id)
    manifest = manifest_of(found)
    rows_merged = (manifest or {}).get("merged_cells", [])
    merges = Paginator(rows_merged, MERGES_SHOWN).get_page(request.GET.get("page"))
    names = called_by_code(row["area"] for row in merges.object_list)
    merges.object_list = merged_cells(merges.object_list, names)
    context = {
        "snapshot": found,
        "manifest": manifest,
        "merges": merges,
        "taken": found.taken.select_related("user")[:50],
        "may_download": request.scope.may_everywhere(DOWNLOAD),
    }
    return render(request, "snapshots/snapshot.html", context)


@page(DOWNLOAD, methods=("GET", "POST"), fresh_factor=True)
def snapshot_download(request: ScopedRequest, snapshot_id: int) -> HttpResponseBase:
    """A copy as ZIP, after a reason was given."""
    found = snapshot_of(request.scope, snapshot_id)
    form, problems = CopyForm(request.POST or None), []
    if form.is_valid():
        try:
            file = take_copy(request.scope, found, reason=form.cleaned_data["reason"])
        except MinpingError as error:
            problems = lines(error.problems)
        else:
            return FileResponse(file, as_attachment=True, filename=f"{found.folder}.zip")
    status = 422 if problems or form.errors else 200
    context = {"snapshot": found, "form": form, "problems": problems}
    return render(request, "snapshots/download.html", context, status=status)
