"""Public keys and revisions: what the vote reads outside its transaction."""

from __future__ import annotations

from minping_web.common.prepared_sql import one_row


def public_key_of(round_id: int) -> bytes | None:
    """The key that seals this round's ballots, or None before opening and after destruction."""
    row = one_row(
        "SELECT public_key FROM ballots_roundkey WHERE round_id = %s AND destroyed_on IS NULL", [round_id]
    )
    return bytes(row[0]) if row else None


def revision_of(h2: bytes) -> int:
    """How often this slot was written; 0 = never."""
    row = one_row("SELECT rev FROM ballots_ballotslot WHERE h2 = %s", [h2])
    return int(row[0]) if row else 0
