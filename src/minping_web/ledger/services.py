"""Stage an entry in the transaction of the step that it seals."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import rfc8785

from minping_web.common.clock import now
from minping_web.ledger.models import StagedEntry


def stage(kind: str, step_id: str, record: dict[str, Any]) -> StagedEntry:
    """Commit to `record` (JSON without floats); a repeat of the same step returns the first entry."""
    found = StagedEntry.objects.filter(step_id=step_id).first()
    if found:
        return found
    nonce = secrets.token_bytes(32)
    return StagedEntry.objects.create(
        step_id=step_id,
        kind=kind,
        commitment=hashlib.sha256(nonce + rfc8785.dumps(record)).digest(),
        nonce=nonce,
        record=record,
        staged_at=now(),
    )
