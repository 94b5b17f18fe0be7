"""Proposed values of the public draw of a two-way choice: what waits for the auditor, what else was tried."""

from __future__ import annotations

from minping_web.common.clock import now
from minping_web.common.models import Proposal

ACT = "choices.value"


def open_values(choice_id: int) -> list[Proposal]:
    """Proposals of a value that wait for the auditor."""
    rows = Proposal.objects.filter(
        kind=ACT, payload__choice=choice_id, state=Proposal.State.OPEN, expires_at__gt=now()
    )
    return list(rows.select_related("proposer").order_by("pk"))


def other_values(choice_id: int, but: str) -> list[str]:
    """Values of other proposals for the same choice: somebody may be trying."""
    rows = Proposal.objects.filter(kind=ACT, payload__choice=choice_id).order_by("pk")
    values = dict.fromkeys(row.payload["value"] for row in rows)
    return [value for value in values if value != but]
