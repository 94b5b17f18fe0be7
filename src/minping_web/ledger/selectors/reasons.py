"""Why records were opened or accounts rescued: the words that entries of the log commit to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from minping_web.ledger.models import KeptWords, StagedEntry

KINDS = ("ledger.export", "ledger.year_exported", "account.rescued")
MOST = 50


@dataclass(frozen=True)
class Stated:
    """One act; `by`: number of the account, None for the command on the server."""

    kind: str
    at: datetime
    by: int | None
    reason: str


def stated_reasons() -> list[Stated]:
    """The newest acts whose reasons the ledger keeps itself; a forgotten record has none."""
    rows = list(StagedEntry.objects.filter(kind__in=KINDS).order_by("-pk")[:MOST])
    words = KeptWords.objects.filter(step_id__in=[one.step_id for one in rows], name="reason")
    texts = dict(words.values_list("step_id", "text"))
    return [
        Stated(one.kind, one.staged_at, (one.record or {}).get("by"), texts.get(one.step_id, ""))
        for one in rows
    ]
