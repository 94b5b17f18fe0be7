"""Open records to auditors, and forget them: deleting record and nonce leaves every proof valid."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable

from django.db import transaction

from minping_engine.errors import Place
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.models import KeptWords, StagedEntry
from minping_web.ledger.selectors import EXPORT, current_log
from minping_web.ledger.services.committing import kept
from minping_web.ledger.services.staging import stage

IDS_AT_ONCE = 5_000


@transaction.atomic
def export_opened(
    scope: Scope, *, reason: str, kind: str = "", first: int = 0, last: int | None = None
) -> bytes:
    """Records of the current log as JSON lines that `minping verify log --opened` checks.

    The export is itself entered in the log: who, why, how many, from which index to which. Forgotten records
    are left out. Needs `ledger.export` in the whole district.
    """
    scope.require(EXPORT, "")
    if not reason.strip():
        raise RefusedError.of("approval.reason_missing", Place(key="reason"))
    entries = StagedEntry.objects.filter(log=current_log(), index__gte=first, nonce__isnull=False)
    entries = entries.filter(kind=kind) if kind else entries
    entries = entries.filter(index__lte=last) if last is not None else entries
    lines = {entry.index or 0: _line(entry) for entry in entries.order_by("index").iterator()}
    step = f"ledger.export:{secrets.token_hex(12)}"
    record = {
        "by": scope.user_id, **kept("reason", reason.strip(), step=step), "kind": kind, "entries": len(lines),
        "first": min(lines, default=None), "last": max(lines, default=None),
    }  # fmt: skip
    stage("ledger.export", step, record)
    return "".join(lines.values()).encode()


def _line(entry: StagedEntry) -> str:
    opened = {"index": entry.index, "nonce": bytes(entry.nonce or b"").hex(), "record": entry.record}
    return json.dumps(opened, ensure_ascii=False, separators=(",", ":")) + "\n"


def forget(step_ids: Iterable[str]) -> int:
    """Delete records, nonces and words of these steps for good; entries and proofs stay. Gives how many."""
    ids, count = list(step_ids), 0
    for start in range(0, len(ids), IDS_AT_ONCE):
        some = ids[start : start + IDS_AT_ONCE]
        KeptWords.objects.filter(step_id__in=some).delete()
        found = StagedEntry.objects.filter(step_id__in=some, nonce__isnull=False)
        count += found.update(record=None, nonce=None)
    return count
