"""The household's side of a vote, inside the transaction of `ballots.services.casting`.

The invitation's row is locked before it is read, so racing devices of one household stand in line. Only the
day of the first vote is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from minping_web.common.prepared_sql import carry_out, one_row
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.rules.words import TokenState
from minping_web.rounds.selectors.slips import moment_of

ROUND_LOCK = 0x4D50
"""Class of the advisory locks of rounds: votes share it, closing takes it alone."""

_LOCK = """
SELECT pg_try_advisory_xact_lock_shared(%s, %s),
       CASE current_setting('synchronous_commit')
         WHEN 'off' THEN set_config('synchronous_commit', 'on', true)
       END
"""
"""A server that was told not to wait for its disk waits for this transaction all the same."""


_STANDING = """
SELECT r.state, r.closes_at, a.stopped FROM rounds_surveyround r
LEFT JOIN rounds_roundarea a ON a.round_id = r.id AND a.area_id = %s
WHERE r.id = %s
"""


@dataclass(frozen=True)
class Standing:
    """Round and area as they stand inside the transaction; the page may have shown them minutes ago."""

    state: str
    closes_at: datetime
    area_stopped: bool

    @property
    def is_open(self) -> bool:
        """Whether the round was opened and not ended since."""
        return self.state == SurveyRound.State.OPEN

    @property
    def is_stopped(self) -> bool:
        """Whether the round takes none for the time being."""
        return self.state == SurveyRound.State.STOPPED

    def is_over(self, moment: datetime) -> bool:
        """Whether the announced end has passed."""
        return moment > self.closes_at

    def takes_votes(self, moment: datetime) -> bool:
        """Whether somebody who sends an answer now is in time."""
        return self.is_open and not self.area_stopped and not self.is_over(moment)


@dataclass(frozen=True)
class Locked:
    """The invitation as it stands now, locked until the transaction ends."""

    invitation_id: UUID
    token_id: UUID
    token_state: int
    spent_token: UUID | None
    spent_mode: int | None


def standing_of(round_id: int, area_id: int) -> Standing | None:
    """How round and area stand; None while the round is being closed, which waits for this transaction."""
    if connection.vendor == "postgresql":
        locked = one_row(_LOCK, [ROUND_LOCK, round_id])
        if locked is None or not locked[0]:
            return None
    row = one_row(_STANDING, [area_id, round_id])
    return None if row is None else Standing(row[0], moment_of(row[1]), bool(row[2]))


def lock_for_vote(h1: bytes) -> Locked | None:
    """Lock the household's row, and the token's against a revocation; None for an unknown token."""
    lock = " FOR UPDATE OF i, t" if connection.vendor == "postgresql" else ""
    row = one_row(
        "SELECT i.id, t.id, t.state, i.spent_token, i.spent_mode FROM rounds_invitationtoken t "
        f"JOIN rounds_invitation i ON i.id = t.invitation_id WHERE t.h1 = %s{lock}",
        [h1],
    )
    if row is None:
        return None
    invitation_id, token_id, state, spent, mode = row
    spent_token = None if spent is None else _uuid(spent)
    return Locked(_uuid(invitation_id), _uuid(token_id), state, spent_token, mode)


def mark_spent(locked: Locked, *, mode: int, day: date) -> None:
    """The first accepted vote: this token and no other may replace it."""
    adapt = connection.ops.adapt_datefield_value
    carry_out(
        "UPDATE rounds_invitation SET spent_token = %s, spent_mode = %s, spent_day = %s WHERE id = %s",
        [_key(locked.token_id), mode, adapt(day), _key(locked.invitation_id)],
    )
    carry_out(
        "UPDATE rounds_invitationtoken SET state = %s WHERE id = %s",
        [int(TokenState.USED), _key(locked.token_id)],
    )


def _uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def _key(value: UUID) -> UUID | str:
    return value if connection.features.has_native_uuid_field else value.hex
