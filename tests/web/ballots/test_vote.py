"""A resident votes: accepted, repeated, replaced, refused; what the tables hold then."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from minping_web.ballots.models import BallotSlot
from minping_web.ballots.rules.sealing import SEALED_BYTES, NotReadableError, Opener
from minping_web.ballots.selectors.slips import find
from minping_web.ballots.services.casting import CastForm, Kind, cast
from minping_web.common.clock import now
from minping_web.instruments.rules.questionnaire import Given
from minping_web.rounds.models import Invitation, InvitationToken, RoundArea, SurveyRound
from minping_web.rounds.rules.words import Channel, TokenState
from minping_web.rounds.services.secrets import secrets_of
from tests.web.factories import SmallDistrict
from tests.web.rounds.factory import OpenRound, open_round

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def ready(district: SmallDistrict) -> OpenRound:
    """Six areas with two households each; every household has a message and a letter."""
    return open_round(district, n=2, channels=(Channel.SMS, Channel.QR))


def form_data(answers: tuple[int, ...], **more: str) -> dict[str, str]:
    """What the form posts."""
    return {f"item_q{number}": str(code) for number, code in enumerate(answers, 1)} | more


def page_of(token: str) -> tuple[str, dict[str, str]]:
    """The page of a token and its hidden fields."""
    answer = Client().get(f"/v/{token}/")
    text = answer.content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text))
    return text, hidden


def send(
    token: str, hidden: dict[str, str], answers: tuple[int, ...] = (5, 5, 5, 5, 5), **more: str
) -> tuple[int, str]:
    """Post a filled-in form; status and text."""
    answer = Client().post(f"/v/{token}/", hidden | form_data(answers, **more))
    return answer.status_code, answer.content.decode()


def receipt_in(text: str) -> str:
    """The receipt on the thanks page."""
    found = re.search(r'data-receipt="([A-Z2-7]{16})"', text)
    assert found, text
    return found[1]


def opened(ready: OpenRound, token: str) -> dict[str, object]:
    """The one ballot of a token, as closing will read it."""
    keys = secrets_of(ready.round.pk)
    assert keys
    h2 = keys.h2(token)
    slot = BallotSlot.objects.get(pk=h2)
    return Opener(ready.private_key).open(ready.round.pk, h2, bytes(slot.sealed))


def test_five_taps_and_send(ready: OpenRound) -> None:
    """S5, D5: five taps; who was helped says so, and the ballot keeps it."""
    token = ready.token
    _text, hidden = page_of(token)
    status, thanks = send(token, hidden, (5, 4, 3, 2, 1), comment="路灯坏了", about_age_band="2", help="1")
    assert status == 200
    assert len(receipt_in(thanks)) == 16
    found = opened(ready, token)
    assert found["answers"] == {"q1": 5, "q2": 4, "q3": 3, "q4": 2, "q5": 1}
    assert (found["comment"], found["about"], found["help"]) == ("路灯坏了", {"age_band": 2}, 1)
    spent = Invitation.objects.get(spent_token__isnull=False)
    assert (spent.spent_mode, spent.area_id) == (Channel.SMS, found["area"])


def test_opening_the_link_changes_nothing(ready: OpenRound) -> None:
    for _time in range(3):
        page_of(ready.token)
    assert not BallotSlot.objects.exists()
    assert not Invitation.objects.filter(spent_token__isnull=False).exists()


def test_no_cookie_and_nothing_kept(ready: OpenRound) -> None:
    answer = Client().get(f"/v/{ready.token}/")
    assert not answer.cookies
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_repeat_of_the_same_form_gets_the_same_receipt_and_writes_nothing(ready: OpenRound) -> None:
    token = ready.token
    _text, hidden = page_of(token)
    first = receipt_in(send(token, hidden)[1])
    before = bytes(BallotSlot.objects.get().sealed)
    assert receipt_in(send(token, hidden, (1, 1, 1, 1, 1))[1]) == first
    assert bytes(BallotSlot.objects.get().sealed) == before


def test_come_back_and_change(ready: OpenRound) -> None:
    token = ready.token
    first = receipt_in(send(token, page_of(token)[1])[1])
    text, hidden = page_of(token)
    assert hidden["rev"] == "1"
    assert "checked" not in text
    assert receipt_in(send(token, hidden, (1, 1, 1, 1, 1))[1]) == first
    assert opened(ready, token)["answers"] == dict.fromkeys(("q1", "q2", "q3", "q4", "q5"), 1)
    assert BallotSlot.objects.get().rev == 2


def test_a_delayed_retry_never_overwrites_a_newer_answer(ready: OpenRound) -> None:
    token = ready.token
    _text, late = page_of(token)
    send(token, page_of(token)[1], (1, 1, 1, 1, 1))
    status, text = send(token, late, (5, 5, 5, 5, 5))
    assert status == 409
    assert set(opened(ready, token)["answers"].values()) == {1}
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text))
    assert send(token, hidden, (5, 5, 5, 5, 5))[0] == 200
    assert set(opened(ready, token)["answers"].values()) == {5}


def test_the_second_slip_of_a_household_is_refused(ready: OpenRound) -> None:
    first, second = next(iter(ready.by_invitation.values()))
    send(first, page_of(first)[1])
    assert Client().get(f"/v/{second}/").status_code == 409
    assert send(second, {"form_id": "x", "rev": "0"})[0] == 409
    assert BallotSlot.objects.count() == 1


def test_missing_answers_come_back_with_what_was_ticked(ready: OpenRound) -> None:
    token = ready.token
    _text, hidden = page_of(token)
    answer = Client().post(f"/v/{token}/", hidden | {"item_q1": "5", "item_q2": "9", "comment": "a<b"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert hidden["form_id"] in text
    assert "a&lt;b" in text
    assert "已经回答过" not in text
    assert not BallotSlot.objects.exists()


def test_unknown_and_revoked_tokens_get_one_answer(ready: OpenRound) -> None:
    keys = secrets_of(ready.round.pk)
    assert keys
    InvitationToken.objects.filter(h1=keys.h1(ready.token)).update(state=TokenState.REVOKED)
    one, other = Client().get(f"/v/{ready.token}/"), Client().get("/v/0000000000000000/")
    assert (one.status_code, other.status_code) == (404, 404)
    assert one.content == other.content


@pytest.mark.parametrize(
    ("state", "status"), [("drawn", 410), ("stopped", 410), ("closing", 410), ("cancelled", 410)]
)
def test_only_an_open_round_takes_votes(ready: OpenRound, state: str, status: int) -> None:
    _text, hidden = page_of(ready.token)
    SurveyRound.objects.update(state=state)
    assert Client().get(f"/v/{ready.token}/").status_code == status
    assert send(ready.token, hidden)[0] == status
    assert not BallotSlot.objects.exists()


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ("end", Kind.ENDED), ("area", Kind.ENDED), ("closing", Kind.ENDED), ("stopped", Kind.STOPPED),
        ("nothing", Kind.ACCEPTED),
    ],
)  # fmt: skip
def test_what_ended_between_page_and_vote_is_seen_inside_the_transaction(
    ready: OpenRound, what: str, kind: Kind
) -> None:
    """The slip was read before the lock; round and area may have ended since."""
    found = find(ready.token)
    assert found
    if what == "end":
        SurveyRound.objects.update(closes_at=now() - timedelta(seconds=1))
    elif what == "area":
        RoundArea.objects.filter(area_id=found.slip.area_id).update(stopped=True)
    elif what != "nothing":
        SurveyRound.objects.update(state=what)
    given = Given({f"q{number}": 1 for number in range(1, 6)}, {})
    form = CastForm("one", 0, given, "test-worker@1", int(Channel.SMS))
    assert cast(found.slip, found.keys, form).kind is kind
    assert BallotSlot.objects.count() == (kind is Kind.ACCEPTED)
    assert Invitation.objects.filter(spent_token__isnull=False).count() == (kind is Kind.ACCEPTED)


def test_every_ballot_is_equally_long_and_bound_to_its_slot(ready: OpenRound) -> None:
    for token, words in zip(ready.all_tokens, ("", "好" * 500, "\U0001f600" * 500), strict=False):
        assert send(token, page_of(token)[1], comment=words)[0] == 200
    slots = list(BallotSlot.objects.all())
    assert {len(bytes(slot.sealed)) for slot in slots} == {SEALED_BYTES}
    with pytest.raises(NotReadableError):
        Opener(ready.private_key).open(ready.round.pk, bytes(slots[0].pk), bytes(slots[1].sealed))


def test_the_code_from_the_letter_may_be_typed_with_blanks_and_lookalikes(ready: OpenRound) -> None:
    token = ready.token
    typed = " ".join(token[at : at + 4] for at in range(0, 16, 4)).lower().replace("0", "o").replace("1", "l")
    answer = Client().post("/v/", {"code": typed})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/v/{token}/")
    assert Client().post("/v/", {"code": "too short"}).status_code == 422


def test_no_foreign_key_leads_from_a_ballot_to_a_unit_or_person() -> None:
    with connection.cursor() as cursor:
        columns = {
            name.name for name in connection.introspection.get_table_description(cursor, "ballots_ballotslot")
        }
        keys = connection.introspection.get_relations(cursor, "ballots_ballotslot")
    assert columns == {"h2", "round_id", "rev", "form_mac", "sealed"}
    assert {table for _column, table in keys.values()} == {"rounds_surveyround"}
