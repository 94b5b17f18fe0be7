"""A trial message to the own telephone."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_engine.errors import MinpingError
from minping_web.channels.forms import TrialForm
from minping_web.channels.rules.texts import parts_of
from minping_web.channels.selectors.batches import MOST_TRIALS, batch_of, trials_of
from minping_web.channels.services.carriers import Outcome, Receipt
from minping_web.channels.services.trial import send_trial, trial_text
from minping_web.channels.views.answers import Ask
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import lines


@page("channels.send", methods=("GET", "POST"))
def batch_trial(request: ScopedRequest, batch_id: int) -> HttpResponse:
    """Ask for the number, send one, say what the carrier answered."""
    batch = batch_of(request.scope, batch_id)
    back = reverse("channels:batch", args=[batch.pk])
    form = TrialForm(request.POST or None)
    problems: list[object] = []
    if form.is_valid():
        try:
            receipt = send_trial(request.scope, batch.pk, form.cleaned_data["phone"])
        except MinpingError as error:
            problems = list(lines(error.problems))
        else:
            _say(request, receipt)
            return redirect(back)
    text = trial_text(batch)
    context = {
        "ask": _asked(back, parts_of(text), MOST_TRIALS - trials_of(batch)), "form": form,
        "problems": problems, "trial": text,
    }  # fmt: skip
    status = 422 if problems or form.errors else 200
    return render(request, "channels/form.html", context, status=status)


def _asked(back: str, parts: int, left: int) -> Ask:
    return Ask(
        _("Send a trial message"), _("Send one now"), back,
        _("It says what the batch says, marked as a trial. Each costs %(parts)s parts of the approved cost; "
          "%(left)s more may be sent.") % {"parts": parts, "left": max(0, left)},
        _("Look at it on a real telephone: does the signature stand first, is the text whole, does the link "
          "open this site? A trial belongs to no household, and its link cannot vote."),
    )  # fmt: skip


def _say(request: ScopedRequest, receipt: Receipt) -> None:
    if receipt.outcome is Outcome.ACCEPTED:
        messages.success(request, _("The carrier has taken it. Look at your telephone."))
    elif receipt.outcome is Outcome.REFUSED:
        note = _("The carrier refused this number or this text.")
        messages.warning(request, f"{note} {receipt.reason}".strip())
    else:
        messages.warning(
            request, _("The carrier's answer was lost: it may have left. Look at your telephone.")
        )
