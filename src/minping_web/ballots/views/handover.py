"""A round's key for the successor of a custodian who left: the two others bring their files, one by one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from minping_web.ballots.models import KeyHandover, RoundKey
from minping_web.ballots.rules.custody import key_id
from minping_web.ballots.selectors.handovers import Orphaned, orphaned_of
from minping_web.ballots.services import handover
from minping_web.ballots.services.custody import CUSTODIAN
from minping_web.ballots.views.custody_forms import HandoverForm, KeyFileForm, named
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import ProblemLine, RefusedError, lines


@sensitive_post_parameters()
@page(CUSTODIAN, methods=("GET", "POST"), fresh_factor=True)
def key_handover(request: ScopedRequest, round_id: int, custodian_id: int) -> HttpResponse:
    """What will happen, who has come, and the form for the next of the two."""
    found = orphaned_of(round_id, custodian_id)
    form_class = KeyFileForm if found.waiting else HandoverForm
    form = form_class(request.POST or None, request.FILES or None)
    problems: list[ProblemLine] = []
    if form.is_valid():
        try:
            row = _come(request, found, form)
        except RefusedError as error:
            problems = named(error, form)
        else:
            return _gone_on(request, row)
    context = {
        "found": found,
        "successor_key": key_id(bytes(found.successor.public_key)) if found.successor else "",
        "form": form,
        "problems": problems,
        "is_next": found.successor is not None and found.expects(request.scope.user_id),
        "may_withdraw": found.may_withdraw(request.scope.user_id),
        "hours": int(handover.LASTS.total_seconds() // 3600),
    }
    status = 422 if problems or form.errors else 200
    return render(request, "ballots/key_handover.html", context, status=status)


def _come(request: ScopedRequest, found: Orphaned, form: KeyFileForm) -> KeyHandover:
    told = form.cleaned_data
    brought = {"file": told["file"], "passphrase": told["passphrase"]}
    if found.waiting:
        return handover.finish(request.scope, found.round.pk, **brought)
    return handover.begin(request.scope, found.round.pk, found.leaving.pk, reason=told["reason"], **brought)


def _gone_on(request: ScopedRequest, row: KeyHandover) -> HttpResponse:
    if row.done_at:
        messages.success(request, _("Handed over: the round is sealed for the successor now."))
        return redirect("ballots:custodians")
    messages.success(request, _("Your half is open. Now the other custodian brings the second key."))
    return redirect("ballots:key_handover", row.leaving_id, row.round_id)


@page(CUSTODIAN, methods=("POST",), fresh_factor=True)
def handover_withdraw(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Take back what was begun."""
    get_object_or_404(RoundKey, pk=round_id)
    try:
        handover.withdraw(request.scope, round_id)
    except RefusedError as error:
        for line in lines(error.problems):
            messages.error(request, f"{line.what} {line.mend}")
    else:
        messages.success(request, _("Withdrawn. What the first key opened is destroyed."))
    return redirect("ballots:custodians")
