"""Two persons: what each may, that it happens once, that nothing happens by halves."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connections, transaction

from minping_web.access.models import Grant
from minping_web.accounts.models import User
from minping_web.common import approval
from minping_web.common.approval import Act
from minping_web.common.clock import now
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from tests.web.factories import SmallDistrict, scope_with, user

RENAMED = "测试改名"


def rename(scope: Scope, payload: dict[str, Any]) -> str:
    """An act with an effect that can be counted: it appends to a user's name."""
    who = User.objects.get(pk=payload["user"])
    who.display_name += RENAMED
    who.save()
    if payload.get("fails"):
        raise RefusedError.of("approval.not_open")
    return who.display_name


@pytest.fixture(autouse=True)
def act() -> Iterator[None]:
    approval.register(Act("tests.rename", "改名", "places.edit", rename))
    yield
    approval._acts.pop("tests.rename")


@pytest.fixture
def target(db: None) -> User:
    """Whose name shows how often the act ran."""
    return user()


def proposed(scope: Scope, target: User, path: str = "", **more: object) -> Proposal:
    payload = {"user": target.pk, **more}
    return approval.propose(
        scope, "tests.rename", title="改名", reason="更正", payload=payload, area_path=path
    )


def effects(target: User) -> int:
    target.refresh_from_db()
    return target.display_name.count(RENAMED)


def code(caught: pytest.ExceptionInfo[RefusedError]) -> str:
    return caught.value.problems[0].code


@pytest.mark.sqlite
def test_nothing_happens_before_a_second_person_approves(target: User) -> None:
    proposal = proposed(scope_with("district_bureau"), target)
    assert effects(target) == 0
    assert approval.approve(scope_with("district_bureau", fresh=True), proposal.pk, note="同意") == str(
        User.objects.get(pk=target.pk)
    )
    assert effects(target) == 1
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decision_note) == (Proposal.State.EXECUTED, "同意")


@pytest.mark.sqlite
def test_the_proposer_cannot_approve_and_the_database_agrees(target: User) -> None:
    first = scope_with("district_bureau", fresh=True)
    proposal = proposed(first, target)
    with pytest.raises(RefusedError) as caught:
        approval.approve(first, proposal.pk)
    assert code(caught) == "approval.same_person"
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(state="executed", decider_id=first.user_id)
    assert effects(target) == 0


@pytest.mark.parametrize("given", [None, timedelta(minutes=10, seconds=1)])
def test_an_approval_takes_a_fresh_second_factor(target: User, given: timedelta | None) -> None:
    proposal = proposed(scope_with("district_bureau"), target)
    second = replace(scope_with("district_bureau"), second_factor_at=now() - given if given else None)
    with pytest.raises(RefusedError) as caught:
        approval.approve(second, proposal.pk)
    assert code(caught) == "approval.factor_needed"
    assert effects(target) == 0


def test_a_proposal_holds_where_its_place_is(district: SmallDistrict, target: User) -> None:
    east, west = district.streets
    proposal = proposed(scope_with("street_staff", area=east), target, east.path)
    for stranger in (scope_with("street_staff", area=west, fresh=True), scope_with("auditor", fresh=True)):
        with pytest.raises(PermissionDenied):
            approval.approve(stranger, proposal.pk)
    assert not approval.visible(scope_with("street_staff", area=west)).exists()
    assert approval.decidable(scope_with("street_staff", area=east)).get() == proposal
    approval.approve(scope_with("street_staff", area=east, fresh=True), proposal.pk)
    assert effects(target) == 1


def test_what_has_no_place_takes_the_whole_district(district: SmallDistrict, target: User) -> None:
    street = scope_with("street_staff", area=district.streets[0], fresh=True)
    with pytest.raises(PermissionDenied):
        proposed(street, target)
    proposal = proposed(scope_with("district_bureau"), target)
    with pytest.raises(PermissionDenied):
        approval.approve(street, proposal.pk)
    assert not approval.decidable(street).exists()


def test_a_proposer_who_lost_the_right_proposes_nothing_any_more(target: User) -> None:
    first = scope_with("district_bureau")
    proposal = proposed(first, target)
    Grant.objects.filter(user_id=first.user_id).update(revoked_at=now())
    with pytest.raises(RefusedError) as caught:
        approval.approve(scope_with("district_bureau", fresh=True), proposal.pk)
    assert code(caught) == "approval.proposer_lost_right"
    assert effects(target) == 0


@pytest.mark.sqlite
def test_an_act_that_fails_leaves_the_proposal_open_and_no_effect(target: User) -> None:
    proposal = proposed(scope_with("district_bureau"), target, fails=True)
    with pytest.raises(RefusedError):
        approval.approve(scope_with("district_bureau", fresh=True), proposal.pk)
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.OPEN
    assert effects(target) == 0


def test_a_proposal_is_decided_once_and_ends_by_itself(target: User) -> None:
    second = scope_with("district_bureau", fresh=True)
    first = scope_with("district_bureau")
    refused, withdrawn, late = (proposed(first, target) for _ in range(3))
    with pytest.raises(RefusedError):
        approval.refuse(second, refused.pk, note=" ")
    approval.refuse(second, refused.pk, note="不符合规定")
    approval.withdraw(first, withdrawn.pk)
    Proposal.objects.filter(pk=late.pk).update(expires_at=now())
    for ended in (refused, withdrawn, late):
        with pytest.raises(RefusedError) as caught:
            approval.approve(second, ended.pk)
        assert code(caught) == "approval.not_open"
    assert approval.expire_proposals() == 1
    assert effects(target) == 0


def test_only_the_proposer_withdraws_and_does_not_refuse(target: User) -> None:
    first = scope_with("district_bureau")
    proposal = proposed(first, target)
    with pytest.raises(Proposal.DoesNotExist):
        approval.withdraw(scope_with("district_bureau"), proposal.pk)
    with pytest.raises(RefusedError):
        approval.refuse(first, proposal.pk, note="算了")


def test_a_reason_is_needed(target: User) -> None:
    with pytest.raises(RefusedError):
        approval.propose(
            scope_with("district_bureau"),
            "tests.rename",
            title="改名",
            reason=" ",
            payload={"user": target.pk},
        )


@pytest.mark.django_db(transaction=True)
def test_two_who_approve_at_the_same_moment_have_one_effect() -> None:
    target = user()
    proposal = proposed(scope_with("district_bureau"), target)
    approvers = [scope_with("district_bureau", fresh=True) for _ in range(6)]
    start = Barrier(len(approvers))

    def approve(scope: Scope) -> str:
        try:
            start.wait()
            approval.approve(scope, proposal.pk)
            return "done"
        except RefusedError as error:
            return error.problems[0].code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(approvers)) as pool:
        told = sorted(pool.map(approve, approvers))
    assert told == ["approval.not_open"] * 5 + ["done"]
    assert effects(target) == 1
