"""Invitations and their tokens, in bulk. A plain token exists in memory only, on its way to a channel.

Rows are written in random order with random ids, so neither says when or beside whom a token was made.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from minping_web.common.clock import now
from minping_web.rounds.models import Invitation, InvitationToken, SampledUnit, TokenBatch
from minping_web.rounds.rules.tokens import new_token
from minping_web.rounds.rules.words import Channel, TokenState
from minping_web.rounds.services.secrets import make_secrets, secrets_of

ROWS_AT_ONCE = 10_000
_random = secrets.SystemRandom()


class Issued(NamedTuple):
    """A new token: the channel carries it to the household, nobody keeps it."""

    token_id: UUID
    invitation_id: UUID
    token: str


def invite(units: Iterable[SampledUnit]) -> int:
    """Invitations for sampled units that have none yet; gives how many units were handled."""
    handled, rows = 0, iter(units)
    while some := list(islice(rows, ROWS_AT_ONCE)):
        _random.shuffle(some)
        Invitation.objects.bulk_create((_invitation(unit) for unit in some), ignore_conflicts=True)
        handled += len(some)
    return handled


def _invitation(unit: SampledUnit) -> Invitation:
    return Invitation(
        round_id=unit.round_id,
        unit_id=unit.unit_id,
        area_id=unit.area_id,
        stratum=unit.stratum,
        audience=unit.audience,
        frame_cell=unit.frame_cell,
        mode_assigned=unit.mode,
        randomised=unit.randomised,
    )


def make_batch(round_id: int, channel: Channel, title: str, *, by: int | None = None) -> TokenBatch:
    """A batch that tokens belong to: what is sent or printed together, and revoked together."""
    return TokenBatch.objects.create(
        round_id=round_id, channel=channel, title=title, made_by_id=by, made_at=now()
    )


def issue_tokens(batch: TokenBatch, invitation_ids: Sequence[UUID]) -> Iterator[Issued]:
    """One token for each invitation; yields it once, after its row was written.

    Each piece of rows is a transaction of its own: who breaks off leaves tokens that nobody was sent,
    which harm nobody and go with their batch.
    """
    make_secrets(batch.round_id)
    keys = secrets_of(batch.round_id)
    if keys is None:
        raise RuntimeError("the keys of the round are gone")
    order = list(invitation_ids)
    _random.shuffle(order)
    for start in range(0, len(order), ROWS_AT_ONCE):
        issued = [Issued(uuid.uuid4(), one, new_token()) for one in order[start : start + ROWS_AT_ONCE]]
        rows = [(one.token_id, keys.h1(one.token), one.invitation_id) for one in issued]
        with transaction.atomic():
            _write(batch, rows)
            TokenBatch.objects.filter(pk=batch.pk).update(tokens=start + len(issued))
        yield from issued


_TABLE = InvitationToken._meta.db_table
_COLUMNS = ("id", "h1", "invitation_id", "batch_id", "channel", "state")


def _write(batch: TokenBatch, rows: list[tuple[UUID, bytes, UUID]]) -> None:
    """Past the ORM, which takes four times as long for 322,800 tokens."""
    named, tail = ", ".join(_COLUMNS), (batch.pk, int(batch.channel), int(TokenState.LIVE))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {_TABLE} ({named}) FROM STDIN") as copy:
                for token_id, h1, invitation_id in rows:
                    copy.write_row((token_id, h1, invitation_id, *tail))
            return
        marks = ", ".join(["%s"] * len(_COLUMNS))
        cursor.executemany(
            f"INSERT INTO {_TABLE} ({named}) VALUES ({marks})",
            [(token_id.hex, h1, invitation_id.hex, *tail) for token_id, h1, invitation_id in rows],
        )
