"""Grants: who may give what to whom, when two persons are needed, what ends with what."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from minping_web.access import rules
from minping_web.access.models import Grant
from minping_web.access.rules import Role
from minping_web.access.selectors import live_grants, must_stay, scope_of
from minping_web.access.services import (
    Wanted,
    delegate,
    grant,
    grant_first_administrators,
    grant_in_demo,
    hand_over,
    revoke,
)
from minping_web.accounts.models import User
from minping_web.common import approval
from minping_web.common.clock import today
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope, system_scope
from minping_web.ledger.models import StagedEntry
from tests.web import factories
from tests.web.factories import SmallDistrict, scope_with, user

DAY = timedelta(days=1)


def wanted(who: User, role: str, **more: object) -> Wanted:
    """A grant from today on."""
    return Wanted(who.pk, Role(role), today(), **more)  # type: ignore[arg-type]


def codes(caught: pytest.ExceptionInfo[RefusedError]) -> set[str]:
    return {problem.code for problem in caught.value.problems}


@pytest.fixture
def admin(db: None) -> Scope:
    return scope_with("administrator", fresh=True)


@pytest.fixture
def second(db: None) -> Scope:
    return scope_with("administrator", fresh=True)


@pytest.mark.sqlite
def test_an_ordinary_role_holds_at_once_and_is_sealed_without_a_name(
    district: SmallDistrict, admin: Scope
) -> None:
    who = user("wang-street")
    made = grant(admin, wanted(who, "street_staff", area=district.streets[0].pk))
    assert isinstance(made, Grant)
    assert scope_of(who).may("places.edit", district.communities[0].path)
    entry = StagedEntry.objects.get(step_id=f"access.grant/{made.pk}")
    assert entry.kind == "access.grant"
    assert who.username not in str(entry.record)


@pytest.mark.parametrize("role", sorted(rules.POWERFUL))
def test_a_role_with_power_waits_for_a_second_person(
    district: SmallDistrict, admin: Scope, second: Scope, role: str
) -> None:
    who = user()
    place = {"area": district.streets[0].pk} if rules.BINDING_OF[Role(role)] == "area" else {}
    proposal = grant(admin, wanted(who, role, **place), reason="新任")
    assert isinstance(proposal, Proposal)
    assert not live_grants(who).exists()
    approval.approve(second, proposal.pk)
    given = live_grants(who).get()
    assert (given.role, given.granted_by_id, given.approved_by_id) == (role, admin.user_id, second.user_id)


def test_nobody_grants_to_oneself(district: SmallDistrict, admin: Scope) -> None:
    with pytest.raises(RefusedError) as caught:
        grant(admin, Wanted(admin.user_id or 0, Role.DISPATCHER, today(), area=district.district.pk))
    assert codes(caught) == {"access.own"}


def test_nobody_approves_an_own_role(admin: Scope, second: Scope) -> None:
    proposal = grant(admin, Wanted(second.user_id or 0, Role.DISTRICT_BUREAU, today()), reason="兼任")
    with pytest.raises(RefusedError) as caught:
        approval.approve(second, proposal.pk)
    assert "access.own" in codes(caught)


def test_the_database_refuses_a_grant_to_oneself_as_well(db: None) -> None:
    who = user()
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(
            user=who, role=Role.DISPATCHER, valid_from=today(), granted_at=timezone.now(), granted_by=who
        )


@pytest.mark.parametrize("role", ["street_staff", "community_staff", "worker", "survey_manager", "auditor"])
def test_who_may_not_grant_is_refused(district: SmallDistrict, role: str) -> None:
    area = {"street_staff": district.streets[0], "community_staff": district.communities[0]}.get(role)
    with pytest.raises(PermissionDenied):
        grant(scope_with(role, area=area), wanted(user(), "community_staff", area=district.communities[0].pk))


@pytest.mark.parametrize("role", sorted(rules.GUARDIANS))
def test_the_bureau_names_neither_administrators_nor_who_audits_it(
    district: SmallDistrict, role: str
) -> None:
    with pytest.raises(PermissionDenied):
        grant(scope_with("district_bureau"), wanted(user(), role), reason="任命")


def test_street_staff_of_the_whole_district_do_not_exist(district: SmallDistrict, admin: Scope) -> None:
    with pytest.raises(RefusedError) as caught:
        grant(admin, wanted(user(), "street_staff", area=district.district.pk))
    assert codes(caught) == {"access.level_wrong"}


def test_all_problems_of_a_grant_are_told_at_once(district: SmallDistrict, admin: Scope) -> None:
    who = user(is_active=False)
    with pytest.raises(RefusedError) as caught:
        grant(admin, wanted(who, "street_staff", valid_to=today() - DAY))
    assert codes(caught) == {"access.user_closed", "access.period_over", "access.area_needed"}


@pytest.mark.parametrize(
    ("held", "asked"),
    [
        ("worker", "interviewer"),
        ("street_staff", "supervisor"),
        ("phone_agent", "worker"),
        ("auditor", "worker"),
    ],
)
def test_the_assessed_the_survey_side_and_the_auditor_do_not_meet_in_one_person(
    district: SmallDistrict, admin: Scope, held: str, asked: str
) -> None:
    who, street = user(), district.streets[0]
    has_area = rules.BINDING_OF[Role(held)] == "area"
    factories.grant(who, held, area=street if has_area else None)
    area = street.pk if rules.BINDING_OF[Role(asked)] == "area" else None
    with pytest.raises(RefusedError) as caught:
        grant(admin, wanted(who, asked, area=area))
    assert codes(caught) == {"access.roles_conflict"}


@pytest.mark.sqlite
def test_a_revoked_grant_opens_nothing_and_stays_on_record(district: SmallDistrict, admin: Scope) -> None:
    who = user()
    made = grant(admin, wanted(who, "street_staff", area=district.streets[0].pk))
    assert isinstance(made, Grant)
    revoke(admin, made)
    assert scope_of(who).reaches == {}
    made.refresh_from_db()
    assert made.revoked_by_id == admin.user_id
    assert StagedEntry.objects.filter(step_id=f"access.grant/{made.pk}/revoked").exists()


def test_nobody_revokes_an_own_role(admin: Scope, second: Scope) -> None:
    with pytest.raises(RefusedError) as caught:
        revoke(admin, Grant.objects.get(user_id=admin.user_id))
    assert codes(caught) == {"access.own"}


def test_the_last_two_administrators_stay(admin: Scope, second: Scope) -> None:
    with pytest.raises(RefusedError) as caught:
        revoke(admin, Grant.objects.get(user_id=second.user_id))
    assert codes(caught) == {"access.last_administrators"}
    assert must_stay(second.user_id or 0)
    scope_with("administrator")
    revoke(admin, Grant.objects.get(user_id=second.user_id))


@pytest.mark.sqlite
def test_grants_hold_from_their_first_to_their_last_day(district: SmallDistrict) -> None:
    who = user()
    given = factories.grant(who, "street_staff", area=district.streets[0])
    for first, last, holds in [
        (today(), today(), True),
        (today() + DAY, None, False),
        (date(2020, 1, 1), today() - DAY, False),
    ]:
        Grant.objects.filter(pk=given.pk).update(valid_from=first, valid_to=last)
        assert bool(scope_of(who).reaches) is holds


def test_a_disabled_user_has_no_rights(district: SmallDistrict) -> None:
    who = user()
    factories.grant(who, "district_bureau")
    who.is_active = False
    who.save()
    assert scope_of(who).reaches == {}


class TestDeputies:
    """A deputy holds a role for a time, never longer than its owner."""

    @pytest.fixture
    def owner(self, district: SmallDistrict) -> User:
        who = user()
        factories.grant(who, "street_staff", area=district.streets[0])
        return who

    def appoint(self, owner: User, deputy: User, days: int = 7) -> Grant:
        made = delegate(scope_of(owner), owner.grants.get(), deputy.pk, until=today() + days * DAY)
        assert isinstance(made, Grant)
        return made

    @pytest.mark.sqlite
    def test_a_deputy_may_what_the_owner_may(self, district: SmallDistrict, owner: User) -> None:
        deputy = user()
        self.appoint(owner, deputy)
        assert scope_of(deputy).may("places.edit", district.communities[0].path)
        assert not scope_of(deputy).may("places.edit", district.communities[2].path)

    @pytest.mark.sqlite
    def test_it_ends_with_its_source(self, admin: Scope, owner: User) -> None:
        deputy = user()
        made = self.appoint(owner, deputy)
        Grant.objects.filter(pk=owner.grants.get().pk).update(valid_to=today() - DAY)
        assert scope_of(deputy).reaches == {}
        Grant.objects.filter(pk=owner.grants.get().pk).update(valid_to=None)
        revoke(admin, owner.grants.get())
        made.refresh_from_db()
        assert made.revoked_at is not None

    def test_it_ends_when_the_owner_is_disabled(self, owner: User) -> None:
        deputy = user()
        self.appoint(owner, deputy)
        User.objects.filter(pk=owner.pk).update(is_active=False)
        assert scope_of(deputy).reaches == {}

    def test_it_ends_on_its_last_day(self, owner: User) -> None:
        deputy = user()
        made = self.appoint(owner, deputy)
        Grant.objects.filter(pk=made.pk).update(valid_to=today() - DAY)
        assert scope_of(deputy).reaches == {}

    def test_what_was_delegated_is_not_delegated_again(self, owner: User) -> None:
        deputy = user()
        self.appoint(owner, deputy)
        with pytest.raises(RefusedError) as caught:
            delegate(scope_of(deputy), deputy.grants.get(), user().pk, until=today() + DAY)
        assert codes(caught) == {"access.delegated_twice"}

    def test_anothers_role_is_not_delegated(self, owner: User) -> None:
        with pytest.raises(PermissionDenied):
            delegate(scope_of(user()), owner.grants.get(), user().pk, until=today() + DAY)

    def test_not_beyond_ninety_days_or_the_sources_end(self, owner: User) -> None:
        with pytest.raises(RefusedError) as caught:
            self.appoint(owner, user(), days=91)
        assert codes(caught) == {"access.delegation_too_long"}
        Grant.objects.filter(user=owner).update(valid_to=today() + 3 * DAY)
        with pytest.raises(RefusedError):
            self.appoint(owner, user(), days=4)

    def test_the_owner_ends_it_and_a_stranger_does_not(self, owner: User) -> None:
        made = self.appoint(owner, user())
        with pytest.raises(PermissionDenied):
            revoke(scope_of(user()), made)
        revoke(scope_of(owner), made)
        assert not live_grants(made.user).exists()

    def test_a_worker_has_no_deputy(self, db: None) -> None:
        worker = user()
        factories.grant(worker, "worker")
        with pytest.raises(RefusedError) as caught:
            delegate(scope_of(worker), worker.grants.get(), user().pk, until=today() + DAY)
        assert codes(caught) == {"access.not_delegable"}

    def test_a_role_with_power_takes_the_second_person_too(self, admin: Scope, second: Scope) -> None:
        deputy, own = user(), Grant.objects.get(user_id=admin.user_id)
        proposal = delegate(admin, own, deputy.pk, until=today() + DAY, reason="休假")
        assert isinstance(proposal, Proposal)
        assert not live_grants(deputy).exists()
        approval.approve(second, proposal.pk)
        assert live_grants(deputy).get().delegated_from_id == own.pk

    def test_a_survey_manager_alone_names_no_deputy(self, db: None) -> None:
        manager = user()
        factories.grant(manager, "survey_manager")
        with pytest.raises(RefusedError) as caught:
            delegate(scope_of(manager), manager.grants.get(), user().pk, until=today() + DAY)
        assert codes(caught) == {"access.delegation_by_grant"}


def test_a_handover_moves_every_own_role_in_one_step(
    district: SmallDistrict, admin: Scope, second: Scope
) -> None:
    leaver, follower = user(), user()
    for street in district.streets:
        factories.grant(leaver, "street_staff", area=street)
    proposal = hand_over(admin, leaver.pk, follower.pk, reason="调离")
    assert live_grants(leaver).count() == 2
    approval.approve(second, proposal.pk)
    assert not live_grants(leaver).exists()
    assert {given.area for given in live_grants(follower)} == set(district.streets)


@pytest.mark.parametrize("approver", ["leaver", "successor"])
def test_a_handover_is_not_approved_by_who_leaves_or_follows(admin: Scope, approver: str) -> None:
    leaver, follower = scope_with("administrator", fresh=True), scope_with("district_bureau", fresh=True)
    proposal = hand_over(admin, leaver.user_id or 0, follower.user_id or 0, reason="调离")
    with pytest.raises((RefusedError, PermissionDenied)):
        approval.approve(leaver if approver == "leaver" else follower, proposal.pk)


def test_the_first_administrators_are_named_once_and_two_together(db: None) -> None:
    first, other = user(), user()
    with pytest.raises(RefusedError):
        grant_first_administrators([first])
    with pytest.raises(RefusedError):
        grant_first_administrators([first, first])
    assert len(grant_first_administrators([first, other])) == 2
    with pytest.raises(RefusedError):
        grant_first_administrators([user(), user()])


def test_the_demonstration_grants_to_invented_accounts_only(db: None) -> None:
    invented = user(is_invented=True)
    assert grant_in_demo(system_scope(), wanted(invented, "administrator")).user == invented
    with pytest.raises(PermissionDenied):
        grant_in_demo(system_scope(), wanted(user(), "administrator"))
    with pytest.raises(PermissionDenied):
        grant_in_demo(scope_with("administrator"), wanted(user(is_invented=True), "auditor"))


@pytest.mark.sqlite
def test_a_scope_takes_three_queries(district: SmallDistrict, django_assert_max_num_queries: object) -> None:
    who = user()
    for community in district.communities:
        factories.grant(who, "community_staff", area=community)
    fresh = User.objects.get(pk=who.pk)
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        scope = scope_of(fresh)
    assert set(scope.communities) == {community.pk for community in district.communities}


def test_a_grant_below_a_community_opens_its_community_to_the_database(district: SmallDistrict) -> None:
    scope = scope_with("supervisor", area=district.grids[0])
    assert scope.communities == (district.communities[0].pk,)
    assert not scope.may("frames.contacts", district.grids[1].path)
