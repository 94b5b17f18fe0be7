"""Codes on their way: who gets one, who gets no second, what leaks are worth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied

from minping_web.channels.models import (
    MessageBatch,
    MessageText,
    OutgoingMessage,
    PrintRun,
    Provider,
    Signature,
    TextVersion,
)
from minping_web.common.clock import now, today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import entered
from minping_web.frames.models import ContactAccess, Unit
from minping_web.ledger.models import StagedEntry
from minping_web.rounds.models import Invitation, InvitationToken, SampledUnit, SurveyRound, TokenBatch
from minping_web.rounds.rules.words import Found, Purpose, TokenState
from minping_web.rounds.selectors.live import outcomes_of
from minping_web.rounds.services.accidents import revoke_batch
from minping_web.rounds.services.fieldwork import enter_dispositions, read_lines, release_reserves
from minping_web.rounds.services.inviting import Sending, fill, reissue, send
from minping_web.rounds.services.issuing import invite
from minping_web.rounds.services.printing import Printing, print_letters, seal_letters
from minping_web.rounds.services.spending import lock_for_vote, mark_spent
from tests.web.ledger_words import commits_to
from tests.web.rounds.conftest import Unseen, World, drawn
from tests.web.rounds.factory import open_round


@dataclass(frozen=True)
class Ready:
    """A drawn round of 60 households, an approved text of each purpose, a provider."""

    world: World
    round: SurveyRound
    texts: dict[str, TextVersion]
    provider: Provider

    def sending(self, purpose: Purpose = Purpose.INVITE, **values: Any) -> Sending:
        text = self.texts["remind" if purpose == Purpose.REMIND else "invite"]
        return Sending("第一批", text, self.provider, 100_000, purpose, **values)

    def sent(self, purpose: Purpose = Purpose.INVITE, **values: Any) -> TokenBatch:
        """A batch, filled."""
        with entered(self.world.bureau):
            batch = send(self.world.bureau, self.round.pk, self.sending(purpose, **values))
        fill(self.world.bureau, batch.pk, Unseen(self.world.bureau))
        batch.refresh_from_db()
        return batch


@pytest.fixture
def ready(world: World) -> Ready:
    return Ready(world, drawn(world), texts(), provider())


def provider() -> Provider:
    return Provider.objects.first() or Provider.objects.create(name="file", title="文件", kind="file")


def texts() -> dict[str, TextVersion]:
    signed = Signature.objects.create(
        name="试验区民政", filed_as="试验区民政局", state="approved", made_at=now()
    )
    made = {}
    for purpose in ("invite", "remind"):
        text = MessageText.objects.create(title=purpose, purpose=purpose, made_at=now())
        made[purpose] = TextVersion.objects.create(
            text=text, number=1, signature=signed, state="approved", made_at=now(),
            zh="{place}的居民您好，请于{until}前评价：{link} ",
            en="Please rate {place} until {until}: {link} ",
        )  # fmt: skip
    return made


def spend(token_id: Any) -> None:
    """As a vote does."""
    token = InvitationToken.objects.get(pk=token_id)
    locked = lock_for_vote(bytes(token.h1))
    assert locked is not None
    mark_spent(locked, mode=3, day=today())


@pytest.mark.sqlite
def test_every_drawn_household_gets_one_code_and_nothing_leaves_unapproved(ready: Ready) -> None:
    """S6: messages go out by the firm, after approval."""
    batch = ready.sent()
    assert batch.tokens == 60
    assert Invitation.objects.filter(round=ready.round).count() == 60
    message = MessageBatch.objects.get(pk=int(batch.owner_ref))
    assert (message.state, message.messages) == ("draft", 60)
    references = set(OutgoingMessage.objects.values_list("reference", flat=True))
    assert references == set(InvitationToken.objects.values_list("pk", flat=True))
    assert ContactAccess.objects.filter(act="exported", rows=60).count() == 1


def test_a_second_invitation_finds_nobody_and_a_killed_job_goes_on(ready: Ready) -> None:
    batch = ready.sent()
    assert fill(ready.world.bureau, batch.pk, Unseen(ready.world.bureau)) == {"tokens": 0, "messages": 0}
    with entered(ready.world.bureau), pytest.raises(RefusedError):
        send(ready.world.bureau, ready.round.pk, ready.sending())
    assert InvitationToken.objects.count() == 60


def test_reminders_go_to_the_silent_only_and_at_most_twice(ready: Ready) -> None:
    ready.sent()
    voted, refused = InvitationToken.objects.all()[:2]
    spend(voted.pk)
    Invitation.objects.filter(pk=refused.invitation_id).update(found=Found.REFUSAL)
    assert [ready.sent(Purpose.REMIND).tokens for _ in range(2)] == [58, 58]
    with entered(ready.world.bureau), pytest.raises(RefusedError) as told:
        send(ready.world.bureau, ready.round.pk, ready.sending(Purpose.REMIND))
    assert told.value.problems[0].code == "round.nobody_chosen"


def test_a_sending_may_be_for_one_place(ready: Ready) -> None:
    street = ready.world.district.streets[1]
    batch = ready.sent(selection={"area": street.pk, "modes": []})
    assert batch.tokens == 20
    reached = Invitation.objects.filter(tokens__isnull=False)
    assert all(one.area.path.startswith(street.path) for one in reached.select_related("area"))


@pytest.mark.sqlite
def test_a_leaked_batch_ends_without_its_votes_and_households_get_new_codes(ready: Ready) -> None:
    batch = ready.sent()
    spent = InvitationToken.objects.all()[0]
    spend(spent.pk)
    revoke_batch(ready.world.bureau, ready.round.pk, batch.pk, reason="承印厂泄露")
    states = dict.fromkeys(TokenState, 0)
    for state in InvitationToken.objects.values_list("state", flat=True):
        states[TokenState(state)] += 1
    assert states == {TokenState.LIVE: 0, TokenState.REVOKED: 59, TokenState.USED: 1}
    assert not OutgoingMessage.objects.filter(state="waiting").exclude(reference=spent.pk).exists()
    assert ready.sent().tokens == 59


def test_a_lost_code_is_replaced_until_the_household_voted(ready: Ready) -> None:
    ready.sent()
    with entered(ready.world.bureau):
        unit = Unit.objects.get(pk=Invitation.objects.all()[0].unit_id)
        house = Invitation.objects.get(unit_id=unit.pk)
        batch = reissue(ready.world.bureau, ready.round.pk, house.pk, ready.sending())
    fill(ready.world.bureau, batch.pk, Unseen(ready.world.bureau))
    states = house.tokens.order_by("state").values_list("state", flat=True)
    assert list(states) == [TokenState.LIVE, TokenState.REVOKED]
    spend(house.tokens.get(state=TokenState.LIVE).pk)
    with entered(ready.world.bureau), pytest.raises(RefusedError) as told:
        reissue(ready.world.bureau, ready.round.pk, house.pk, ready.sending())
    assert told.value.problems[0].code == "round.voted_already"


@pytest.mark.sqlite
def test_letters_wait_sealed_one_for_each_household(ready: Ready) -> None:
    bureau = ready.world.bureau
    with entered(bureau):
        batch = print_letters(bureau, ready.round.pk, Printing("信函", "试验区民政局", "025-0000"))
    assert seal_letters(bureau, batch.pk, Unseen(bureau)) == {"letters": 60}
    assert seal_letters(bureau, batch.pk, Unseen(bureau)) == {}
    batch.refresh_from_db()
    run = PrintRun.objects.get(pk=int(batch.owner_ref))
    assert (run.letters, batch.tokens, InvitationToken.objects.count()) == (60, 60, 60)


def test_no_plain_code_is_on_disk(ready: Ready, caplog: pytest.LogCaptureFixture, monkeypatch: Any) -> None:
    from minping_web.rounds.services import issuing

    made: list[str] = []

    def remembered() -> str:
        made.append(new_token())
        return made[-1]

    new_token = issuing.new_token
    monkeypatch.setattr(issuing, "new_token", remembered)
    ready.sent()
    assert len(made) == 60
    folders = [Path(settings.DATA_FOLDER), Path(settings.KEY_FOLDER)]
    content = b"".join(file.read_bytes() for one in folders for file in one.rglob("*") if file.is_file())
    assert not any(token.encode() in content or token in caplog.text for token in made)


def test_who_is_not_eligible_is_replaced_in_the_order_of_the_draw(ready: Ready) -> None:
    """D13: replaced by chance, not by who is willing."""
    ready.sent()
    bureau, area = ready.world.bureau, ready.world.district.responsibility_areas[0]
    with entered(bureau):
        out = SampledUnit.objects.filter(round=ready.round, area=area, stratum=0, released=True)[:2]
        codes = [Unit.objects.get(pk=unit.unit_id).house_code for unit in out]
    lines = read_lines(f"{codes[0]},不合格\n{codes[1]},拒访")
    SurveyRound.objects.filter(pk=ready.round.pk).update(state="open")
    assert enter_dispositions(bureau, ready.round.pk, lines, reason="入户核实") == 2
    with entered(bureau):
        assert release_reserves(bureau, ready.round.pk) == 1
        with pytest.raises(RefusedError):
            release_reserves(bureau, ready.round.pk)
    released = SampledUnit.objects.get(round=ready.round, is_reserve=True, released=True)
    drawn_there = SampledUnit.objects.filter(
        round=ready.round, area=area, stratum=0, is_reserve=False
    ).count()
    assert (released.area_id, released.place) == (area.pk, drawn_there + 1)
    assert ready.sent().tokens == 1


@pytest.mark.sqlite
def test_nobody_is_found_not_eligible_before_being_asked(ready: Ready) -> None:
    """Each one brings a replacement: with invented ones the sample could be chosen."""
    bureau = ready.world.bureau
    SurveyRound.objects.filter(pk=ready.round.pk).update(state="open")
    invite(SampledUnit.objects.filter(round=ready.round, released=True))
    one = Invitation.objects.filter(round=ready.round).order_by("pk")[0]
    with entered(bureau):
        code = Unit.objects.get(pk=one.unit_id).house_code
    with pytest.raises(RefusedError) as told:
        enter_dispositions(bureau, ready.round.pk, read_lines(f"{code},不合格"), reason="入户核实")
    assert told.value.problems[0].code == "round.house_not_asked"
    assert not StagedEntry.objects.filter(kind="round.dispositions").exists()
    assert enter_dispositions(bureau, ready.round.pk, read_lines(f"{code},拒访"), reason="入户核实") == 1


def test_each_entering_stands_in_the_ledger_with_counts_and_reason(ready: Ready) -> None:
    ready.sent()
    bureau, area = ready.world.bureau, ready.world.district.responsibility_areas[0]
    SurveyRound.objects.filter(pk=ready.round.pk).update(state="open")
    with entered(bureau):
        units = list(
            Invitation.objects.filter(round=ready.round, area=area).values_list("unit_id", flat=True)
        )
        codes = [Unit.objects.get(pk=unit).house_code for unit in units[:3]]
    lines = read_lines(f"{codes[0]},不合格\n{codes[1]},不合格\n{codes[2]},拒访")
    with pytest.raises(RefusedError) as told:
        enter_dispositions(bureau, ready.round.pk, lines, reason=" ")
    assert told.value.problems[0].code == "round.reason_missing"
    for _time in range(2):
        enter_dispositions(bureau, ready.round.pk, lines, reason="11月12日入户")
    records = [row.record for row in StagedEntry.objects.filter(kind="round.dispositions")]
    assert len(records) == 2
    assert records[0]["areas"] == {area.code: {"not_eligible": 2, "refusal": 1}}
    assert records[0]["by"] == bureau.user_id
    assert commits_to(records[0], "reason", "11月12日入户")
    assert not any(code in str(records) for code in codes)


def test_a_disposition_never_overwrites_a_vote(ready: Ready) -> None:
    ready.sent()
    SurveyRound.objects.filter(pk=ready.round.pk).update(state="open")
    token = InvitationToken.objects.all()[0]
    spend(token.pk)
    with entered(ready.world.bureau):
        code = Unit.objects.get(pk=token.invitation.unit_id).house_code
    enter_dispositions(ready.world.bureau, ready.round.pk, read_lines(f"{code},拒访"), reason="入户核实")
    voter = Invitation.objects.get(pk=token.invitation_id)
    assert (voter.spent_token, voter.found) == (token.pk, Found.REFUSAL)
    SurveyRound.objects.filter(pk=ready.round.pk).update(state="closed")
    outcomes = outcomes_of(SurveyRound.objects.get(pk=ready.round.pk))
    assert (outcomes.complete, outcomes.refusal) == (1, 0)
    SurveyRound.objects.filter(pk=ready.round.pk).update(state="open")
    with pytest.raises(RefusedError) as told:
        enter_dispositions(ready.world.bureau, ready.round.pk, read_lines("nobody,拒访"), reason="入户核实")
    assert told.value.problems[0].code == "round.house_not_invited"


def test_auditors_send_nothing(world: World) -> None:
    made = open_round(world.district, n=2, frame=world.frame)
    with pytest.raises(PermissionDenied):
        release_reserves(world.auditor, made.round.pk)
    with pytest.raises(PermissionDenied):
        enter_dispositions(world.auditor, made.round.pk, [], reason="入户核实")
