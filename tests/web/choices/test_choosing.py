"""A two-way choice through the services: lists, deadlines, the matching and its reasons (S86, S10, S89)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from minping_web.choices.models import Candidate, PostedGrid
from minping_web.choices.rules.phases import Phase
from minping_web.choices.selectors.markets import Book, blocking_pairs, choosers_of, lists_sha256
from minping_web.choices.selectors.results import outcome_of, result_of
from minping_web.choices.services import choosing, matching, posting, preparing, valuing
from minping_web.common.problems import RefusedError
from minping_web.ledger.models import StagedEntry
from minping_web.people.models import PersonSkill, Skill
from tests.web import factories
from tests.web.choices.factory import Street, draft_of, let_count, street_of
from tests.web.people.factory import person
from tests.web.people.factory import posting as posted

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


def codes(refused: pytest.ExceptionInfo[RefusedError]) -> set[str]:
    """Codes of all problems."""
    return {problem.code for problem in refused.value.problems}


def test_lists_of_both_sides_become_stable_pairs_with_a_reason_for_everybody_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Incomplete lists, a refusal with a reason, a person without a grid and a grid without a person."""
    street = street_of(monkeypatch, ["an", "bo", "cy", "di"])
    street.hand_in("an", "east", "west")
    street.hand_in("bo", "east")
    street.hand_in("cy", "east", "north")
    street.time.pass_to(street.choice.choose_until)
    street.hand_back("east", "bo", "an", unsuitable={"cy": "与现有工作时间冲突"})
    street.hand_back("west", "an")
    choice = street.matched()
    assert street.pairs() == {"an": "west", "bo": "east"}
    with translation.override("zh-hans"):
        result = result_of(choice)
    assert result.blocking == []
    assert result.unstable == []
    assert {row.candidate.person.name for row in result.left} == {"cy", "di"}
    assert [row.grid.area.name for row in result.open] == ["north"]
    told = outcome_of(Candidate.objects.select_related("choice", "person").get(pk=street.people["cy"].pk))
    assert told.grid is None
    assert "与现有工作时间冲突" in told.refusal
    kinds = list(StagedEntry.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["choice.posted", "choice.matched"]


def test_the_same_lists_give_the_same_pairs_whatever_order_they_come_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ties on both sides, seats for several, rows written in three orders."""
    names, grids = [f"p{n}" for n in range(8)], ["east", "west", "north", "south"]
    draw = np.random.default_rng(5)
    wishes = {name: [_some(draw, grids, 2), _some(draw, grids, 2)] for name in names}
    backs = {grid: [_some(draw, names, 4), names] for grid in grids}
    found = []
    for turn in range(3):
        order = np.random.default_rng(turn)
        with monkeypatch.context() as patch:
            street = street_of(patch, _some(order, names), _some(order, grids), seats={"east": 2})
            for name, tiers in wishes.items():
                wanted = [[street.grids[one].pk for one in _some(order, tier)] for tier in tiers]
                Candidate.objects.filter(pk=street.people[name].pk).update(tiers=wanted)
            for grid, tiers in backs.items():
                wanted = [[street.people[one].pk for one in _some(order, tier)] for tier in tiers]
                PostedGrid.objects.filter(pk=street.grids[grid].pk).update(tiers=wanted)
            _same_codes(street)
            found.append(_pairs_of(street))
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 5


def _some(draw: np.random.Generator, names: Sequence[str], n: int | None = None) -> list[str]:
    """So many of them in some order; all of them without a number."""
    return [names[at] for at in draw.permutation(len(names))[: n or len(names)]]


def _same_codes(street: Street) -> None:
    """The stated order hangs on staff numbers and codes of areas: they are the same in every world."""
    for name, one in street.people.items():
        one.person.code = f"{street.choice.pk}-{name}"
        one.person.save()
    for name, one in street.grids.items():
        one.area.code = f"{street.choice.pk}-{name}"
        one.area.save()


def _pairs_of(street: Street) -> dict[str, str]:
    """Matched, and nobody blocks."""
    choice = street.matched()
    book = Book(choice)
    assert blocking_pairs(book.matching(choice.pairs)) == ()
    assert lists_sha256(book) == choice.lists_sha256
    return street.pairs()


def test_years_of_service_decide_among_equals_and_no_more_people_than_seats(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    street = street_of(monkeypatch, ["an", "bo", "cy"], ["east"], seats={"east": 2})
    for number, name in enumerate(["cy", "an", "bo"]):
        one = street.people[name].person
        one.started_on = one.started_on + timedelta(days=number)
        one.save()
        street.hand_in(name, "east")
    street.time.pass_to(street.choice.choose_until)
    street.hand_back("east", ["an", "bo", "cy"])
    street.matched()
    assert set(street.pairs()) == {"cy", "an"}


def test_a_public_draw_decides_ties_only_by_the_value_that_was_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The value is entered after both sides handed in, in the named spelling; no matching without it."""
    named = {"ties": "draw", "seed_source": "双色球", "seed_form": "## ## ## ##"}
    street = street_of(monkeypatch, ["an", "bo"], ["east"], post=False, **named)
    with pytest.raises(RefusedError) as refused:
        posting.post(street.office, street.choice.pk)
    assert "choices.draw_unnamed" in codes(refused)
    choice = street.choice
    day = choice.choose_back_until.date() + timedelta(days=2)
    draft = draft_of(choice.area, street.time, **named, seed_on=day)
    preparing.save_choice(street.office, draft, existing=choice)
    choice = street.fresh()
    posting.post(street.office, choice.pk)
    street.time.pass_to(choice.choose_from)
    for name in ("an", "bo"):
        street.hand_in(name, "east")
    street.time.pass_to(choice.choose_until)
    street.hand_back("east", ["an", "bo"])
    street.time.pass_to(choice.choose_back_until)
    with pytest.raises(RefusedError) as refused:
        matching.ask_for_matching(street.office, choice.pk)
    assert codes(refused) == {"choices.value_missing"}
    with pytest.raises(RefusedError) as refused:
        valuing.propose_value(street.office, choice.pk, "01 02 03 04")
    assert codes(refused) == {"choices.value_too_early"}
    monkeypatch.setattr(valuing, "today", lambda: day)
    with pytest.raises(RefusedError) as refused:
        valuing.propose_value(street.office, choice.pk, "1 2 3 4")
    assert codes(refused) == {"choices.value_form"}
    let_count(street, "01 02 03 04")
    street.matched()
    assert len(street.pairs()) == 1


def test_nobody_hands_in_before_the_time_or_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    street = street_of(monkeypatch, ["an"])
    street.hand_in("an", "east")
    street.hand_in("an", "west", "east")
    assert Candidate.objects.get(pk=street.people["an"].pk).tiers == [
        [street.grids["west"].pk],
        [street.grids["east"].pk],
    ]
    for moment in (street.choice.choose_from - timedelta(seconds=1), street.choice.choose_until):
        street.time.pass_to(moment)
        with pytest.raises(RefusedError) as refused:
            street.hand_in("an", "east")
        assert codes(refused) == {"choices.other_phase"}
    street.hand_back("west", "an")
    street.time.pass_to(street.choice.choose_back_until)
    with pytest.raises(RefusedError):
        street.hand_back("west", unsuitable={"an": "迟了"})
    assert street.fresh().phase == Phase.LISTED


def test_a_draft_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    street = street_of(monkeypatch, ["an"])
    choosing.save_list(street.scope("an"), street.people["an"], [[street.grids["east"].pk]])
    street.time.pass_to(street.choice.choose_until)
    assert choosers_of(street.grids["east"]) == []
    with pytest.raises(PermissionDenied):
        choosing.save_list(street.office, street.people["an"], [])


def test_a_community_places_everybody_who_chose_or_says_why_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """All problems at once; only who chose the grid is listed; nobody decides on a grid of her own list."""
    street = street_of(monkeypatch, ["an", "bo", "cy"])
    for name in ("an", "bo"):
        street.hand_in(name, "east")
    street.time.pass_to(street.choice.choose_until)
    with pytest.raises(RefusedError) as refused:
        street.hand_back("east", "cy", unsuitable={"bo": " "})
    assert codes(refused) == {"choices.not_placed", "choices.refusal_without_reason"}
    home = street.grids["east"].area.parent.parent
    factories.grant(street.users["an"], "community_staff", area=home)
    with pytest.raises(RefusedError) as refused:
        choosing.save_back(street.scope("an"), street.grids["east"], [], {})
    assert codes(refused) == {"choices.own_grid"}
    with pytest.raises(PermissionDenied):
        choosing.save_back(street.community("west"), street.grids["north"], [], {})


def test_conditions_that_the_record_keeps_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """S89: specialists by skill; a grid with a certificate or skill takes only who can show it."""
    street = street_of(monkeypatch, ["an", "bo"], post=False)
    skill = Skill.objects.create(code="S1", name="调解")
    east = street.grids["east"]
    preparing.save_grid(street.office, east, skill=skill, certificate="mediator", party_member=True)
    PersonSkill.objects.create(person=street.people["an"].person, skill=skill, grade=2)
    street.people["an"].person.certificates.create(
        kind="mediator", number_tail="1", issued_on="2020-01-01", verified_on="2020-01-02"
    )
    posting.post(street.office, street.choice.pk)
    street.time.pass_to(street.choice.choose_from)
    street.hand_in("an", "east")
    with pytest.raises(RefusedError) as refused:
        street.hand_in("bo", "east")
    assert [problem.code for problem in refused.value.problems] == ["choices.condition_unmet"] * 2


def test_posting_tells_everything_that_is_missing_and_fixes_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also: an owner who takes no part, and a grid that another choice offers."""
    street = street_of(monkeypatch, ["an"])
    other = preparing.save_choice(
        street.office, draft_of(street.choice.area, street.time, choose_back_until=street.time.now)
    )
    with pytest.raises(RefusedError) as refused:
        posting.post(street.office, other.pk)
    assert codes(refused) == {"choices.dates_order", "choices.no_grids", "choices.no_candidates"}
    area = street.grids["east"].area
    posted(person("外人"), area)
    preparing.add_grids(street.office, other.pk, [area])
    with pytest.raises(RefusedError) as refused:
        posting.post(street.office, other.pk)
    assert {"choices.grid_busy", "choices.owner_absent"} <= codes(refused)
    with pytest.raises(RefusedError) as refused:
        preparing.remove_grid(street.office, street.grids["east"])
    assert codes(refused) == {"choices.posted_already"}
    west = factories.scope_with("street_staff", area=street.district.streets[1])
    with pytest.raises(PermissionDenied):
        posting.call_off(west, street.choice.pk, "不相干")
    posting.call_off(street.office, street.choice.pk, "机构调整")
    assert street.fresh().phase == Phase.CALLED_OFF
