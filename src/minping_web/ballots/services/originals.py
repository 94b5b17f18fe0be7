"""Originals of comments: sealed with the field keys, so that a change of keys finds them.

What is sealed has one of four lengths, as ballots have one: the length of a row would tell how much was
written, and whoever saw a neighbour write at length could find the row.
"""

from __future__ import annotations

import json
from uuid import UUID

from minping_web.ballots.models import SealedComment
from minping_web.common.crypto import Keyring, SealedTable, register_sealed

STEPS = (512, 1024, 2048, 4096)
"""Bytes; the first holds some 150 Chinese characters, the last the longest comment that a form takes."""


def about_original(column: str, row_id: object) -> str:
    """What a sealed original is bound to."""
    key = row_id.hex if isinstance(row_id, UUID) else str(row_id)
    return f"ballots_sealedcomment.{column}|{key}"


def seal_original(row_id: UUID, text: str, fields: tuple[str, ...], ring: Keyring) -> bytes:
    """What a resident wrote, with the fields that were ticked."""
    plain = json.dumps({"text": text, "fields": fields}, ensure_ascii=False).encode()
    return ring.seal_bytes(padded(plain), about_original("sealed", row_id))


def padded(plain: bytes) -> bytes:
    """Blanks behind the JSON, which reads the same, up to the next step; beyond the last to its multiples."""
    last = STEPS[-1]
    step = next((step for step in STEPS if len(plain) <= step), -(-len(plain) // last) * last)
    return plain.ljust(step)


def register_tables() -> None:
    """Make the table known to the change of keys."""
    register_sealed(SealedTable(SealedComment, ("sealed",), about_original))
