"""Paper forms: two persons key blind, a third decides, the household has one vote, nothing leads back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client

from minping_web.ballots.models import BallotSlot, KeyingTally, PaperBundle, PaperSheet
from minping_web.ballots.rules.keying import differing, key_fields, read_keying
from minping_web.ballots.rules.sealing import Opener
from minping_web.ballots.rules.words import SheetReason, SheetState
from minping_web.ballots.selectors.paper import keyers, waiting_sheets
from minping_web.ballots.selectors.slips import find
from minping_web.ballots.services.casting import CastForm, Kind, cast
from minping_web.ballots.services.closing import start_closing
from minping_web.ballots.services.early_end import propose_early_end
from minping_web.ballots.services.paper import decide, key, shred, take, third_look
from minping_web.ballots.services.paper_casting import cast_agreed
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.instruments.rules.questionnaire import Given, questionnaire_of
from minping_web.jobs.models import Job
from minping_web.rounds.models import Invitation, InvitationToken, SurveyRound
from minping_web.rounds.rules.words import Channel, Found
from minping_web.rounds.services.accidents import revoke_batch
from minping_web.rounds.services.inviting import guard_tokens
from minping_web.rounds.services.secrets import destroy_secrets, secrets_of
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict, grant, user
from tests.web.rounds.factory import OpenRound, content, open_round

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
ALL_BEST = {f"item_q{number}": "1" for number in range(1, 6)}
"""The first box of each question: very satisfied."""


@dataclass
class Desk:
    """A round with paper forms and three persons at the desk."""

    ready: OpenRound
    first: Scope
    second: Scope
    third: Scope

    @property
    def round_id(self) -> int:
        """Of the round."""
        return self.ready.round.pk

    def keyed(self, who: Scope, token: str, **typed: str) -> PaperSheet:
        """One keying of a sheet of bundle 甲3."""
        return key(who, self.round_id, token, bundle="甲3", typed=ALL_BEST | typed)

    def twice(self, token: str, **typed: str) -> PaperSheet:
        """Two keyings; `typed` is what the second one reads."""
        self.keyed(self.first, token)
        return self.keyed(self.second, token, **typed)


@pytest.fixture
def desk(district: SmallDistrict, act_as: Callable[..., Scope]) -> Desk:
    """Two households in each area, each with a paper form and a message."""
    ready = open_round(district, n=2, channels=(Channel.PAPER, Channel.SMS))
    return Desk(ready, *(act_as("survey_manager") for _person in range(3)))


def code_of(refused: pytest.ExceptionInfo[RefusedError]) -> list[str]:
    """Problem codes."""
    return [problem.code for problem in refused.value.problems]


def test_two_equal_keyings_become_one_ballot(desk: Desk) -> None:
    token = desk.ready.token
    assert desk.keyed(desk.first, token, comment="路灯 坏了。").state == SheetState.ONCE
    assert desk.keyed(desk.second, token, comment="路灯坏了").state == SheetState.AGREED
    assert not BallotSlot.objects.exists()
    assert cast_agreed() == {"cast": 1}
    keys = secrets_of(desk.round_id)
    assert keys
    slot = BallotSlot.objects.get(pk=keys.h2(token))
    found = Opener(desk.ready.private_key).open(desk.round_id, keys.h2(token), bytes(slot.sealed))
    assert (found["answers"]["q1"], found["mode_used"], found["comment"]) == (5, Channel.PAPER, "路灯 坏了。")
    assert Invitation.objects.get(spent_token__isnull=False).spent_mode == Channel.PAPER


def test_a_counted_sheet_keeps_nothing_that_leads_to_the_household(desk: Desk) -> None:
    desk.twice(desk.ready.token)
    cast_agreed()
    sheet = PaperSheet.objects.get()
    assert sheet.state == SheetState.CAST
    assert {sheet.h1, sheet.area_id, sheet.first, sheet.second, sheet.agreed} == {None}


def test_before_counting_the_table_tells_no_answer_and_no_code(desk: Desk) -> None:
    token = desk.ready.token
    desk.keyed(desk.first, token, comment="路灯坏了")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ballots_papersheet")
        row = cursor.fetchone()
    held = b"|".join(bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row)
    assert token.encode() not in held
    assert "路灯".encode() not in held
    sealed = PaperSheet.objects.get().first
    desk.keyed(desk.first, token)
    assert len(bytes(PaperSheet.objects.get().first or b"")) == len(bytes(sealed or b""))


def test_a_copy_of_the_table_opens_no_more_when_the_rounds_keys_are_destroyed(desk: Desk) -> None:
    """No way back: what an old backup holds of a keying is ciphertext without a key."""
    sheet = desk.twice(desk.ready.token, item_q1="5")
    destroy_secrets(desk.round_id)
    with pytest.raises(RefusedError) as refused:
        third_look(desk.third, sheet.pk)
    assert code_of(refused) == ["paper.ended"]


def test_the_same_person_corrects_but_never_confirms(desk: Desk) -> None:
    token = desk.ready.token
    desk.keyed(desk.first, token)
    assert desk.keyed(desk.first, token, item_q1="5").state == SheetState.ONCE
    assert desk.keyed(desk.second, token, item_q1="5").state == SheetState.AGREED


def test_different_keyings_wait_for_a_third_person(desk: Desk) -> None:
    sheet = desk.twice(desk.ready.token, item_q2="4", comment="太吵")
    assert sheet.state == SheetState.DIFFERENT
    for keyer in (desk.first, desk.second):
        with pytest.raises(RefusedError) as refused:
            third_look(keyer, sheet.pk)
        assert code_of(refused) == ["paper.own_sheet"]
    look = third_look(desk.third, sheet.pk)
    assert [one.field.name if one.field else "comment" for one in look.differing("en")] == [
        "item_q2",
        "comment",
    ]
    assert decide(desk.third, sheet.pk, {"item_q2": "2", "comment": "太吵了"}).state == SheetState.AGREED
    assert cast_agreed() == {"cast": 1}


def test_a_decision_leaves_nothing_open_and_invents_no_box(desk: Desk) -> None:
    sheet = desk.twice(desk.ready.token, item_q2="4", item_q3="")
    for chosen in ({"item_q2": "2"}, {"item_q2": "9", "item_q3": ""}):
        with pytest.raises(RefusedError) as refused:
            decide(desk.third, sheet.pk, chosen)
        assert set(code_of(refused)) == {"paper.not_decided"}


def test_errors_of_keying_are_counted_by_person(desk: Desk) -> None:
    one, other = desk.ready.all_tokens[:2]
    desk.twice(one)
    sheet = desk.twice(other, item_q1="3")
    decide(desk.third, sheet.pk, {"item_q1": "3"})
    found = {row.user_id: row for row in KeyingTally.objects.all()}
    assert [found[who.user_id].wrong for who in (desk.first, desk.second)] == [1, 0]  # type: ignore[index]
    assert {row.sheets for row in found.values()} == {2}
    assert max(row.per_thousand or 0 for row in keyers(desk.round_id)) == pytest.approx(1000 / 14, abs=0.06)


def test_a_household_that_voted_is_refused_at_once_or_when_it_votes_later(desk: Desk) -> None:
    early, late = list(desk.ready.by_invitation.values())[:2]
    _vote_online(early[1])
    refused = desk.keyed(desk.first, early[0])
    assert (refused.state, refused.reason, refused.h1) == (SheetState.REFUSED, SheetReason.VOTED, None)
    desk.twice(late[0])
    _vote_online(late[1])
    assert cast_agreed() == {"refused": 1}
    assert PaperSheet.objects.filter(reason=SheetReason.VOTED).count() == 2
    assert BallotSlot.objects.count() == 2


def _vote_online(token: str) -> None:
    from tests.web.ballots.test_vote import page_of, send

    assert send(token, page_of(token)[1])[0] == 200


def test_a_vote_by_the_sheets_own_code_is_not_replaced_by_the_sheet(desk: Desk) -> None:
    token = desk.ready.token
    desk.twice(token)
    _vote_online(token)
    assert cast_agreed() == {"refused": 1}
    assert BallotSlot.objects.get().rev == 1


def test_a_sheet_with_too_few_answers_is_partial(desk: Desk) -> None:
    empty = {name: "" for name in ALL_BEST if name != "item_q1"}
    desk.keyed(desk.first, desk.ready.token, **empty)
    sheet = desk.keyed(desk.second, desk.ready.token, **empty)
    assert (sheet.state, sheet.reason) == (SheetState.REFUSED, SheetReason.PARTIAL)
    assert Invitation.objects.filter(found=Found.PARTIAL).count() == 1


def test_a_killed_job_casts_nothing_twice(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from minping_web.ballots.services import paper_casting

    desk.twice(desk.ready.token)
    with monkeypatch.context() as broken:
        broken.setattr(paper_casting, "finish", _die)
        with pytest.raises(KeyboardInterrupt):
            cast_agreed()
    assert cast_agreed() == {"cast": 1}
    assert BallotSlot.objects.get().rev == 1


def _die(*_arguments: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("state", "left"), [("stopped", {"waiting": 1}), ("cancelled", {"refused": 1}), ("closing", {})]
)
def test_only_an_open_round_takes_sheets(desk: Desk, state: str, left: dict[str, int]) -> None:
    desk.twice(desk.ready.token)
    SurveyRound.objects.update(state=state)
    assert cast_agreed() == left
    assert not BallotSlot.objects.exists()
    assert waiting_sheets(desk.round_id) == (0 if state == "cancelled" else 1)


def test_codes_of_other_rounds_and_nonsense_are_not_keyed(desk: Desk, district: SmallDistrict) -> None:
    other = open_round(district, n=1)
    for code, problem in (
        ("hello", "paper.no_code"),
        ("0000000000000000", "paper.unknown"),
        (other.token, "paper.unknown"),
    ):
        with pytest.raises(RefusedError) as refused:
            take(desk.first, desk.round_id, code)
        assert code_of(refused) == [problem]
    assert (
        take(desk.first, desk.round_id, f"https://host/v/{desk.ready.token}/?lang=en").token
        == desk.ready.token
    )


def test_who_keys_for_one_street_keys_no_sheet_of_another(
    desk: Desk, district: SmallDistrict, act_as: Callable[..., Scope]
) -> None:
    tokens = desk.ready.tokens
    near, far = (tokens[district.responsibility_areas[place].pk][0] for place in (0, 5))
    agent = act_as("phone_agent", area=district.streets[0])
    assert take(agent, desk.round_id, near).sheet is None
    with pytest.raises(RefusedError) as refused:
        take(agent, desk.round_id, far)
    assert code_of(refused) == ["paper.unknown"]
    sheet = desk.twice(far, item_q1="5")
    with pytest.raises(Http404):
        third_look(act_as("supervisor", area=district.streets[0]), sheet.pk)


def test_all_wrong_boxes_are_told_at_once(desk: Desk) -> None:
    with pytest.raises(RefusedError) as refused:
        desk.keyed(desk.first, desk.ready.token, item_q1="6", item_q4="x", comment="字" * 501)
    assert [problem.place.key for problem in refused.value.problems] == ["item_q1", "item_q4", "comment"]


def test_places_of_boxes_become_codes() -> None:
    fields = key_fields(questionnaire_of(content()), "en")
    keyed, wrong = read_keying(
        fields, {"item_q1": "1", "item_q2": "5", "about_age_band": "3", "item_q3": "0"}
    )
    assert (keyed, wrong) == ({"item_q1": "5", "item_q2": "1", "about_age_band": "2"}, ["item_q3"])
    assert differing(fields, keyed, keyed | {"comment": " "}) == []


def test_a_bundle_is_shredded_when_nothing_in_it_is_needed(desk: Desk) -> None:
    desk.twice(desk.ready.token)
    bundle = PaperBundle.objects.get()
    with pytest.raises(RefusedError) as refused:
        shred(desk.first, desk.round_id, bundle.pk)
    assert code_of(refused) == ["paper.still_needed"]
    cast_agreed()
    assert shred(desk.first, desk.round_id, bundle.pk).shredded_by_id == desk.first.user_id
    with pytest.raises(RefusedError) as refused:
        desk.keyed(desk.first, desk.ready.all_tokens[1])
    assert code_of(refused) == ["paper.bundle_shredded"]


STANDINGS = (("stopped", "closing.paper_stopped", "closing.paper_agreed"),
             ("open", "closing.paper_agreed", "closing.paper_agreed"))  # fmt: skip


def test_a_stopped_round_past_its_end_takes_agreed_sheets_and_nothing_else(
    desk: Desk, act_as: Callable[..., Scope]
) -> None:
    """Nobody should have to reopen a vote in order to close it with the forms that came in time."""
    on_paper, online = desk.ready.all_tokens[:2]
    desk.twice(on_paper)
    SurveyRound.objects.update(state="stopped", closes_at=now() + timedelta(hours=1))
    assert cast_agreed() == {"waiting": 1}
    SurveyRound.objects.update(closes_at=now() - timedelta(minutes=1))
    found = find(online)
    assert found
    form = CastForm("late", 0, Given({f"q{n}": 1 for n in range(1, 6)}, {}), "test-worker@1", Channel.QR)
    assert cast(found.slip, found.keys, form).kind is Kind.STOPPED
    assert cast_agreed() == {"cast": 1}
    assert BallotSlot.objects.count() == 1
    assert start_closing(act_as("district_bureau", fresh=True), desk.round_id).state == "closing"


def test_sheets_of_an_open_round_are_counted_after_its_announced_end(desk: Desk) -> None:
    desk.twice(desk.ready.token)
    SurveyRound.objects.update(closes_at=now() - timedelta(minutes=1))
    assert cast_agreed() == {"cast": 1}


def test_the_page_that_ends_the_voting_counts_agreed_sheets_by_one_button(
    desk: Desk, district: SmallDistrict
) -> None:
    desk.twice(desk.ready.token)
    SurveyRound.objects.update(state="stopped", closes_at=now() - timedelta(minutes=1))
    who = user()
    grant(who, "district_bureau", area=district.district)
    client = sign_in(Client(), who)
    page = client.get(f"/closing/{desk.round_id}/start/").content.decode()
    assert f'action="/closing/{desk.round_id}/count/"' in page
    assert 'class="danger"' not in page
    answer = client.post(f"/closing/{desk.round_id}/count/")
    assert Job.objects.get(task="ballots.count_paper").actor_id == who.pk
    assert answer.headers["Location"] == f"/closing/{desk.round_id}/start/"
    cast_agreed()
    assert 'class="danger"' in client.get(f"/closing/{desk.round_id}/start/").content.decode()


def test_the_end_of_voting_waits_for_agreed_sheets(desk: Desk, act_as: Callable[..., Scope]) -> None:
    """A household that sent its form in time must not be lost between keying and counting."""
    desk.twice(desk.ready.token)
    first = act_as("district_bureau", fresh=True)
    for state, early, code in STANDINGS:
        SurveyRound.objects.update(closes_at=now() + timedelta(hours=1), state=state)
        with pytest.raises(RefusedError) as refused:
            propose_early_end(first, desk.round_id, reason="提前结束")
        assert code_of(refused) == [early]
        SurveyRound.objects.update(closes_at=now())
        with pytest.raises(RefusedError) as refused:
            start_closing(first, desk.round_id)
        assert code_of(refused) == [code]
    cast_agreed()
    assert start_closing(act_as("district_bureau", fresh=True), desk.round_id).state == "closing"


def test_the_pages_of_the_desk(desk: Desk, district: SmallDistrict) -> None:
    clients = []
    for _person in range(3):
        who = user()
        grant(who, "survey_manager", area=district.district)
        clients.append(sign_in(Client(), who))
    token, where = desk.ready.token, f"/paper/{desk.round_id}/"
    for client, q1 in zip(clients, ("1", "5"), strict=False):
        page = client.post(f"{where}key/", {"code": token, "bundle": "甲3"})
        assert page.status_code == 200
        sent = {"code": token, "bundle": "甲3", "keyed": "1", **ALL_BEST, "item_q1": q1}
        assert client.post(f"{where}key/", sent).status_code == 302
    sheet = PaperSheet.objects.get()
    third = clients[2]
    wrong = clients[0].post(f"{where}key/", {"code": desk.ready.all_tokens[1], "keyed": "1", "item_q2": "9"})
    assert wrong.status_code == 422
    assert "item_q2</b>" not in wrong.content.decode()
    assert re.search(r'<b class="where">2\. ', wrong.content.decode())
    assert third.get("/paper/").status_code == 302
    for address in (where, f"{where}different/", f"/paper/sheets/{sheet.pk}/"):
        text = third.get(address).content.decode()
        assert token not in text
    assert "甲3-1" in third.get(f"{where}different/").content.decode()
    assert clients[0].get(f"/paper/sheets/{sheet.pk}/").status_code == 422
    undecided = third.post(f"/paper/sheets/{sheet.pk}/", {})
    assert undecided.status_code == 422
    assert "item_q1</b>" not in undecided.content.decode()
    assert third.post(f"/paper/sheets/{sheet.pk}/", {"item_q1": "1"}).status_code == 302
    assert third.post(f"{where}key/", {"code": token}).status_code == 422
    assert third.post(f"{where}count/").status_code == 302
    assert Job.objects.get(task="ballots.count_paper").actor_id
    cast_agreed()
    assert third.post(f"{where}bundles/{sheet.bundle_id}/shredded/").status_code == 302
    assert "甲3" in third.get(where).content.decode()


def test_the_slip_in_the_bundle_does_not_replace_the_vote_on_paper(desk: Desk) -> None:
    token = desk.ready.token
    opened = Client().get(f"/v/{token}/").content.decode()
    desk.twice(token)
    cast_agreed()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', opened))
    before = bytes(BallotSlot.objects.get().sealed)
    for sent in (hidden, hidden | {"rev": "1"}):
        answer = Client().post(
            f"/v/{token}/?lang=en", sent | {f"item_q{number}": "1" for number in range(1, 6)}
        )
        assert answer.status_code == 409
        assert "answered on paper" in answer.content.decode()
    found = find(token)
    assert found
    form = CastForm("another", 1, Given({f"q{n}": 1 for n in range(1, 6)}, {}), "test-worker@1", Channel.QR)
    assert cast(found.slip, found.keys, form).kind is Kind.ON_PAPER
    assert bytes(BallotSlot.objects.get().sealed) == before
    assert BallotSlot.objects.get().rev == 1


def test_who_scans_the_paper_form_and_answers_online_may_change_it(desk: Desk) -> None:
    token = desk.ready.token
    for _time in range(2):
        page = Client().get(f"/v/{token}/").content.decode()
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        sent = hidden | {f"item_q{number}": "1" for number in range(1, 6)}
        assert Client().post(f"/v/{token}/", sent).status_code == 200
    assert BallotSlot.objects.get().rev == 2
    assert Invitation.objects.get(spent_token__isnull=False).spent_mode == Channel.QR


def test_no_code_ends_while_its_form_lies_at_the_desk(desk: Desk) -> None:
    token = desk.ready.token
    found = find(token)
    assert found
    tokens = InvitationToken.objects.filter(h1=found.slip.h1)
    desk.keyed(desk.first, token)
    with pytest.raises(RefusedError) as refused:
        guard_tokens(tokens, one_household=True)
    assert code_of(refused) == ["paper.form_at_desk"]
    guard_tokens(tokens)
    desk.keyed(desk.second, token)
    with pytest.raises(RefusedError) as refused:
        guard_tokens(tokens)
    assert code_of(refused) == ["paper.agreed_in_batch"]
    cast_agreed()
    guard_tokens(tokens, one_household=True)


def test_a_leaked_batch_is_revoked_when_its_agreed_forms_were_counted(
    desk: Desk, act_as: Callable[..., Scope]
) -> None:
    bureau, token = act_as("district_bureau"), desk.ready.token
    desk.twice(token)
    found = find(token)
    assert found
    batch_id = InvitationToken.objects.get(h1=found.slip.h1).batch_id
    with pytest.raises(RefusedError) as refused:
        revoke_batch(bureau, desk.round_id, batch_id, reason="编码泄露")
    assert code_of(refused) == ["paper.agreed_in_batch"]
    assert cast_agreed() == {"cast": 1}
    revoke_batch(bureau, desk.round_id, batch_id, reason="编码泄露")
    assert BallotSlot.objects.count() == 1
