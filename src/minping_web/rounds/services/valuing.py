"""The value of the public draw, by two persons: the bureau types it, the auditor lets it count.

One person alone could try values, or call the named draw off, until the sample pleases. Whoever decides reads
the source, the day and the spelling that the ledger named, and every other value that was proposed.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_engine.errors import Place
from minping_engine.sampling import form_fits
from minping_web.common import approval
from minping_web.common.clock import today
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.selectors.rounds import locked_round
from minping_web.rounds.services.drafting import require_everywhere
from minping_web.rounds.services.drawing import queue_draw

ACT = "rounds.value"
PROPOSES, DECIDES = "rounds.draw", "rounds.audit"


@transaction.atomic
def propose_value(
    scope: Scope, round_id: int, value: str, *, is_fallback: bool = False, protocol: str = ""
) -> Proposal:
    """Ask the auditor to let this value count.

    Raises `RefusedError` before its day, for another spelling than was named, for a fallback without a word.
    """
    require_everywhere(scope, PROPOSES)
    found = locked_round(round_id)
    told = protocol.strip() if is_fallback else ""
    _check(found, value, is_fallback, told)
    title = _("Drawn value of “%(name)s”") % {"name": found.name}
    reason = told or f"{found.seed_source}, {found.seed_on}"
    payload = {"round": round_id, "name": found.name, "value": value, "is_fallback": is_fallback,
               "protocol": told, "by": scope.user_id}  # fmt: skip
    return approval.propose(scope, ACT, title=title, reason=reason, payload=payload)


def carry_value(scope: Scope, payload: dict[str, Any]) -> SurveyRound:
    """The value counts, once, and the draw is queued. Raises `RefusedError` when it does not fit any more."""
    require_everywhere(scope, DECIDES)
    found = locked_round(payload["round"])
    value, is_fallback, protocol = payload["value"], payload["is_fallback"], payload["protocol"]
    _check(found, value, is_fallback, protocol)
    found.seed_value, found.seed_is_fallback, found.seed_protocol = value, is_fallback, protocol
    found.state = SurveyRound.State.DRAWING
    found.save()
    record = {"round": found.pk, "value": value, "is_fallback": is_fallback, "protocol": protocol,
              "by": payload["by"] or 0, "approved_by": scope.user_id or 0}  # fmt: skip
    stage("round.value", f"{found.step_id}-value", record)
    return queue_draw(scope, found)


def _check(found: SurveyRound, value: str, is_fallback: bool, protocol: str) -> None:
    if found.state != SurveyRound.State.FIXED:
        raise RefusedError.of("round.not_fixed")
    if found.seed_on is None or (today() < found.seed_on and not settings.DEMO):
        raise RefusedError.of("round.value_too_early", Place(key="value"), day=str(found.seed_on))
    form = found.seed_fallback_form if is_fallback else found.seed_form
    if not form_fits(form, value):
        raise RefusedError.of("round.value_form", Place(key="value"), form=form)
    if is_fallback and not protocol:
        raise RefusedError.of("round.protocol_missing", Place(key="protocol"))


def open_values(round_id: int) -> list[Proposal]:
    """Proposals of a value that wait for the auditor."""
    rows = Proposal.objects.filter(kind=ACT, payload__round=round_id, state=Proposal.State.OPEN)
    return list(rows.select_related("proposer").order_by("pk"))


def describe(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """What the auditor compares with what was published."""
    found = SurveyRound.objects.filter(pk=payload["round"]).first()
    if found is None:
        return [(_("Round"), payload["name"])]
    told = [
        (_("Round"), found.name),
        (_("Public draw that was named"), found.seed_source),
        (_("Day of the public draw"), str(found.seed_on)),
        (_("Spelling of the value"), found.seed_form),
        (_("Drawn value"), payload["value"]),
    ]
    if payload["is_fallback"]:
        told += [
            (_("The named draw was not used"), payload["protocol"]),
            (_("If that draw does not take place"), f"{found.seed_fallback}, {found.seed_fallback_form}"),
        ]
    others = other_values(payload["round"], payload["value"])
    if others:
        told.append((_("Other values that were proposed"), ", ".join(others)))
    look_up = _("Look the value up yourself where it was published. The same value gives the same sample.")
    return [*told, (_("Before you approve"), look_up)]


def other_values(round_id: int, but: str) -> list[str]:
    """Values of other proposals for the same round: somebody may be trying."""
    rows = Proposal.objects.filter(kind=ACT, payload__round=round_id).order_by("pk")
    values = dict.fromkeys(row.payload["value"] for row in rows)
    return [value for value in values if value != but]


def act() -> approval.Act:
    """The two-person act: who draws proposes, who audits decides."""
    title = gettext_lazy("Drawn value of a survey round")
    return approval.Act(ACT, title, PROPOSES, carry_value, describe=describe, decided_by=DECIDES)
