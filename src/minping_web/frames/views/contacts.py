"""Exports of contacts, the log that auditors read, and the keys."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from minping_engine.errors import MinpingError
from minping_web.common.import_flow import export_response
from minping_web.common.models import Proposal
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import lines
from minping_web.frames import exports
from minping_web.frames.forms import ExportForm, KeysForm, LogFilterForm
from minping_web.frames.models import ContactAccess
from minping_web.frames.rules import EXPORT_DOWNLOADS, EXPORTED_ALONE
from minping_web.frames.selectors.frames import frame_of
from minping_web.frames.selectors.log import accesses, own_exports
from minping_web.frames.services.exporting import ask_export, open_export
from minping_web.frames.services.rotation import key_report, rotate_keys
from minping_web.frames.views.answers import done, paged, tried


@page("frames.export", methods=("GET", "POST"))
def export_list(request: ScopedRequest, frame_id: int) -> HttpResponse:
    """Ask for an export; own permits below."""
    frame = frame_of(request.scope, frame_id)
    form = ExportForm(request.POST or None, scope=request.scope, permission="frames.export")
    problems = []
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = ask_export(
                request.scope, frame.pk, area_id=int(data["area"]) if data["area"] else None,
                instrument=data["instrument"], reason=data["reason"],
            )  # fmt: skip
        except MinpingError as error:
            problems = lines(error.problems)
        else:
            waiting = isinstance(made, Proposal)
            note = _("Proposed. A second person must approve.") if waiting else _("Permitted for a day.")
            return done(request, note, "frames:exports", frame.pk)
    context = {
        "frame": frame, "form": form, "problems": problems, "alone": EXPORTED_ALONE, "most": EXPORT_DOWNLOADS,
        "page_obj": paged(request, own_exports(request.scope, frame.pk)),
    }  # fmt: skip
    return render(request, "frames/exports.html", context, status=422 if problems or form.errors else 200)


@page("frames.export", methods=("GET", "POST"), fresh_factor=True)
def export_download(request: ScopedRequest, frame_id: int, export_id: int) -> HttpResponse:
    """The file of a permit; counted, logged, staged."""
    if request.method != "POST":  # back from giving the second factor
        return redirect("frames:exports", frame_id)
    try:
        rows = open_export(request.scope, export_id)
    except MinpingError as error:
        failed = error
        return tried(request, lambda: _again(failed), "", "frames:exports", frame_id)
    response = export_response(request, exports.CONTACTS, rows)
    response.headers["Cache-Control"] = "no-store"
    return response


def _again(error: MinpingError) -> None:
    raise error


@page("frames.log")
def access_log(request: ScopedRequest) -> HttpResponse:
    """Who saw contacts, when, why."""
    form = LogFilterForm(request.GET or None)
    chosen = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    rows = accesses(request.scope, **chosen)
    if "format" in request.GET:
        return export_response(request, exports.LOG, map(_log_row, rows.iterator(chunk_size=5000)))
    return render(request, "frames/log.html", {"form": form, "page_obj": paged(request, rows)})


def _log_row(access: ContactAccess) -> dict[str, object]:
    return {
        "at": access.at.isoformat(timespec="seconds"), "actor": access.actor_label,
        "act": access.get_act_display(), "frame": str(access.frame or ""), "area": str(access.area or ""),
        "unit": access.shown_unit, "fields": access.fields, "rows": access.rows,
        "reason": access.reason,
    }  # fmt: skip


@page("keys.rotate", methods=("GET", "POST"), fresh_factor=True)
def keys(request: ScopedRequest) -> HttpResponse:
    """How many values each key holds; make new ones."""
    form = KeysForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        rotate_keys(request.scope, index_too=form.cleaned_data["index_too"])
        return done(
            request,
            _("New keys were made; values are being moved. Back up the key folder now."),
            "frames:keys",
        )
    return render(request, "frames/keys.html", {"report": key_report(), "form": form})
