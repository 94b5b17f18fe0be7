"""What goes wrong: each act with its reason, its row and its entry; some take two persons."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from minping_web.common import approval
from minping_web.common.problems import RefusedError
from minping_web.ledger.models import StagedEntry
from minping_web.rounds.models import Accident, InvitationToken, RoundArea, SurveyRound
from minping_web.rounds.rules.words import AccidentKind, TokenState
from minping_web.rounds.services import accidents, opening
from minping_web.rounds.services.acts import propose_accident
from minping_web.rounds.services.ending import mark_closed, mark_closing
from minping_web.rounds.services.secrets import secrets_of
from tests.web.rounds.conftest import World, drawn
from tests.web.rounds.factory import OpenRound, open_round, takes_votes

WHY = "印刷错误需要更正"


@pytest.fixture
def going(world: World) -> OpenRound:
    return open_round(world.district, n=4, frame=world.frame)


def test_stopping_holds_votes_and_going_on_takes_them_again(world: World, going: OpenRound) -> None:
    accidents.stop(world.bureau, going.round.pk, reason=WHY)
    assert not takes_votes(going.round.pk)
    accidents.resume(world.bureau, going.round.pk, reason=WHY)
    assert takes_votes(going.round.pk)
    kinds = list(Accident.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["stop", "resume"]
    assert list(StagedEntry.objects.filter(kind__startswith="round.").values_list("kind", flat=True)) == [
        "round.stop", "round.resume"
    ]  # fmt: skip


def test_every_act_takes_a_reason(world: World, going: OpenRound) -> None:
    with pytest.raises(RefusedError) as refused:
        accidents.stop(world.bureau, going.round.pk, reason=" ok ")
    assert refused.value.problems[0].code == "round.reason_missing"
    assert takes_votes(going.round.pk)
    assert not Accident.objects.exists()


@pytest.mark.sqlite
def test_cancelling_takes_two_and_destroys_keys_and_codes(
    world: World, going: OpenRound, django_capture_on_commit_callbacks: Any
) -> None:
    proposal = propose_accident(world.bureau, going.round.pk, AccidentKind.CANCEL, reason=WHY)
    with pytest.raises(RefusedError):
        approval.approve(world.bureau, proposal.pk)
    heard: list[int] = []
    accidents.register_canceller(lambda scope, one: heard.append(one.pk))
    with django_capture_on_commit_callbacks(execute=True):
        approval.approve(world.second, proposal.pk)
    accidents._cancellers.pop()
    going.round.refresh_from_db()
    assert (going.round.state, heard) == ("cancelled", [going.round.pk])
    assert set(InvitationToken.objects.values_list("state", flat=True)) == {TokenState.REVOKED}
    assert secrets_of(going.round.pk) is None


def test_an_end_moves_later_only_and_by_two(world: World, going: OpenRound) -> None:
    later = going.round.closes_at + timedelta(days=3)
    proposal = propose_accident(
        world.bureau, going.round.pk, AccidentKind.EXTEND, reason=WHY, closes_at=later.isoformat()
    )
    approval.approve(world.second, proposal.pk)
    going.round.refresh_from_db()
    assert going.round.closes_at == later
    with pytest.raises(RefusedError):
        accidents.extend(world.bureau, going.round.pk, closes_at=later - timedelta(days=1), reason=WHY)


def test_what_needs_no_second_person_is_not_proposed(world: World, going: OpenRound) -> None:
    with pytest.raises(RefusedError):
        propose_accident(world.bureau, going.round.pk, AccidentKind.STOP, reason=WHY)


def test_a_stopped_area_takes_no_votes_and_an_area_asked_again_is_not_counted(
    world: World, going: OpenRound
) -> None:
    one, other = going.areas[:2]
    accidents.stop_area(world.bureau, going.round.pk, one.pk, reason=WHY)
    accidents.rerun_area(world.bureau, going.round.pk, other.pk, reason=WHY)
    rows = {row.area_id: (row.stopped, row.voided) for row in RoundArea.objects.filter(round=going.round)}
    assert (rows[one.pk], rows[other.pk]) == ((True, False), (True, True))
    again = SurveyRound.objects.get(rerun_of=going.round)
    assert (again.state, again.design["areas"]) == ("draft", [other.pk])
    assert again.instruments.count() == 3
    live = InvitationToken.objects.filter(invitation__area=other, state=TokenState.LIVE)
    assert not live.exists()


def test_a_round_that_is_not_open_can_be_postponed_but_not_stopped(world: World) -> None:
    made = drawn(world)
    accidents.postpone(world.bureau, made.pk, days=5, reason=WHY)
    moved = SurveyRound.objects.get(pk=made.pk)
    assert moved.opens_at - made.opens_at == moved.closes_at - made.closes_at == timedelta(days=5)
    with pytest.raises(RefusedError) as refused:
        accidents.stop(world.bureau, made.pk, reason=WHY)
    assert refused.value.problems[0].code == "round.wrong_state"


def test_opening_asks_every_opener_and_enters_what_they_tell(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(opening, "_openers", [])
    opening.register_opener(lambda scope, one: {"public_key": f"key-of-{one.pk}"})
    made = drawn(world)
    opening.open_round(world.bureau, made.pk)
    entry = StagedEntry.objects.get(kind="round.opened")
    assert entry.record["public_key"] == f"key-of-{made.pk}"
    assert takes_votes(made.pk)
    with pytest.raises(RefusedError):
        opening.open_round(world.bureau, made.pk)


def test_firms_and_auditors_cannot_stop_a_round(world: World, going: OpenRound) -> None:
    for scope in (world.manager, world.auditor):
        with pytest.raises(PermissionDenied):
            accidents.stop(scope, going.round.pk, reason=WHY)


def test_closing_ends_a_round_once_and_for_good(world: World, going: OpenRound) -> None:
    mark_closing(going.round)
    ended = going.round.ended_at
    assert not takes_votes(going.round.pk)
    mark_closed(going.round.pk)
    going.round.refresh_from_db()
    assert (going.round.state, going.round.ended_at) == ("closed", ended)
    with pytest.raises(RefusedError):
        accidents.cancel(world.bureau, going.round.pk, reason=WHY)


def test_a_round_that_goes_on_is_not_marked_as_closed(world: World, going: OpenRound) -> None:
    mark_closed(going.round.pk)
    assert takes_votes(going.round.pk)
