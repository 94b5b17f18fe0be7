"""What a token stands for, without a lock: the page shows it, `cast` decides again inside its transaction.

One query finds token, invitation and round. Whoever asks learns nothing about tokens of closed rounds: when
the keys are gone, theirs are like tokens that never were.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from minping_web.common.prepared_sql import one_row
from minping_web.rounds.rules.words import TokenState


@dataclass(frozen=True)
class Slip:
    """A token's invitation as it stood when it was read."""

    round_id: int
    round_state: str
    opens_at: datetime
    closes_at: datetime
    token_id: UUID
    channel: int
    revoked: bool
    area_id: int
    area_stopped: bool
    stratum: int
    frame_cell: str
    audience: str
    instrument_sha256: str
    """Of the frozen questionnaire for this household; empty where the round has none for it."""
    mode_assigned: int
    randomised: bool
    spent: bool
    spent_by_this: bool
    spent_mode: int | None
    """How the first vote was given; None before it."""
    h1: bytes
    h2: bytes
    place: str = ""
    """The rated area's name, as people say it."""
    place_code: str = ""
    """Its code."""


_SQL = """
SELECT r.id, r.state, r.opens_at, r.closes_at, t.id, t.channel, t.state, i.area_id, a.stopped, i.stratum,
       i.frame_cell, i.audience, q.sha256, i.mode_assigned, i.randomised, i.spent_token, p.name,
       p.code, i.spent_mode
FROM rounds_invitationtoken t
JOIN rounds_invitation i ON i.id = t.invitation_id
JOIN rounds_surveyround r ON r.id = i.round_id
LEFT JOIN rounds_roundinstrument v ON v.round_id = r.id AND v.audience = i.audience
LEFT JOIN instruments_instrumentversion q ON q.id = v.version_id
JOIN places_area p ON p.id = i.area_id
LEFT JOIN rounds_roundarea a ON a.round_id = r.id AND a.area_id = i.area_id
WHERE t.h1 = %s
"""
"""Raw: it runs at every opening of a link; the ORM would take as long as the rest of the page."""


def find_slip(h1: bytes, h2: bytes) -> Slip | None:
    """The invitation behind `h1`, or None."""
    row = one_row(_SQL, [h1])
    if row is None:
        return None
    spent = row[15]
    return Slip(
        round_id=row[0],
        round_state=row[1],
        opens_at=moment_of(row[2]),
        closes_at=moment_of(row[3]),
        token_id=_uuid(row[4]),
        channel=row[5],
        revoked=row[6] == TokenState.REVOKED,
        area_id=row[7],
        area_stopped=bool(row[8]),
        stratum=row[9],
        frame_cell=row[10],
        audience=row[11],
        instrument_sha256=row[12] or "",
        mode_assigned=row[13],
        randomised=bool(row[14]),
        spent=spent is not None,
        spent_by_this=spent is not None and _uuid(spent) == _uuid(row[4]),
        spent_mode=row[18],
        h1=h1,
        h2=h2,
        place=row[16],
        place_code=row[17],
    )


def _uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def moment_of(value: datetime | str) -> datetime:
    """A moment as a raw statement gives it: SQLite tells text without a zone."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value if value.tzinfo else value.replace(tzinfo=connection.timezone)
