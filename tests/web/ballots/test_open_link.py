"""The open link: anybody, apart from the households, only after a proof of work."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from django.test import Client

from minping_engine.terms import Mode
from minping_web.ballots.models import BallotSlot, OpenBallot, OpenLink, SpentWork
from minping_web.ballots.rules import work
from minping_web.ballots.rules.sealing import SEALED_BYTES, Opener
from minping_web.ballots.services.open_answers import OpenForm, answer_open, switch_link
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.instruments.rules.questionnaire import Given
from minping_web.ledger.models import StagedEntry
from minping_web.rounds.models import Invitation, RoundArea, RoundInstrument, SurveyRound
from tests.web.ballots.forms import form_data
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict, grant, user
from tests.web.rounds.factory import OpenRound, open_round

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture(autouse=True)
def light_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six bits instead of sixteen."""
    monkeypatch.setattr(work.new_challenge, "__defaults__", (6,))


@pytest.fixture
def ready(district: SmallDistrict) -> OpenRound:
    """A round with one questionnaire for each audience."""
    return open_round(district, n=1)


@pytest.fixture
def link(ready: OpenRound, act_as: Callable[..., Scope]) -> OpenLink:
    """Its open link, open."""
    return switch_link(act_as("district_bureau"), ready.round.pk, on=True)


def solved(challenge: str) -> str:
    """The solution, by the description in `rules.work` and not by its code."""
    bits = int(challenge.split(".")[2])
    for n in count():
        digest = hashlib.sha256(f"{challenge}:{n}".encode()).hexdigest()
        if bin(int(digest, 16) | 1 << 256)[3:].startswith("0" * bits):
            return str(n)
    raise AssertionError


def form_of(address: str) -> dict[str, str]:
    """The hidden fields of the form at an address, the work done."""
    text = Client().get(address).content.decode()
    found = re.search(r'name="challenge" value="([^"]+)"', text)
    assert found, text
    return {"challenge": found[1], "solution": solved(found[1])}


def address_of(link: OpenLink, ready: OpenRound) -> str:
    """The form for the first area and the elderly."""
    return f"/o/{link.code}/?area={ready.areas[0].code}&who=elderly"


def test_an_answer_is_sealed_apart_from_the_households(ready: OpenRound, link: OpenLink) -> None:
    """S23: online and random, beside the directed sample."""
    address = address_of(link, ready)
    answer = Client().post(address, form_of(address) | form_data((1, 2, 3, 4, 5)))
    assert answer.status_code == 302
    assert not answer.cookies
    ballot = OpenBallot.objects.get()
    assert len(bytes(ballot.sealed)) == SEALED_BYTES
    found = Opener(ready.private_key).open(ready.round.pk, ballot.pk.bytes, bytes(ballot.sealed))
    assert (found["mode_used"], found["area"]) == (Mode.OPEN_ONLINE.value, ready.areas[0].pk)
    assert found["answers"] == {"q1": 1, "q2": 2, "q3": 3, "q4": 4, "q5": 5}
    assert not BallotSlot.objects.exists()
    assert not Invitation.objects.filter(spent_token__isnull=False).exists()


def test_one_work_serves_once(ready: OpenRound, link: OpenLink) -> None:
    address = address_of(link, ready)
    sent = form_of(address) | form_data()
    for _time in range(3):
        assert Client().post(address, sent).status_code == 302
    assert (OpenBallot.objects.count(), SpentWork.objects.count()) == (1, 1)


def test_an_area_or_round_that_ended_meanwhile_takes_no_open_answer(ready: OpenRound, link: OpenLink) -> None:
    sent = form_of(address_of(link, ready))
    given = Given({f"q{number}": 1 for number in range(1, 6)}, {})
    form = OpenForm(ready.areas[0].pk, "test-worker@1", given, sent["challenge"], sent["solution"])
    RoundArea.objects.filter(area=ready.areas[0]).update(stopped=True)
    assert answer_open(ready.round.pk, form) == "ended"
    RoundArea.objects.update(stopped=False)
    SurveyRound.objects.update(closes_at=now() - timedelta(seconds=1))
    assert answer_open(ready.round.pk, form) == "ended"
    assert not OpenBallot.objects.exists()


def unsolving(challenge: str) -> str:
    """A number that is no solution: of six bits, every sixty-fourth number is one."""
    tried = (str(n) for n in range(10**9, 10**9 + 99))
    return next(n for n in tried if hashlib.sha256(f"{challenge}:{n}".encode()).digest()[0] >> 2)


@pytest.mark.parametrize("change", ["no solution", "wrong", "foreign", "cheaper", "nonsense"])
def test_without_work_nothing_is_taken_and_answers_come_back(
    ready: OpenRound, link: OpenLink, change: str
) -> None:
    address = address_of(link, ready)
    sent = form_of(address)
    challenge = sent["challenge"]
    sent |= {
        "no solution": {"solution": ""},
        "wrong": {"solution": unsolving(challenge)},
        "foreign": {"challenge": work.new_challenge(b"another key", 2e9)},
        "cheaper": {"challenge": re.sub(r"\.6\.", ".0.", challenge)},
        "nonsense": {"challenge": "…", "solution": "１２"},
    }[change]
    answer = Client().post(address, sent | form_data(comment="路灯"))
    assert answer.status_code == 422
    assert "路灯" in answer.content.decode()
    assert not OpenBallot.objects.exists()


def test_old_work_is_not_taken() -> None:
    challenge = work.new_challenge(b"key", 1000, 4)
    solution = solved(challenge)
    assert work.is_solved(b"key", challenge, solution, 1000 + work.LASTS)
    assert not work.is_solved(b"key", challenge, solution, 1001 + work.LASTS)
    assert not work.is_solved(b"key", challenge, solution + "x", 1000)


def test_missing_answers_come_back(ready: OpenRound, link: OpenLink) -> None:
    address = address_of(link, ready)
    answer = Client().post(address, form_of(address) | {"item_q1": "5"})
    assert answer.status_code == 422
    assert not SpentWork.objects.exists()


def test_the_place_is_one_of_the_rated_areas(
    ready: OpenRound, link: OpenLink, district: SmallDistrict
) -> None:
    RoundArea.objects.filter(area=ready.areas[5]).update(stopped=True)
    for code in ("", "nowhere", district.streets[0].code, ready.areas[5].code):
        text = Client().get(f"/o/{link.code}/", {"area": code, "who": "elderly"}).content.decode()
        assert "challenge" not in text
        assert ready.areas[5].code not in text
    where = ""
    for _level in range(4):
        text = Client().get(f"/o/{link.code}/{where}").content.decode()
        where = re.findall(r"(\?area=\w+)&amp;lang", text.split("area-list")[1])[0]
    assert "who=organisation" in Client().get(f"/o/{link.code}/{where}").content.decode()


def test_a_round_with_one_questionnaire_does_not_ask_who_one_is(ready: OpenRound, link: OpenLink) -> None:
    RoundInstrument.objects.exclude(audience="elderly").delete()
    assert form_of(f"/o/{link.code}/?area={ready.areas[0].code}")


def test_a_closed_link_and_a_closed_round_take_nothing(
    ready: OpenRound, link: OpenLink, act_as: Callable[..., Scope]
) -> None:
    address = address_of(link, ready)
    sent = form_of(address) | form_data()
    switch_link(act_as("district_bureau"), ready.round.pk, on=False)
    assert Client().post(address, sent).status_code == 410
    switch_link(act_as("district_bureau"), ready.round.pk, on=True)
    SurveyRound.objects.update(state="closing")
    assert Client().post(address, sent).status_code == 410
    assert Client().get("/o/ZZZZZZ/").status_code == 404
    assert not OpenBallot.objects.exists()
    kinds = (
        StagedEntry.objects.filter(step_id__contains="open-link")
        .order_by("pk")
        .values_list("kind", flat=True)
    )
    assert list(kinds) == ["round.open_link_opened", "round.open_link_closed", "round.open_link_opened"]


def test_only_a_running_round_gets_a_link(ready: OpenRound, act_as: Callable[..., Scope]) -> None:
    SurveyRound.objects.update(state="drawn")
    with pytest.raises(RefusedError):
        switch_link(act_as("district_bureau"), ready.round.pk, on=True)


def test_staff_open_it_print_the_poster_and_see_a_number_only(
    ready: OpenRound, district: SmallDistrict
) -> None:
    who = user()
    grant(who, "district_bureau", area=district.district)
    client, where = sign_in(Client(), who), f"/open-links/{ready.round.pk}/"
    assert client.get(f"{where}poster/").status_code == 302
    assert client.post(where, {"on": "1"}).status_code == 302
    found = OpenLink.objects.get()
    assert found.code in client.get(where).content.decode()
    assert client.get("/open-links/").status_code == 200
    poster = client.get(f"{where}poster/?paper=a3")
    assert poster.content.startswith(b"%PDF")
    assert client.post(where, {"on": "0"}).status_code == 302
    assert not OpenLink.objects.get().is_open
