"""Ending the voting before its announced end: by two persons, with a reason that enters the ledger.

One account that could stop a round and close it at once would choose which late votes are lost. A stopped
round is no exception: it waits for its announced end, or two persons end it here.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_engine.errors import Place
from minping_web.ballots.models import RoundClosing
from minping_web.ballots.selectors.closings import EARLY_END, waiting_early_end
from minping_web.ballots.selectors.paper import waiting_sheets
from minping_web.ballots.services.closing import START, end_voting, refuse_unready
from minping_web.common import approval
from minping_web.common.clock import now
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services.committing import kept
from minping_web.rounds.models import SurveyRound

ACT = EARLY_END
SHORTEST_REASON = 4


@transaction.atomic
def propose_early_end(scope: Scope, round_id: int, *, reason: str) -> Proposal:
    """Ask a second person to end the voting before its announced end. Nothing ends before that."""
    scope.require(START)
    found = get_object_or_404(SurveyRound, pk=round_id)
    refuse_unready(found)
    why = " ".join(reason.split())
    if len(why) < SHORTEST_REASON:
        raise RefusedError.of("closing.reason_missing", Place(key="reason"))
    if now() >= found.closes_at:
        raise RefusedError.of("closing.over_already")
    if waiting_early_end(round_id) is not None:
        raise RefusedError.of("closing.proposed_already")
    title = _("End the voting early: %(name)s") % {"name": found.name}
    payload = {"round": round_id, "name": found.name, "closes_at": found.closes_at.isoformat(),
               "reason": why[:300], "by": scope.user_id}  # fmt: skip
    return approval.propose(scope, ACT, title=title, reason=why, payload=payload)


def carry_early_end(scope: Scope, payload: dict[str, Any]) -> RoundClosing:
    """What the second person sets going. Raises `RefusedError` for an end that was moved meanwhile."""
    scope.require(START)
    found = get_object_or_404(SurveyRound, pk=payload["round"])
    if found.closes_at.isoformat() != payload["closes_at"]:
        raise RefusedError.of("closing.end_moved")
    told = {
        "closes_at": payload["closes_at"], "by": payload["by"] or 0, "approved_by": scope.user_id or 0,
        **kept("reason", payload["reason"], step=f"round-{found.pk}-closing"),
    }  # fmt: skip
    return end_voting(scope, found.pk, {"early": told})


def describe(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """What the second person reads."""
    found = SurveyRound.objects.filter(pk=payload["round"]).first()
    if found is None:
        return [(_("Round"), payload["name"])]
    told = [
        (_("Round"), found.name),
        (_("State now"), str(found.get_state_display())),
        (_("Announced end"), date_format(localtime(found.closes_at), "Y-m-d H:i")),
    ]
    if found.closes_at.isoformat() != payload["closes_at"]:
        told.append((_("Changed since"), _("The end was moved: it cannot be ended this way.")))
    if sheets := waiting_sheets(found.pk):
        told.append((_("Paper forms under way"), str(sheets)))
    meaning = _("No vote is taken from then on, though more time was announced. It cannot be undone.")
    return [*told, (_("What it means"), meaning)]


def act() -> approval.Act:
    """The two-person act."""
    title = gettext_lazy("End the voting of a round early")
    return approval.Act(ACT, title, START, carry_early_end, describe=describe)
