"""Originals of comments: sealed with the field keys, so that a change of keys finds them."""

from __future__ import annotations

import json
from uuid import UUID

from minping_web.ballots.models import SealedComment
from minping_web.common.crypto import Keyring, SealedTable, register_sealed


def about_original(column: str, row_id: object) -> str:
    """What a sealed original is bound to."""
    key = row_id.hex if isinstance(row_id, UUID) else str(row_id)
    return f"ballots_sealedcomment.{column}|{key}"


def seal_original(row_id: UUID, text: str, fields: tuple[str, ...], ring: Keyring) -> bytes:
    """What a resident wrote, with the fields that were ticked."""
    plain = json.dumps({"text": text, "fields": fields}, ensure_ascii=False)
    return ring.seal(plain, about_original("sealed", row_id))


def register_tables() -> None:
    """Make the table known to the change of keys."""
    register_sealed(SealedTable(SealedComment, ("sealed",), about_original))
