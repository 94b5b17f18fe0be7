"""Publishing takes two persons: one proposes with a reason, another one looks and approves."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_web.assessments.models import AssessmentRun
from minping_web.common import approval
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError, lines
from minping_web.common.scope import Scope
from minping_web.jobs.services import enqueue
from minping_web.publications.models import PublicationOrder
from minping_web.publications.selectors.current import publication_of_round
from minping_web.publications.selectors.ready import ACT, PUBLISH, hindrances, open_order, open_proposal
from minping_web.publications.services.publish import TASK, open_order_for, refuse_hindered


@transaction.atomic
def propose_publication(scope: Scope, run: AssessmentRun, *, reason: str) -> Proposal:
    """Ask a second person to publish this result. Raises `RefusedError` with all that hinders it."""
    scope.require(PUBLISH)
    refuse_hindered(run, reason)
    if open_proposal(run.pk) is not None:
        raise RefusedError.of("publications.proposed_already", round=run.round.name)
    if open_order(run.round_id) is not None:
        raise RefusedError.of("publications.under_way", round=run.round.name)
    former = publication_of_round(run.round_id)
    words = _("Publish a correction: %(name)s") if former else _("Publish: %(name)s")
    payload = {
        "run": run.pk, "result_sha256": run.result_sha256, "former": former.pk if former else None,
        "reason": reason.strip()[:500], "by": scope.user_id,
    }  # fmt: skip
    title = (words % {"name": run.round.name})[:200]
    return approval.propose(scope, ACT, title=title, reason=reason, payload=payload)


def carry_publication(scope: Scope, payload: dict[str, Any]) -> PublicationOrder:
    """What the second person sets going: an order and its job."""
    run = _run(payload)
    former = publication_of_round(run.round_id)
    if run.result_sha256 != payload["result_sha256"] or (former and former.pk) != payload["former"]:
        raise RefusedError.of("publications.moved", round=run.round.name)
    persons = (payload["by"], scope.user_id)
    order = open_order_for(scope, run, reason=payload["reason"], persons=persons)
    title = _("Publication of %(round)s") % {"round": run.round.name}
    order.job = enqueue(scope, TASK, title=title[:200], order_id=order.pk)
    order.save(update_fields=["job"])
    return order


def _run(payload: dict[str, Any]) -> AssessmentRun:
    rows = AssessmentRun.objects.select_related("round", "scheme", "snapshot")
    return rows.get(pk=payload["run"])


def describe(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """What the second person reads before deciding."""
    run = _run(payload)
    told = [
        (_("Round"), f"{run.round.name} · {run.round.period}"),
        (_("Scheme"), str(run.scheme)),
        (_("assessed"), f"{run.counts.get('assessed', 0)} / {run.counts.get('assessees', 0)}"),
        (_("Hash of the result"), run.result_sha256),
    ]
    if payload["former"]:
        told.append((_("Corrects"), _("The former publication stays public, marked as corrected.")))
    told += [(_("Hinders it"), line.what) for line in lines(hindrances(run))]
    meaning = _("Residents can read the result from then on, and the assessed their cards. It cannot be "
                "taken back, only corrected.")  # fmt: skip
    return [*told, (_("What it means"), meaning)]


def act() -> approval.Act:
    """The two-person act."""
    title = gettext_lazy("Publish a result")
    return approval.Act(ACT, title, PUBLISH, carry_publication, describe=describe)
