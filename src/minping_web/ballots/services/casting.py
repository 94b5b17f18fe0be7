"""The vote: steps 0 to 4 of vote.md, exactly.

In: a slip that was found without a lock, and a form that was checked. Out: what became of it, in one
transaction that is durable before anybody is thanked. An identical repeat writes nothing and gets the same
receipt; a delayed retry of an older form never overwrites a newer answer (`base_rev`); the household's
first token is the only one that may replace, and not a vote on paper. No vote is logged, and no time is
written but the day of the first vote.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db import transaction

from minping_web.ballots.rules.payload import Circumstances, payload_of
from minping_web.ballots.rules.sealing import seal
from minping_web.ballots.selectors.keys import public_key_of
from minping_web.common.clock import today
from minping_web.common.prepared_sql import carry_out, one_row
from minping_web.instruments.rules.questionnaire import Given
from minping_web.rounds.rules.words import Channel, TokenState
from minping_web.rounds.selectors.slips import Slip
from minping_web.rounds.services.secrets import RoundSecrets
from minping_web.rounds.services.spending import Locked, lock_for_vote, mark_spent, round_takes_votes

log = logging.getLogger(__name__)


class Kind(StrEnum):
    """What became of a vote."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    REPLACED = "replaced"
    CONFLICT = "conflict"
    ALREADY_VOTED = "already_voted"
    ON_PAPER = "on_paper"
    STOPPED = "stopped"
    ENDED = "ended"
    UNKNOWN = "unknown"

    @property
    def is_counted(self) -> bool:
        """Whether the household's answer stands as it was sent."""
        return self in {Kind.ACCEPTED, Kind.REPEATED, Kind.REPLACED}


@dataclass(frozen=True)
class Outcome:
    """The answer to a vote; receipt and `rev` where a ballot of this token stands."""

    kind: Kind
    receipt: str = ""
    rev: int = 0


@dataclass(frozen=True)
class CastForm:
    """A filled-in form: random id of its rendering, the revision it was shown for, its answers."""

    form_id: str
    base_rev: int
    given: Given
    instrument: str
    mode: int
    cluster: str = ""
    batch: str = ""


def cast(slip: Slip, keys: RoundSecrets, form: CastForm) -> Outcome:
    """Count the vote or say why not. RuntimeError inside another transaction: counted means durable."""
    public_key = public_key_of(slip.round_id)
    if public_key is None:
        return Outcome(Kind.ENDED)
    if not keys.sealed_by(public_key):
        log.critical("The public key of round %s is not the one it was opened with.", slip.round_id)
        return Outcome(Kind.STOPPED)
    about = Circumstances(
        instrument=form.instrument,
        area_id=slip.area_id,
        stratum=slip.stratum,
        frame_cell=slip.frame_cell,
        mode_used=form.mode,
        mode_assigned=slip.mode_assigned,
        randomised=slip.randomised,
        cluster=form.cluster,
        batch=form.batch,
    )
    sealed = seal(public_key, slip.round_id, slip.h2, payload_of(form.given, about))
    with transaction.atomic(durable=True):
        return _decided(slip, keys, form, sealed, today())


def _decided(slip: Slip, keys: RoundSecrets, form: CastForm, sealed: bytes, day: date) -> Outcome:
    """Steps 1 to 3, inside the transaction."""
    if not round_takes_votes(slip.round_id):
        return Outcome(Kind.ENDED)
    locked = lock_for_vote(slip.h1)
    if locked is None or locked.token_state == TokenState.REVOKED:
        return Outcome(Kind.UNKNOWN)
    if locked.spent_token not in (None, locked.token_id):
        return Outcome(Kind.ALREADY_VOTED)
    if locked.spent_mode == Channel.PAPER != form.mode:
        return Outcome(Kind.ON_PAPER)  # its slip lies in the bundle: whoever has it must not replace the vote
    return _placed(slip, keys, form, sealed, locked, day)


def _placed(
    slip: Slip, keys: RoundSecrets, form: CastForm, sealed: bytes, locked: Locked, day: date
) -> Outcome:
    """Write the slot, replace it, or leave it."""
    receipt, mac = keys.receipt(slip.h2), keys.form_mac(form.form_id)
    row = one_row("SELECT rev, form_mac FROM ballots_ballotslot WHERE h2 = %s", [slip.h2])
    if row is None:
        carry_out(
            "INSERT INTO ballots_ballotslot (h2, round_id, rev, form_mac, sealed) VALUES (%s, %s, 1, %s, %s)",
            [slip.h2, slip.round_id, mac, sealed],
        )
        mark_spent(locked, mode=form.mode, day=day)
        return Outcome(Kind.ACCEPTED, receipt, 1)
    rev, known_mac = int(row[0]), bytes(row[1])
    if known_mac == mac:
        return Outcome(Kind.REPEATED, receipt, rev)
    if form.base_rev != rev:
        return Outcome(Kind.CONFLICT, receipt, rev)
    carry_out(
        "UPDATE ballots_ballotslot SET sealed = %s, form_mac = %s, rev = rev + 1 WHERE h2 = %s",
        [sealed, mac, slip.h2],
    )
    return Outcome(Kind.REPLACED, receipt, rev + 1)
