"""Proposals as pages: what waits for me, what I proposed, one proposal with what would happen, history.

Mounted once by the site under the name `approvals`. Who may neither decide nor look finds nothing there.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from minping_web.common import approval
from minping_web.common.approval import Shown
from minping_web.common.clock import now
from minping_web.common.edit_pages import asked, paged
from minping_web.common.models import Proposal
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines

TABS = ("inbox", "mine", "history")


@page()
def inbox(request: ScopedRequest, tab: str = "inbox") -> HttpResponse:
    """What waits for me; what I proposed; everything that I may see."""
    lists = {
        "inbox": approval.decidable(request.scope),
        "mine": approval.visible(request.scope).filter(proposer_id=request.scope.user_id),
        "history": approval.visible(request.scope),
    }
    wanted, state = asked(request, "q"), request.GET.get("state", "")
    found = lists[tab].filter(title__icontains=wanted) if wanted else lists[tab]
    if state in Proposal.State.values:
        found = found.filter(state=state)
    shown = paged(request, found)
    context = {
        "page_obj": shown,
        "tab": tab,
        "states": Proposal.State.choices,
        "q": wanted,
        "state": state,
        "now": now(),
    }
    return render(request, "common/approval_list.html", context)


@page()
def proposal(request: ScopedRequest, proposal_id: int) -> HttpResponse:
    """One proposal."""
    return _show(request, _found(request, proposal_id))


@page(methods=("POST",), fresh_factor=True)
def approve(request: ScopedRequest, proposal_id: int) -> HttpResponse:
    """Approve and carry out what was read; a secret that comes of it is shown once."""
    found, note = _found(request, proposal_id), request.POST.get("note", "").strip()
    try:
        outcome = approval.approve(request.scope, found.pk, note=note, seen=request.POST.get("seen", ""))
    except RefusedError as error:
        return _show(request, found, error)
    if isinstance(outcome, Shown):
        text = request.build_absolute_uri(outcome.text) if outcome.is_path else outcome.text
        return render(request, "accounts/secret.html", {"shown": outcome, "text": text, "account": None})
    messages.success(request, _("Approved and carried out."))
    return redirect("approvals:proposal", proposal_id=found.pk)


@page(methods=("POST",))
def refuse(request: ScopedRequest, proposal_id: int) -> HttpResponse:
    """Say no, with a reason."""
    found = _found(request, proposal_id)
    note = request.POST.get("note", "")
    return _decided(
        request, found, lambda: approval.refuse(request.scope, found.pk, note=note), _("Refused.")
    )


@page(methods=("POST",))
def withdraw(request: ScopedRequest, proposal_id: int) -> HttpResponse:
    """Take an own proposal back; another's is not found."""
    found = get_object_or_404(Proposal, pk=proposal_id, proposer_id=request.scope.user_id)
    return _decided(request, found, lambda: approval.withdraw(request.scope, found.pk), _("Withdrawn."))


def _decided(request: ScopedRequest, found: Proposal, act: Callable[[], None], said: str) -> HttpResponse:
    try:
        act()
    except RefusedError as error:
        return _show(request, found, error)
    messages.success(request, said)
    return redirect("approvals:proposal", proposal_id=found.pk)


def _found(request: ScopedRequest, proposal_id: int) -> Proposal:
    return get_object_or_404(approval.visible(request.scope), pk=proposal_id)


def _show(request: ScopedRequest, found: Proposal, error: RefusedError | None = None) -> HttpResponse:
    act = approval.acts().get(found.kind)
    context = {
        "proposal": found,
        "act": act,
        "told": act.describe(found.payload) if act else [],
        "is_open": found.state == Proposal.State.OPEN and found.expires_at > now(),
        "may_decide": approval.decidable(request.scope).filter(pk=found.pk).exists(),
        "seen": approval.told_digest(found),
        "is_mine": found.proposer_id == request.scope.user_id,
        "problems": lines(error.problems) if error else [],
    }
    return render(request, "common/approval_page.html", context, status=422 if error else 200)


app_name = "approvals"
urlpatterns = [
    path("", inbox, {"tab": "inbox"}, name="inbox"),
    path("mine/", inbox, {"tab": "mine"}, name="mine"),
    path("history/", inbox, {"tab": "history"}, name="history"),
    path("<int:proposal_id>/", proposal, name="proposal"),
    path("<int:proposal_id>/approve/", approve, name="approve"),
    path("<int:proposal_id>/refuse/", refuse, name="refuse"),
    path("<int:proposal_id>/withdraw/", withdraw, name="withdraw"),
]
