"""The register of snapshots: what is closed or waits for it, one snapshot, a copy for the auditor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from minping_engine.errors import MinpingError
from minping_web.ballots.selectors.closings import closable_rounds, closings
from minping_web.common.edit_pages import paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import lines
from minping_web.places.selectors.areas import called_by_code
from minping_web.snapshots.exports import MERGES, SNAPSHOTS, merge_rows, rows
from minping_web.snapshots.forms import CopyForm
from minping_web.snapshots.rules.merged import VARIABLES, MergedCell, merged_cells
from minping_web.snapshots.selectors.register import (
    DOWNLOAD,
    VIEW,
    manifest_of,
    snapshot_of,
    snapshots_seen,
)
from minping_web.snapshots.services.downloads import take_copy

MERGES_SHOWN = 50


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
        "may_take_over": request.scope.may_everywhere("rounds.edit"),
    }
    return render(request, "snapshots/list.html", context)


@page(VIEW)
def snapshot_page(request: ScopedRequest, snapshot_id: int) -> HttpResponse:
    """One snapshot: files with their hashes, what was merged, who took copies."""
    found = snapshot_of(request.scope, snapshot_id)
    manifest = manifest_of(found)
    merged = (manifest or {}).get("merged_cells", [])
    if wants_export(request):
        return export_response(request, MERGES, merge_rows(_in_words(merged)))
    context = {
        "snapshot": found,
        "manifest": manifest,
        "merges": _by_variable(merged, request),
        "taken": found.taken.select_related("user")[:50],
        "may_download": request.scope.may_everywhere(DOWNLOAD),
    }
    return render(request, "snapshots/snapshot.html", context)


@dataclass(frozen=True)
class Merges:
    """What was merged of one variable; `page` has the rows that are shown."""

    variable: str
    name: str
    areas: int
    count: int
    is_open: bool
    page: Page[Any]


def _by_variable(merged: Sequence[Mapping[str, Any]], request: ScopedRequest) -> list[Merges]:
    """Folded by variable; the one that is paged through is open."""
    kinds: dict[str, list[Mapping[str, Any]]] = {}
    for row in merged:
        kinds.setdefault(row["variable"], []).append(row)
    wanted = request.GET.get("variable", "")
    found = []
    for variable, kind in kinds.items():
        number = request.GET.get("page") if variable == wanted else 1
        page_obj: Page[Any] = Paginator(kind, MERGES_SHOWN).get_page(number)
        page_obj.object_list = _in_words(list(page_obj.object_list))
        areas, name = len({row["area"] for row in kind}), str(VARIABLES.get(variable, variable))
        found.append(Merges(variable, name, areas, len(kind), variable == wanted, page_obj))
    return found


def _in_words(merged: Sequence[Mapping[str, Any]]) -> list[MergedCell]:
    return merged_cells(merged, called_by_code(row["area"] for row in merged))


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
