"""Why records were opened or accounts rescued: the words that entries of the log commit to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from minping_web.ledger.models import KeptWords, StagedEntry

KINDS = ("ledger.export", "ledger.year_exported", "ledger.policy", "account.rescued")
MOST = 50


@dataclass(frozen=True)
class Stated:
    """One act; `by`: number of the account, None for the command on the server."""

    kind: str
    at: datetime
    by: int | None
    reason: str
    salt: str
    """With it the words give the hash in the record; empty without words."""


def stated_reasons(salt_of: Callable[..., str]) -> list[Stated]:
    """The newest acts whose reasons the ledger keeps itself; a forgotten record has none."""
    rows = list(StagedEntry.objects.filter(kind__in=KINDS).order_by("-pk")[:MOST])
    words = KeptWords.objects.filter(step_id__in=[one.step_id for one in rows], name="reason")
    texts = dict(words.values_list("step_id", "text"))
    return [_stated(one, texts.get(one.step_id, ""), salt_of) for one in rows]


def _stated(entry: StagedEntry, text: str, salt_of: Callable[..., str]) -> Stated:
    record = entry.record or {}
    salt = salt_of(record.get("reason_sha256", ""), text, step=entry.step_id)
    return Stated(entry.kind, entry.staged_at, record.get("by"), text, salt)
