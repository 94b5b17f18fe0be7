"""The vote is lean: few queries, no session, one rendering for everybody, and nothing is left unsaid."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from minping_web.ballots.rules.waiting import Left, time_left
from minping_web.common.clock import now
from minping_web.rounds.rules.words import Channel
from minping_web.rounds.services.secrets import destroy_secrets, rounds_with_secrets
from tests.web.ballots.forms import form_data
from tests.web.ballots.test_vote import page_of, send
from tests.web.factories import SmallDistrict
from tests.web.rounds.factory import OpenRound, instrument_version, open_round

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def ready(district: SmallDistrict) -> OpenRound:
    """Two households in each area of the only round whose keys exist: a token is looked for in each."""
    found = open_round(district, n=2, channels=(Channel.SMS,))
    for other in set(rounds_with_secrets()) - {found.round.pk}:
        destroy_secrets(other)
    return found


def test_opening_a_link_takes_three_queries_at_most(
    ready: OpenRound, django_assert_max_num_queries: Any
) -> None:
    client, token = Client(), ready.token
    page_of(token)
    with django_assert_max_num_queries(1):
        client.get(f"/v/{token}/")
    send(token, page_of(token)[1])
    with django_assert_max_num_queries(2):
        client.get(f"/v/{token}/")


def test_sending_takes_the_steps_of_the_vote_and_no_more(
    ready: OpenRound, django_assert_max_num_queries: Any
) -> None:
    """Slip, key, transaction (2), lock, state, invitation, slot, insert, two marks."""
    client, token = Client(), ready.token
    hidden = page_of(token)[1]
    with django_assert_max_num_queries(11):
        assert client.post(f"/v/{token}/", hidden | form_data()).status_code == 200


def test_what_is_kept_in_memory_holds_nothing_of_anybody(ready: OpenRound) -> None:
    one, other = ready.all_tokens[:2]
    texts = [page_of(token)[0] for token in (one, other)]
    forms = [page_of(token)[1]["form_id"] for token in (one, one, other)]
    assert len(set(forms)) == 3
    assert one not in texts[1]
    assert "checked" not in texts[1]


def test_two_questionnaires_are_two_pages(district: SmallDistrict, ready: OpenRound) -> None:
    longer = instrument_version(items=6)
    other = open_round(district, n=1, version=longer)
    assert "item_q6" in page_of(other.token)[0]
    assert "item_q6" not in page_of(ready.token)[0]


def test_who_asks_why_what_happens_and_how_to_object_are_always_said(district: SmallDistrict) -> None:
    """D13: nobody is asked without having been told, whatever the questionnaire leaves out."""
    bare = instrument_version(intro={"why": {"zh": "试验缘由", "en": "a trial"}})
    text = page_of(open_round(district, n=1, version=bare).token)[0]
    for said in ("委托第三方", "试验缘由", "加密保存", "参加与否由您决定"):
        assert said in text


def test_the_place_is_escaped(district: SmallDistrict) -> None:
    place = district.responsibility_areas[0]
    place.name, place.code = "<b>甲&乙</b>", "A&B 1"
    place.save(update_fields=["name", "code"])
    around = district.communities[0]
    around.code = "A&B 2"
    around.save(update_fields=["code"])
    ready = open_round(district, n=1, areas=[place])
    text = page_of(ready.token)[0]
    assert "&lt;b&gt;甲&amp;乙" in text
    assert "<b>甲" not in text
    assert "area=A%26B%202" in text
    assert "area=A%26B%201" not in text


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        (timedelta(days=3, hours=5), Left(days=3)),
        (timedelta(hours=48), Left(days=2)),
        (timedelta(hours=47, minutes=59), Left(hours=47)),
        (timedelta(minutes=59), Left()),
        (timedelta(minutes=-5), Left()),
    ],
)
def test_time_left_is_told_in_one_unit_and_never_too_much(rest: timedelta, told: Left) -> None:
    moment = now()
    assert time_left(moment, moment + rest) == told
