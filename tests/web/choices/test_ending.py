"""Mediation with signatures, the sealed protocol, postings by two persons and their undo (S86, S10, S71)."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone, translation

from minping_web.access.selectors import scope_of
from minping_web.choices.models import Mediation, TwoWayChoice
from minping_web.choices.rules.phases import Phase
from minping_web.choices.selectors.markets import Book, digest
from minping_web.choices.selectors.protocol import parted_by, protocol_tables
from minping_web.choices.selectors.results import loads_of
from minping_web.choices.services import carrying, ending, mediating
from minping_web.common.changes import undo
from minping_web.common.problems import RefusedError, lines
from minping_web.common.scope import Scope
from minping_web.ledger.models import StagedEntry
from minping_web.people.models import Handover
from minping_web.people.selectors import owner_of
from tests.web import factories
from tests.web.choices.factory import Street, matched_street, write_approved

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


def signed(street: Street, mediation: Mediation, *, but: str = "") -> None:
    """Everybody signs with an account of their own, but one side."""
    mediator = factories.scope_with("street_staff", area=street.choice.area, fresh=True)
    names = {one.pk: name for name, one in street.people.items()}
    grids = {one.pk: name for name, one in street.grids.items()}
    for one in mediation.signatures.order_by("pk"):
        if one.side != but:
            scopes: dict[str, Scope] = {"mediator": mediator}
            if one.candidate_id:
                scopes["person"] = street.scope(names[one.candidate_id])
            if one.grid_id:
                scopes["grid"] = street.community(grids[one.grid_id])
            mediating.sign(scopes[one.side], one.pk)


def changes(street: Street, *wanted: tuple[str, str]) -> list[tuple[int, int]]:
    """(candidate, grid or 0) by name."""
    return [(street.people[who].pk, street.grids[where].pk if where else 0) for who, where in wanted]


def test_a_mediation_holds_when_every_side_has_signed_with_an_account_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Cy goes to north, which had said no; preview and protocol say what no list foresaw."""
    street = matched_street(monkeypatch)
    assert street.pairs() == {"an": "east", "bo": "west"}
    wanted = changes(street, ("cy", "north"))
    told = parted_by(street.choice, wanted, Book(street.choice), "zh")
    assert told.made == []
    assert len(told.unlisted) == 1
    made = mediating.propose(street.office, street.choice.pk, wanted, "社区同意先试用三个月")
    assert street.fresh().phase == Phase.MEDIATION
    assert sorted(made.signatures.values_list("side", flat=True)) == ["grid", "mediator", "person"]
    signed(street, made, but="mediator")
    assert street.pairs() == {"an": "east", "bo": "west"}
    last = made.signatures.get(side="mediator")
    stale = factories.scope_with("street_staff", area=street.choice.area)
    with pytest.raises(RefusedError) as refused:
        mediating.sign(stale, last.pk)
    assert refused.value.problems[0].code == "approval.factor_needed"
    mediating.sign(street.office, last.pk)
    assert street.pairs() == {"an": "east", "bo": "west", "cy": "north"}
    with translation.override("zh-hans"):
        tables = protocol_tables(street.fresh(), "zh")
    text = "\n".join(" ".join(row) for table in tables for row in table.rows)
    assert "社区同意先试用三个月" in text
    assert "P0000" not in text
    assert "cy" in text


def test_no_one_signs_for_two_sides_or_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    street = matched_street(monkeypatch)
    made = mediating.propose(street.office, street.choice.pk, changes(street, ("cy", "north")), "缺人")
    own, grid = made.signatures.get(side="person"), made.signatures.get(side="grid")
    with pytest.raises(PermissionDenied):
        mediating.sign(street.scope("an"), own.pk)
    factories.grant(street.users["cy"], "community_staff", area=street.grids["north"].area.parent.parent)
    both = scope_of(street.users["cy"], second_factor_at=timezone.now())
    mediating.sign(both, own.pk)
    with pytest.raises(RefusedError) as refused:
        mediating.sign(both, grid.pk)
    assert refused.value.problems[0].code == "choices.signed_other_side"


def test_one_refusal_ends_a_mediation_and_a_swap_tells_whom_it_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Swapping back what both sides like better makes two pairs that would rather have each other."""
    street = matched_street(monkeypatch)
    wanted = changes(street, ("an", "west"), ("bo", "east"))
    told = parted_by(street.choice, wanted, Book(street.choice), "en")
    assert len(told.made) == 2
    assert all("would rather have each other" in sentence for sentence in told.made)
    made = mediating.propose(street.office, street.choice.pk, wanted, "照顾老人")
    with pytest.raises(RefusedError) as refused:
        mediating.propose(street.office, street.choice.pk, wanted, "再来一次")
    assert refused.value.problems[0].code == "choices.mediation_open"
    with pytest.raises(RefusedError):
        ending.agree(street.office, street.choice.pk)
    one = made.signatures.get(candidate=street.people["bo"])
    mediating.refuse(street.scope("bo"), one.pk, "不同意")
    made.refresh_from_db()
    assert made.state == Mediation.State.REFUSED
    assert street.pairs() == {"an": "east", "bo": "west"}


def test_a_change_that_cannot_be_is_refused_with_names(monkeypatch: pytest.MonkeyPatch) -> None:
    street = matched_street(monkeypatch)
    with pytest.raises(RefusedError) as refused:
        mediating.propose(street.office, street.choice.pk, changes(street, ("cy", "east")), "挤一挤")
    (line,) = lines(refused.value.problems, "zh")
    assert line.code == "matching.over_capacity"
    assert "east" in line.where


def carried_out(street: Street) -> TwoWayChoice:
    """Sealed, proposed by one, approved by another, written."""
    ending.agree(street.office, street.choice.pk)
    return write_approved(street)


def owner_on(street: Street, grid: str, day: date) -> str:
    """Who answers for a grid; empty when nobody does."""
    found = owner_of(street.grids[grid].area, day)
    return str(found.person) if found else ""


def test_two_persons_write_the_postings_in_a_circle_and_one_undo_takes_them_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both owners change places on one day, handovers begin; undone, it may be carried out again."""
    street = matched_street(monkeypatch)
    loads = {row.label: (row.before, row.after) for row in loads_of(street.choice, Book(street.choice))}
    assert loads == {"an": (301, 300), "bo": (300, 301)}
    told = carrying.describe({"choice": street.choice.pk, "name": ""})
    moves = {line for line in told if "→" in line[1]}
    names = {
        (label.split()[0], *(place.split(" · ")[0] for place in text.split(" → "))) for label, text in moves
    }
    assert names == {("an", "west", "east"), ("bo", "east", "west")}
    choice = carried_out(street)
    assert choice.phase == Phase.CARRIED_OUT
    day = choice.takes_effect_on
    owners = {name: owner_on(street, name, day) for name in ("east", "west")}
    assert owners == {"east": "an", "west": "bo"}
    assert Handover.objects.count() == 2
    record = ending.protocol_record(choice)
    assert digest(record) == choice.protocol_sha256
    kinds = list(StagedEntry.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [
        "choice.posted",
        "choice.matched",
        "choice.protocol",
        *["choice.paper"] * 2,
        "choice.carried_out",
    ]
    undo(street.office, choice.change_set)
    assert owner_on(street, "east", day) == "bo"
    assert Handover.objects.count() == 0
    assert street.fresh().phase == Phase.AGREED
    assert write_approved(street).phase == Phase.CARRIED_OUT


def test_nothing_is_carried_out_before_the_result_is_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    street = matched_street(monkeypatch)
    with pytest.raises(RefusedError):
        carrying.propose_carrying_out(street.office, street.choice.pk, "太早")
    with pytest.raises(PermissionDenied):
        ending.agree(factories.scope_with("street_staff", area=street.district.streets[1]), street.choice.pk)
