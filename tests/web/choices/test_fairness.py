"""What nobody bends alone: a drawn value takes two, deadlines only get longer, lists are withdrawn (S86)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from minping_web.choices.models import Candidate, Extension, PostedGrid
from minping_web.choices.rules.phases import Phase
from minping_web.choices.selectors.papers import facts_of
from minping_web.choices.services import choosing, extending, preparing, valuing
from minping_web.choices.services.posting import post
from minping_web.common import approval
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.ledger.models import StagedEntry
from tests.web import factories
from tests.web.choices.factory import HOUR, Street, draft_of, let_count, street_of
from tests.web.ledger_words import commits_to

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


def refusal(refused: pytest.ExceptionInfo[RefusedError]) -> set[str]:
    """Codes of all problems."""
    return {problem.code for problem in refused.value.problems}


def drawn_street(patch: pytest.MonkeyPatch) -> Street:
    """Lists are closed, and the named draw takes place today."""
    named = {"ties": "draw", "seed_source": "双色球", "seed_form": "## ## ## ##"}
    street = street_of(patch, ["an"], ["east"], post=False, **named)
    day = street.choice.choose_back_until.date() + timedelta(days=2)
    draft = draft_of(street.choice.area, street.time, **named, seed_on=day)
    preparing.save_choice(street.office, draft, existing=street.choice)
    post(street.office, street.choice.pk)
    street.time.pass_to(street.fresh().choose_back_until)
    patch.setattr(valuing, "today", lambda: day)
    return street


def test_a_drawn_value_counts_when_an_auditor_approves_what_the_office_typed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No colleague of the office can; a mistyped proposal stays visible; both names stand on the protocol."""
    street = drawn_street(monkeypatch)
    mistyped = valuing.propose_value(street.office, street.choice.pk, "09 09 09 09")
    with pytest.raises(RefusedError) as refused:
        valuing.propose_value(street.office, street.choice.pk, "01 02 03 04")
    assert refusal(refused) == {"choices.value_waits"}
    for colleague in (
        factories.scope_with("street_staff", area=street.choice.area, fresh=True),
        factories.scope_with("district_bureau", fresh=True),
    ):
        with pytest.raises(PermissionDenied):
            approval.approve(colleague, mistyped.pk)
    approval.withdraw(street.office, mistyped.pk)
    assert street.fresh().waits_for_value
    let_count(street, "01 02 03 04")
    choice = street.fresh()
    assert choice.seed_value == "01 02 03 04"
    told = " ".join(text for _label, text in facts_of(choice))
    assert str(choice.value_by) in told
    assert str(choice.value_approved_by) in told
    assert choice.value_by_id == street.office.user_id != choice.value_approved_by_id
    assert "09 09 09 09" in told
    record = StagedEntry.objects.get(kind="choice.value").record
    assert (record["by"], record["approved_by"]) == (choice.value_by_id, choice.value_approved_by_id)
    with pytest.raises(RefusedError) as refused:
        valuing.propose_value(street.office, choice.pk, "05 06 07 08")
    assert refusal(refused) == {"choices.no_value_wanted"}


def test_a_value_that_no_longer_fits_is_not_carried_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The choice was called off while the auditor looked the value up."""
    street = drawn_street(monkeypatch)
    proposal = valuing.propose_value(street.office, street.choice.pk, "01 02 03 04")
    street.choice.state = "called_off"
    street.choice.save()
    with pytest.raises(RefusedError):
        approval.approve(factories.scope_with("auditor", fresh=True), proposal.pk)
    assert Proposal.objects.get(pk=proposal.pk).state == Proposal.State.OPEN


def test_a_deadline_is_put_off_with_a_reason_and_takes_the_other_sides_along(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Communities keep the time they had; the ledger promises the words without telling them."""
    street = street_of(monkeypatch, ["an"], ["east"])
    before = street.choice.dates
    later = before.choose_until + 3 * HOUR
    extending.extend(street.office, street.choice.pk, "people", later, " 系统维护 ")
    after = street.fresh().dates
    assert after.choose_until == later
    assert after.choose_back_until == before.choose_back_until + 3 * HOUR
    rows = Extension.objects.order_by("number").values_list("deadline", "reason")
    assert list(rows) == [("people", "系统维护"), ("communities", "系统维护")]
    records = [one.record for one in StagedEntry.objects.filter(kind="choice.extended").order_by("pk")]
    assert [record["deadline"] for record in records] == ["people", "communities"]
    assert all(commits_to(record, "reason", "系统维护") for record in records)
    street.time.pass_to(before.choose_until)
    street.hand_in("an", "east")
    assert street.fresh().phase == Phase.CHOOSING


@pytest.mark.parametrize(
    ("deadline", "moved", "reason", "codes"),
    [
        ("people", timedelta(), "延期", {"choices.extension_not_later"}),
        ("people", -HOUR, "", {"choices.extension_not_later", "choices.reason_missing"}),
        ("communities", timedelta(days=60), "延期", {"choices.extension_past_effect"}),
        ("nobody", HOUR, "延期", {"choices.extension_too_late"}),
    ],
)
def test_a_deadline_is_never_shortened_nor_moved_past_what_rests_on_it(
    monkeypatch: pytest.MonkeyPatch, deadline: str, moved: timedelta, reason: str, codes: set[str]
) -> None:
    street = street_of(monkeypatch, ["an"], ["east"])
    field = "choose_back_until" if deadline == "communities" else "choose_until"
    with pytest.raises(RefusedError) as refused:
        extending.extend(
            street.office, street.choice.pk, deadline, getattr(street.choice, field) + moved, reason
        )
    assert refusal(refused) == codes
    assert street.choice.dates == street.fresh().dates


def test_no_deadline_is_put_off_once_it_has_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    """People's at its very moment, communities' too; and only by who holds the choice."""
    street = street_of(monkeypatch, ["an"], ["east"])
    choice, later = street.choice, street.choice.choose_back_until + HOUR
    with pytest.raises(PermissionDenied):
        extending.extend(street.community("east"), choice.pk, "people", later, "延期")
    street.time.pass_to(choice.choose_until)
    with pytest.raises(RefusedError) as refused:
        extending.extend(street.office, choice.pk, "people", later, "延期")
    assert refusal(refused) == {"choices.extension_too_late"}
    street.time.pass_to(choice.choose_back_until)
    with pytest.raises(RefusedError) as refused:
        extending.extend(street.office, choice.pk, "communities", later, "延期")
    assert refusal(refused) == {"choices.extension_too_late"}


def test_an_extension_never_passes_the_day_of_the_named_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    street = drawn_street(monkeypatch)
    street.time.pass_to(street.choice.choose_until)
    with pytest.raises(RefusedError) as refused:
        extending.extend(
            street.office, street.choice.pk, "communities",
            street.choice.choose_back_until + timedelta(days=2), "延期",
        )  # fmt: skip
    assert refusal(refused) == {"choices.extension_past_draw"}


def test_both_sides_withdraw_what_they_handed_in_before_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The draft stays; withdrawn lists count for nothing; an empty one is not handed in by mistake."""
    street = street_of(monkeypatch, ["an", "bo"], ["east"])
    with pytest.raises(RefusedError) as refused:
        street.hand_in("an")
    assert refusal(refused) == {"choices.list_empty"}
    street.hand_in("an", "east")
    with pytest.raises(PermissionDenied):
        choosing.withdraw_list(street.scope("bo"), street.people["an"])
    choosing.withdraw_list(street.scope("an"), street.people["an"])
    found = Candidate.objects.get(pk=street.people["an"].pk)
    assert (found.tiers, found.handed_in_at) == ([], None)
    assert found.draft == [[street.grids["east"].pk]]
    with pytest.raises(RefusedError) as refused:
        choosing.withdraw_list(street.scope("an"), found)
    assert refusal(refused) == {"choices.nothing_to_withdraw"}
    street.hand_in("bo", "east")
    street.time.pass_to(street.choice.choose_until)
    with pytest.raises(RefusedError):
        choosing.withdraw_list(street.scope("bo"), street.people["bo"])
    street.hand_back("east", "bo")
    grid = PostedGrid.objects.select_related("area").get(pk=street.grids["east"].pk)
    choosing.withdraw_back(street.community("east"), grid)
    street.matched()
    assert street.pairs() == {}
