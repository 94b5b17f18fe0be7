"""Batches: the list, one batch with its receipts, approve, send, pause, give up, decide."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from minping_engine.errors import MinpingError
from minping_web.channels import exports
from minping_web.channels.forms import BatchFilterForm, ReasonForm
from minping_web.channels.models import MessageBatch
from minping_web.channels.rules.texts import EXAMPLE, composed, filled, parts_of
from minping_web.channels.selectors.batches import (
    batch_of,
    batches_seen,
    figures_of,
    state_counts,
    trials_of,
)
from minping_web.channels.services import batches as services
from minping_web.channels.services.approving import approve_batch, needs_second, yuan
from minping_web.channels.services.handing_out import file_handed_over, open_outbox_file, outbox_file_of
from minping_web.channels.services.numbers import channel_rules
from minping_web.channels.services.sending import decide_unsure, is_day
from minping_web.channels.views.answers import Ask, asked_page, tried
from minping_web.common import clock
from minping_web.common.edit_pages import paged
from minping_web.common.import_flow import export_response, file_response, wants_export
from minping_web.common.pages import ScopedRequest, page

MOST_EXPORTED = 5_000


@page("channels.view")
def batch_list(request: ScopedRequest) -> HttpResponse:
    """All batches."""
    form = BatchFilterForm(request.GET or None)
    chosen = form.cleaned_data if form.is_valid() else {}
    rows = batches_seen(request.scope, **chosen)
    if wants_export(request):
        listed = list(rows[:MOST_EXPORTED])
        return export_response(request, exports.BATCHES, exports.batch_rows(listed, state_counts(listed)))
    shown = paged(request, rows)
    counts = state_counts(list(shown))
    context = {"form": form, "page_obj": shown, "lines": [(batch, counts[batch.pk]) for batch in shown]}
    return render(request, "channels/batch_list.html", context)


@page("channels.view")
def batch_page(request: ScopedRequest, batch_id: int) -> HttpResponse:
    """One batch: what is said, how far it is, what came back, what it costs."""
    batch = batch_of(request.scope, batch_id)
    figures = figures_of(batch)
    version = batch.text_version
    whole = composed(
        version.signature.name, version.body(batch.language), language=batch.language,
        stop_word=channel_rules().stop_word,
    )  # fmt: skip
    example = filled(whole, EXAMPLE)
    context = {
        "batch": batch, "figures": figures, "example": example, "example_parts": parts_of(example),
        "estimate": yuan(figures.estimate_fen), "spent": yuan(figures.spent_fen),
        "budget": yuan(batch.budget_fen), "approved": yuan(batch.approved_fen),
        "price": f"{batch.price_li / 1000:.3f}", "second": needs_second(batch),
        "may": {name: request.scope.may(f"channels.{name}") for name in ("edit", "approve", "send")},
        "night": not is_day(timezone.localtime(clock.now())), "rules": channel_rules(),
        "has_file": outbox_file_of(batch) is not None, "trials": trials_of(batch),
    }  # fmt: skip
    return render(request, "channels/batch.html", context)


@page("channels.edit", methods=("GET", "POST"))
def batch_approve(request: ScopedRequest, batch_id: int) -> HttpResponse:
    """Approve a small batch, or propose a large one."""
    batch = batch_of(request.scope, batch_id)
    two = needs_second(batch)
    ask = Ask(
        _("Approve the batch"), _("Propose") if two else _("Approve"), _address(batch),
        _("It has many messages or costs more than its budget: a second person must approve.") if two
        else _("It is small and within its budget: you may approve it alone."),
        _("Check the text and the cost on the page of the batch before. The approval enters the ledger."),
    )  # fmt: skip
    form = ReasonForm(request.POST or None)
    note = _("Proposed. A second person must approve.") if two else _("Approved. It can be sent now.")
    return asked_page(
        request, ask, form,
        lambda: approve_batch(request.scope, batch.pk, reason=form.cleaned_data["reason"]),
        (note, _address(batch)),
    )  # fmt: skip


@page("channels.send", methods=("POST",))
def batch_send(request: ScopedRequest, batch_id: int) -> HttpResponse:
    """Start, or go on."""
    batch = batch_of(request.scope, batch_id)
    return tried(
        request, lambda: services.send_batch(request.scope, batch.pk),
        _("Sending has begun; this page shows how far it is."), "channels:batch", batch.pk,
    )  # fmt: skip


@page("channels.send", methods=("POST",))
def batch_pause(request: ScopedRequest, batch_id: int) -> HttpResponse:
    """Hold."""
    batch = batch_of(request.scope, batch_id)
    return tried(
        request, lambda: services.pause(request.scope, batch.pk),
        _("Paused. Messages that were leaving just now still leave."), "channels:batch", batch.pk,
    )  # fmt: skip


@page("channels.send", methods=("GET", "POST"))
def batch_revoke(request: ScopedRequest, batch_id: int) -> HttpResponse:
    """Give up what has not left."""
    batch = batch_of(request.scope, batch_id)
    ask = Ask(
        _("Give the batch up"), _("Give up"), _address(batch),
        _("This cannot be undone: what waits is erased. What has left stays with its receivers."),
        _("If links have leaked, revoke them in the round as well: messages that left still carry them."),
        danger=True,
    )  # fmt: skip
    form = ReasonForm(request.POST or None)
    return asked_page(
        request, ask, form,
        lambda: services.revoke(request.scope, batch.pk, reason=form.cleaned_data["reason"]),
        (_("Given up. The ledger says so."), _address(batch)),
    )  # fmt: skip


@page("channels.send", methods=("POST",))
def batch_decide(request: ScopedRequest, batch_id: int) -> HttpResponse:
    """A word about messages that may have left."""
    batch = batch_of(request.scope, batch_id)
    again = request.POST.get("word") == "again"
    note = _("They will be sent again.") if again else _("They count as sent.")
    return tried(
        request, lambda: decide_unsure(request.scope, batch.pk, send_again=again), note,
        "channels:batch", batch.pk,
    )  # fmt: skip


@page("channels.send", methods=("GET", "POST"), fresh_factor=True)
def batch_file(request: ScopedRequest, batch_id: int) -> HttpResponse:
    """The file of the outbox, for a gateway that takes files."""
    batch = batch_of(request.scope, batch_id)
    if request.method != "POST":  # back from giving the second factor
        return redirect("channels:batch", batch.pk)
    try:
        content = open_outbox_file(request.scope, batch.pk)
    except MinpingError as error:
        failed = error

        def again() -> None:
            raise failed

        return tried(request, again, "", "channels:batch", batch.pk)
    return file_response(content, f"messages-{batch.pk}.jsonl", "application/jsonl")


@page("channels.send", methods=("POST",))
def batch_handed(request: ScopedRequest, batch_id: int) -> HttpResponse:
    """The gateway has the file: nothing of it stays here."""
    batch = batch_of(request.scope, batch_id)
    return tried(
        request, lambda: file_handed_over(request.scope, batch.pk),
        _("The file is erased. The ledger says so."), "channels:batch", batch.pk,
    )  # fmt: skip


def _address(batch: MessageBatch) -> str:
    return reverse("channels:batch", args=[batch.pk])
