"""Public keys and slots: what a vote reads."""

from __future__ import annotations

from dataclasses import dataclass

from minping_web.common.prepared_sql import one_row


def public_key_of(round_id: int) -> bytes | None:
    """The key that seals this round's ballots, or None before opening and after destruction."""
    row = one_row(
        "SELECT public_key FROM ballots_roundkey WHERE round_id = %s AND destroyed_on IS NULL", [round_id]
    )
    return bytes(row[0]) if row else None


@dataclass(frozen=True)
class Slot:
    """What stands in a slot, with the key that its round's ballots are sealed to."""

    public_key: bytes
    rev: int
    """How often it was written; 0 = never."""
    form_mac: bytes


_SLOT = """
SELECT k.public_key, s.rev, s.form_mac FROM ballots_roundkey k
LEFT JOIN ballots_ballotslot s ON s.h2 = %s
WHERE k.round_id = %s AND k.destroyed_on IS NULL
"""


def slot_of(round_id: int, h2: bytes) -> Slot | None:
    """A slot, written or not; None once the round's key was destroyed."""
    row = one_row(_SLOT, [h2, round_id])
    return None if row is None else Slot(bytes(row[0]), row[1] or 0, bytes(row[2] or b""))


def revision_of(h2: bytes) -> int:
    """How often this slot was written; 0 = never."""
    row = one_row("SELECT rev FROM ballots_ballotslot WHERE h2 = %s", [h2])
    return int(row[0]) if row else 0
