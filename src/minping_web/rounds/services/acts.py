"""Accidents that take two persons, as acts: extend, cancel, ask an area again, print again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_engine.errors import Place
from minping_web.common import approval
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.places.models import Area
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.rules.words import TWO_PERSONS, AccidentKind
from minping_web.rounds.services import accidents
from minping_web.rounds.services.printing import reprint

ACT = "rounds.accident"


def propose_accident(
    scope: Scope, round_id: int, kind: AccidentKind, *, reason: str, **wanted: Any
) -> Proposal:
    """Ask a second person; `wanted`: `closes_at` (text), `area`, whatever the kind needs."""
    if kind not in TWO_PERSONS:
        raise RefusedError.of("round.wrong_kind")
    if len(" ".join(reason.split())) < accidents.SHORTEST_REASON:
        raise RefusedError.of("round.reason_missing", Place(key="reason"))
    found = SurveyRound.objects.get(pk=round_id)
    title = _("%(what)s: %(round)s") % {"what": AccidentKind(kind).label, "round": found.name}
    payload = {"round": round_id, "kind": str(kind), "reason": reason, "state": str(found.state), **wanted}
    return approval.propose(scope, ACT, title=title, reason=reason, payload=payload)


def carry(scope: Scope, payload: dict[str, Any]) -> object:
    """What the second person sets going."""
    round_id, reason, kind = payload["round"], payload["reason"], AccidentKind(payload["kind"])
    if kind == AccidentKind.EXTEND:
        closes_at = datetime.fromisoformat(payload["closes_at"])
        return accidents.extend(scope, round_id, closes_at=closes_at, reason=reason)
    if kind == AccidentKind.CANCEL:
        return accidents.cancel(scope, round_id, reason=reason)
    if kind == AccidentKind.RERUN:
        return accidents.rerun_area(scope, round_id, payload["area"], reason=reason)
    return reprint(scope, payload)


def describe(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """What the second person reads."""
    found = SurveyRound.objects.filter(pk=payload["round"]).first()
    told = [
        (_("Round"), found.name if found else "–"),
        (_("What is done"), str(AccidentKind(payload["kind"]).label)),
        (_("State now"), str(found.get_state_display()) if found else "–"),
    ]
    if payload.get("closes_at"):
        told.append((_("New end"), payload["closes_at"][:16].replace("T", " ")))
    if payload.get("area"):
        area = Area.objects.filter(pk=payload["area"]).first()
        told.append((_("Area"), f"{area.name} ({area.code})" if area else "–"))
    told.append((_("What it means"), _meaning(AccidentKind(payload["kind"]))))
    return told


def _meaning(kind: AccidentKind) -> str:
    return {
        AccidentKind.EXTEND: _("Votes are taken longer than was promised."),
        AccidentKind.CANCEL: _("All votes are discarded, keys and tokens destroyed. It cannot be undone."),
        AccidentKind.RERUN: _("The votes of this area are not counted; it is drawn and asked again."),
        AccidentKind.REPRINT: _("New letters with new codes for households that did not answer: it costs."),
    }.get(kind, "")


def act() -> approval.Act:
    """The two-person act."""
    return approval.Act(
        ACT, gettext_lazy("Accident of a survey round"), "rounds.accident", carry, describe=describe
    )
