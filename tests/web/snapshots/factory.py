"""Custodians with their files, ballots in their slots, a closing that runs to its end."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from minping_engine.terms import Mode
from minping_web.access.selectors import scope_of
from minping_web.ballots.models import Custodian, OpenBallot, RoundClosing, RoundKey
from minping_web.ballots.rules import custody as rules
from minping_web.ballots.rules.payload import Circumstances, payload_of
from minping_web.ballots.rules.sealing import seal
from minping_web.ballots.rules.words import Body
from minping_web.ballots.selectors.slips import find
from minping_web.ballots.services import custody
from minping_web.ballots.services.casting import CastForm, Outcome, cast
from minping_web.ballots.services.closing import bring_key, start_closing
from minping_web.common.scope import Scope, system_scope
from minping_web.instruments.rules.questionnaire import Given
from minping_web.places.models import Area
from minping_web.rounds.models import Invitation, SurveyRound
from minping_web.site.wiring import wire
from minping_web.snapshots.services.closing import close_round
from tests.web import factories
from tests.web.emptying import empty_tables
from tests.web.rounds.factory import OpenRound

PASSPHRASE = "a sentence that only I know"
ROLE_OF = {Body.BUREAU: "district_bureau", Body.THIRD_PARTY: "survey_manager", Body.AUDITOR: "auditor"}


@dataclass
class Keeper:
    """A custodian with the scope to act and the file that was downloaded."""

    scope: Scope
    row: Custodian
    file: bytes


class Quiet:
    """A job's progress that nobody watches."""

    @property
    def scope(self) -> Scope:
        """All rights."""
        return system_scope()

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """Nothing."""


def keeper(body: Body, *, proven: bool = True) -> Keeper:
    """Somebody of the body who made a key and, usually, tried the file."""
    who = factories.user()
    factories.grant(who, ROLE_OF[body])
    scope = scope_of(who, second_factor_at=timezone.now())
    row, file = custody.make_key(scope, body, PASSPHRASE)
    if proven:
        row = custody.drill(scope, file, PASSPHRASE)
    return Keeper(scope, row, file)


def three_keepers() -> dict[Body, Keeper]:
    """All three bodies."""
    return {body: keeper(body) for body in Body}


def reseal(ready: OpenRound) -> None:
    """Give an open round of the factory a key that its custodians hold."""
    RoundKey.objects.filter(pk=ready.round.pk).delete()
    custody.make_round_key(ready.round.pk)


ANSWERS = (5, 4, 3, 2, 1)


def vote(
    token: str, answers: Sequence[int | None] = ANSWERS, *, comment: str = "", form_id: str = "", **more: Any
) -> Outcome:
    """Vote with a token, as the page does."""
    found = find(token)
    assert found is not None
    given = Given(
        items={f"q{number}": code for number, code in enumerate(answers, 1)},
        about=more.pop("about", {"age_band": 1}),
        comment=comment,
        fields=more.pop("fields", ()),
    )
    instrument, base_rev = more.pop("instrument", "test-worker@1"), more.pop("base_rev", 0)
    form = CastForm(form_id or token, base_rev, given, instrument, found.slip.channel, **more)
    return cast(found.slip, found.keys, form)


def open_answer(ready: OpenRound, area: Area, *, comment: str = "") -> None:
    """Somebody answers the open link: an area, no household."""
    given = Given({f"q{number}": 1 for number in range(1, 6)}, {}, comment=comment)
    about = Circumstances("test-worker@1", area.pk, mode_used=Mode.OPEN_ONLINE)
    number = uuid.uuid4()
    key = bytes(RoundKey.objects.get(pk=ready.round.pk).public_key)
    sealed = seal(key, ready.round.pk, number.bytes, payload_of(given, about))
    OpenBallot.objects.create(id=number, round=ready.round, sealed=sealed)


def end_voting(ready: OpenRound, keepers: dict[Body, Keeper]) -> RoundClosing:
    """Past the announced end, the bureau closes."""
    past = timezone.now() - timedelta(minutes=1)
    SurveyRound.objects.filter(pk=ready.round.pk).update(closes_at=past)
    return start_closing(keepers[Body.BUREAU].scope, ready.round.pk)


def bring(ready: OpenRound, *keepers: Keeper) -> RoundClosing:
    """Custodians bring their files, one after the other."""
    for one in keepers:
        closing = bring_key(fresh(one.scope), ready.round.pk, one.file, PASSPHRASE)
    return closing


def fresh(scope: Scope) -> Scope:
    """With a second factor given this moment."""
    return replace(scope, second_factor_at=timezone.now())


def close(ready: OpenRound, reached: Callable[[str], object] = lambda step: None) -> dict[str, Any]:
    """What the job does."""
    return close_round(ready.round.pk, Quiet(), reached)


def spent(ready: OpenRound) -> int:
    """Households that voted."""
    return Invitation.objects.filter(round=ready.round, spent_token__isnull=False).count()


def cheap_scrypt(monkeypatch: Any) -> None:
    """Guessing passphrases is not under test: a thousandth of the work."""
    monkeypatch.setattr(rules, "SCRYPT_N", 2**10)


@contextmanager
def kept_for_a_module(blocker: Any) -> Iterator[None]:
    """What is made inside is committed and stays until the block ends; tests take back their own.

    A round cannot be closed inside a transaction: votes are durable, and tables are written anew.
    """
    with blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        wire()
        cheap_scrypt(patch)
        try:
            yield
        finally:
            empty_tables()
