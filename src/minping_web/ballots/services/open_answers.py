"""The open link (S23): opened by the bureau, answered by anybody, sealed, never a household's vote."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import uuid4

from django.db import transaction

from minping_engine.terms import Mode
from minping_web.ballots.models import OpenBallot, OpenLink, SpentWork
from minping_web.ballots.rules.payload import Circumstances, payload_of
from minping_web.ballots.rules.sealing import seal
from minping_web.ballots.rules.work import digest_of, is_solved, key_from, new_challenge
from minping_web.ballots.selectors.keys import public_key_of
from minping_web.ballots.selectors.open_links import EDIT
from minping_web.common.clock import now, today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.instruments.rules.questionnaire import Given
from minping_web.ledger.services import stage
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.rules.tokens import ALPHABET
from minping_web.rounds.selectors.rounds import locked_round
from minping_web.rounds.services.secrets import secrets_of
from minping_web.rounds.services.spending import standing_of

CODE_LENGTH = 6


@dataclass(frozen=True)
class OpenForm:
    """A filled-in form of the open link."""

    area_id: int
    instrument: str
    given: Given
    challenge: str
    solution: str


@transaction.atomic
def switch_link(scope: Scope, round_id: int, *, on: bool) -> OpenLink:
    """Open or close the link of an open round; each change is an entry of the ledger."""
    scope.require(EDIT)
    found = locked_round(round_id)
    if on and found.state not in (SurveyRound.State.OPEN, SurveyRound.State.STOPPED):
        raise RefusedError.of("open_link.not_open")
    link = OpenLink.objects.filter(round=found).first() or OpenLink(
        round=found, code=_new_code(), is_open=not on
    )
    if link.is_open != on:
        link.is_open, link.changed_on, link.changed_by_id = on, today(), scope.user_id
        link.changes += 1
        link.save()
        kind = "round.open_link_opened" if on else "round.open_link_closed"
        stage(kind, f"{found.step_id}-open-link-{link.changes}", {"round": found.pk, "code": link.code})
    return link


def _new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def challenge_for(round_id: int) -> str | None:
    """Work to be done before an answer is taken; None when the round's keys are gone."""
    keys = secrets_of(round_id)
    return new_challenge(key_from(keys.k2), now().timestamp()) if keys else None


def answer_open(round_id: int, form: OpenForm) -> str:
    """`accepted`, `repeated` (the same form again), `unsolved` or `ended`; durable before it returns."""
    keys, public_key = secrets_of(round_id), public_key_of(round_id)
    if keys is None or public_key is None or not keys.sealed_by(public_key):
        return "ended"
    if not is_solved(key_from(keys.k2), form.challenge, form.solution, now().timestamp()):
        return "unsolved"
    number = uuid4()
    about = Circumstances(
        instrument=form.instrument, area_id=form.area_id, mode_used=Mode.OPEN_ONLINE.value,
        mode_assigned=Mode.OPEN_ONLINE.value,
    )  # fmt: skip
    sealed = seal(public_key, round_id, number.bytes, payload_of(form.given, about))
    with transaction.atomic(durable=True):
        standing = standing_of(round_id, form.area_id)
        if standing is None or not standing.takes_votes(now()):
            return "ended"
        _work, fresh = SpentWork.objects.get_or_create(
            digest=digest_of(form.challenge), defaults={"round_id": round_id}
        )
        if not fresh:
            return "repeated"
        OpenBallot.objects.create(id=number, round_id=round_id, sealed=sealed)
    return "accepted"
