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
from datetime import date, datetime
from enum import StrEnum

from django.db import transaction
from django.utils.timezone import localdate

from minping_web.ballots.rules.payload import Circumstances, payload_of
from minping_web.ballots.rules.sealing import seal
from minping_web.ballots.selectors.keys import slot_of
from minping_web.common.clock import now
from minping_web.common.prepared_sql import carry_out
from minping_web.instruments.rules.questionnaire import Given
from minping_web.rounds.rules.words import Channel, TokenState
from minping_web.rounds.selectors.slips import Slip
from minping_web.rounds.services.secrets import RoundSecrets
from minping_web.rounds.services.spending import Locked, Standing, lock_for_vote, mark_spent, standing_of

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
    if not keys.public:
        return Outcome(Kind.ENDED)  # not opened yet
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
    sealed = seal(keys.public, slip.round_id, slip.h2, payload_of(form.given, about))
    with transaction.atomic(durable=True):
        return _decided(slip, keys, form, sealed, now())


def _decided(slip: Slip, keys: RoundSecrets, form: CastForm, sealed: bytes, moment: datetime) -> Outcome:
    """Steps 1 to 3, inside the transaction."""
    if refused := _refusal(standing_of(slip.round_id, slip.area_id), form.mode, moment):
        return Outcome(refused)
    locked = lock_for_vote(slip.h1)
    if locked is None or locked.token_state == TokenState.REVOKED:
        return Outcome(Kind.UNKNOWN)
    if locked.spent_token not in (None, locked.token_id):
        return Outcome(Kind.ALREADY_VOTED)
    if locked.spent_mode == Channel.PAPER != form.mode:
        return Outcome(Kind.ON_PAPER)  # its slip lies in the bundle: whoever has it must not replace the vote
    return _placed(slip, keys, form, sealed, locked, localdate(moment))


def _refusal(standing: Standing | None, mode: int, moment: datetime) -> Kind | None:
    """What the page saw may be over by now. Forms on paper were filled in before the end, if keyed later."""
    if standing is None or standing.area_stopped:
        return Kind.ENDED
    on_paper = mode == Channel.PAPER
    if standing.is_stopped:
        return None if on_paper and standing.is_over(moment) else Kind.STOPPED
    is_taken = standing.is_open if on_paper else standing.takes_votes(moment)
    return None if is_taken else Kind.ENDED


def _placed(
    slip: Slip, keys: RoundSecrets, form: CastForm, sealed: bytes, locked: Locked, day: date
) -> Outcome:
    """Write the slot, replace it, or leave it."""
    slot = slot_of(slip.round_id, slip.h2)
    if slot is None:
        return Outcome(Kind.ENDED)
    if not keys.sealed_by(slot.public_key):
        log.critical("The public key of round %s is not the one it was opened with.", slip.round_id)
        return Outcome(Kind.STOPPED)
    receipt, mac = keys.receipt(slip.h2), keys.form_mac(form.form_id)
    if not slot.rev:
        carry_out(
            "INSERT INTO ballots_ballotslot (h2, round_id, rev, form_mac, sealed) VALUES (%s, %s, 1, %s, %s)",
            [slip.h2, slip.round_id, mac, sealed],
        )
        mark_spent(locked, mode=form.mode, day=day)
        return Outcome(Kind.ACCEPTED, receipt, 1)
    if slot.form_mac == mac:
        return Outcome(Kind.REPEATED, receipt, slot.rev)
    if form.base_rev != slot.rev:
        return Outcome(Kind.CONFLICT, receipt, slot.rev)
    carry_out(
        "UPDATE ballots_ballotslot SET sealed = %s, form_mac = %s, rev = rev + 1 WHERE h2 = %s",
        [sealed, mac, slip.h2],
    )
    return Outcome(Kind.REPLACED, receipt, slot.rev + 1)
