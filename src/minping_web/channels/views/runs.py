"""Print runs: the list, one run, its download with a second factor, the word "printed", giving up."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from minping_engine.errors import MinpingError
from minping_web.channels import exports
from minping_web.channels.forms import ReasonForm, RunFilterForm
from minping_web.channels.selectors.batches import run_of, runs_seen
from minping_web.channels.services import printing
from minping_web.channels.views.answers import Ask, asked_page, tried
from minping_web.common.edit_pages import paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.pages import ScopedRequest, page


@page("channels.view")
def run_list(request: ScopedRequest) -> HttpResponse:
    """All print runs."""
    form = RunFilterForm(request.GET or None)
    rows = runs_seen(request.scope, **(form.cleaned_data if form.is_valid() else {}))
    if wants_export(request):
        return export_response(request, exports.RUNS, exports.run_rows(rows[:5000]))
    return render(request, "channels/run_list.html", {"form": form, "page_obj": paged(request, rows)})


@page("channels.view")
def run_page(request: ScopedRequest, run_id: int) -> HttpResponse:
    """One run."""
    run = run_of(request.scope, run_id)
    may = {name: request.scope.may(f"channels.{name}") for name in ("edit", "send")}
    context = {"run": run, "may": may, "owned": run.owned_by, "outdated": run.is_outdated}
    return render(request, "channels/run.html", context)


@page("channels.send", methods=("GET", "POST"), fresh_factor=True)
def run_download(request: ScopedRequest, run_id: int) -> HttpResponseBase:
    """The PDF, made while it is sent."""
    run = run_of(request.scope, run_id)
    if request.method != "POST":  # back from giving the second factor
        return redirect("channels:run", run.pk)
    try:
        parts = printing.download_run(request.scope, run.pk)
    except MinpingError as error:
        failed = error

        def again() -> None:
            raise failed

        return tried(request, again, "", "channels:run", run.pk)
    response = StreamingHttpResponse(parts, content_type="application/pdf")
    name = content_disposition_header(True, f"letters-{run.pk}.pdf")
    response.headers["Content-Disposition"] = name or "attachment"
    response.headers["Cache-Control"] = "no-store"
    return response


@page("channels.send", methods=("POST",))
def run_printed(request: ScopedRequest, run_id: int) -> HttpResponse:
    """The letters are on paper."""
    run = run_of(request.scope, run_id)
    return tried(
        request, lambda: printing.acknowledge_printed(request.scope, run.pk),
        _("Noted as printed. The file and its key are destroyed; delete your copy now."),
        "channels:run", run.pk,
    )  # fmt: skip


@page("channels.send", methods=("POST",))
def run_day(request: ScopedRequest, run_id: int) -> HttpResponse:
    """The round's end has moved: letters that are not printed yet say so."""
    run = run_of(request.scope, run_id)
    return tried(
        request, lambda: printing.name_new_day(request.scope, run.pk),
        _("The letters name the new day. Download them again; do not print an older file."),
        "channels:run", run.pk,
    )  # fmt: skip


@page("channels.edit", methods=("GET", "POST"))
def run_cancel(request: ScopedRequest, run_id: int) -> HttpResponse:
    """Destroy letters unprinted."""
    run = run_of(request.scope, run_id)
    back = reverse("channels:run", args=[run.pk])
    ask = Ask(
        _("Destroy the letters"), _("Destroy"), back,
        _("This cannot be undone: the letters of this run can never be made again."),
        _("Copies that were downloaded stay valid until their links are revoked in the round."),
        danger=True,
    )  # fmt: skip
    form = ReasonForm(request.POST or None)
    return asked_page(
        request, ask, form,
        lambda: printing.cancel_run(request.scope, run.pk, reason=form.cleaned_data["reason"]),
        (_("Destroyed. The ledger says so."), back),
    )  # fmt: skip
