"""Roles with power: two persons who know what they approve, and no way round them."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test import Client

from minping_web.access import rules
from minping_web.access.models import ApiKey, Grant
from minping_web.access.rules import Role
from minping_web.access.selectors import live_grants, scope_of, scope_of_key
from minping_web.access.services import (
    Wanted,
    delegate,
    grant,
    grant_first_administrators,
    hand_over,
    make_api_key,
    revoke,
)
from minping_web.accounts.models import OneTimeLink, SignIn, User
from minping_web.accounts.selectors import usable_link
from minping_web.accounts.services import (
    create_user,
    describe,
    disable,
    issue_link,
    reset_factor,
    set_subject,
)
from minping_web.common import approval
from minping_web.common.clock import today
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from tests.web import factories
from tests.web.accounts.browser_client import give_factor
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict, scope_with, user

DAY = timedelta(days=1)


@pytest.fixture
def first(db: None) -> Scope:
    return scope_with("administrator", fresh=True)


@pytest.fixture
def second(db: None) -> Scope:
    return scope_with("administrator", fresh=True)


def told(proposal: Proposal) -> str:
    """All that the approver's page says."""
    return " ".join(
        f"{label} {value}" for label, value in approval.act_of(proposal.kind).describe(proposal.payload)
    )


def proposed(outcome: object) -> Proposal:
    assert isinstance(outcome, Proposal)
    return outcome


class TestHouseholds:
    """One administrator alone opens no household, whatever account he makes or takes over."""

    @pytest.mark.parametrize("role", list(Role))
    def test_every_role_that_opens_households_takes_two_persons(self, role: Role) -> None:
        opens = {"frames.contacts", "frames.export", "frames.requests"} & rules.PERMISSIONS_OF[role]
        assert role in rules.POWERFUL or not opens

    def test_not_by_an_account_of_his_own_making(self, district: SmallDistrict, first: Scope) -> None:
        puppet, _shown = create_user(first, "puppet", display_name="P", by_link=False)
        wanted = Wanted(puppet.pk, Role.SUPERVISOR, today(), area=district.district.pk)
        assert isinstance(grant(first, wanted, reason="x"), Proposal)
        assert not scope_of(puppet).may("frames.contacts")

    def test_not_by_the_account_of_a_supervisor(self, district: SmallDistrict, first: Scope) -> None:
        supervisor = user()
        factories.grant(supervisor, "supervisor", area=district.district)
        give_factor(supervisor)
        assert isinstance(issue_link(first, supervisor), Proposal)
        assert isinstance(reset_factor(first, supervisor), Proposal)
        assert isinstance(set_subject(first, supervisor, "mine"), Proposal)
        assert Authenticator.objects.filter(user=supervisor).exists()

    def test_not_by_a_deputy_of_a_supervisor(self, district: SmallDistrict) -> None:
        supervisor = user()
        given = factories.grant(supervisor, "supervisor", area=district.district)
        with pytest.raises(RefusedError):
            delegate(scope_of(supervisor), given, user().pk, until=today() + DAY)


class TestEarlierWays:
    """What one administrator handed out before opens nothing after two have given power."""

    @pytest.mark.sqlite
    def test_a_link_of_before_is_void(self, first: Scope, second: Scope) -> None:
        made, shown = create_user(first, "later-powerful", display_name="L")
        token = shown.text.rstrip("/").rpartition("/")[2]
        assert usable_link(token) is not None
        proposal = proposed(grant(first, Wanted(made.pk, Role.ADMINISTRATOR, today()), reason="x"))
        approval.approve(second, proposal.pk)
        assert usable_link(token) is None
        assert not OneTimeLink.objects.filter(user=made).exists()

    def test_sessions_end_and_a_new_password_is_due(
        self, first: Scope, second: Scope, client: Client
    ) -> None:
        who = user()
        client.force_login(who)
        proposal = proposed(grant(first, Wanted(who.pk, Role.DISTRICT_BUREAU, today()), reason="x"))
        approval.approve(second, proposal.pk)
        assert client.get("/accounts/sessions/").status_code == 302
        assert SignIn.objects.get(user=who).ended_at is not None
        client.force_login(who)
        assert client.get("/accounts/sessions/").headers["Location"] == "/accounts/password/change/"

    def test_a_handover_of_power_does_the_same(self, first: Scope, second: Scope) -> None:
        leaver = scope_with("district_bureau").user_id or 0
        follower, shown = create_user(first, "follower", display_name="F")
        proposal = hand_over(first, leaver, follower.pk, reason="调离")
        approval.approve(second, proposal.pk)
        assert live_grants(follower).count() == 1
        assert usable_link(shown.text.rstrip("/").rpartition("/")[2]) is None

    def test_the_first_administrators_keep_their_links(self, db: None) -> None:
        from minping_web.common.scope import system_scope

        made = [create_user(system_scope(), f"first-{number}", display_name="A") for number in (1, 2)]
        grant_first_administrators([who for who, _shown in made])
        assert all(usable_link(shown.text.rstrip("/").rpartition("/")[2]) for _who, shown in made)


class TestTold:
    """The approver reads everything that is approved, and nothing else is carried out."""

    def test_who_made_the_account_and_when_its_factor_was_set(self, first: Scope, second: Scope) -> None:
        made, _shown = create_user(first, "puppet", display_name="P", by_link=False)
        give_factor(made)
        set_subject(first, made, "subject-7")
        proposal = proposed(grant(first, Wanted(made.pk, Role.AUDITOR, today()), reason="x"))
        words = told(proposal)
        assert str(User.objects.get(pk=first.user_id)) in words
        assert f"{today():%Y-%m-%d}" in words
        assert "subject-7" in words
        assert words != told_without_factor(proposal, made)

    def test_which_subject_would_be_linked(self, first: Scope) -> None:
        official = User.objects.get(pk=scope_with("district_bureau").user_id)
        proposal = proposed(set_subject(first, official, "attackers-own-subject"))
        assert "attackers-own-subject" in told(proposal)
        assert official.username in told(proposal)
        assert dict(describe({"user": official.pk, "subject": "s-1"})) != dict(
            describe({"user": official.pk, "subject": "s-2"})
        )

    @pytest.mark.parametrize("binding", ["area", "organisation"])
    def test_where_a_role_would_hold(self, district: SmallDistrict, first: Scope, binding: str) -> None:
        body, street = factories.organisation(name="明察事务所"), district.streets[1]
        leaver, follower = user(), user()
        if binding == "area":
            factories.grant(leaver, "supervisor", area=street)
        else:
            factories.grant(leaver, "office_leader", organisation=body)
        words = told(hand_over(first, leaver.pk, follower.pk, reason="调离"))
        assert (street.name if binding == "area" else body.name) in words

    def test_a_handover_carries_out_what_was_proposed(
        self, district: SmallDistrict, first: Scope, second: Scope
    ) -> None:
        leaver, follower = user(), user()
        factories.grant(leaver, "street_staff", area=district.streets[0])
        proposal = hand_over(first, leaver.pk, follower.pk, reason="调离")
        factories.grant(leaver, "survey_manager")
        with pytest.raises(RefusedError) as caught:
            approval.approve(second, proposal.pk)
        assert {problem.code for problem in caught.value.problems} == {"access.hand_over_changed"}
        assert not live_grants(follower).exists()

    def test_what_has_moved_since_it_was_read_is_not_approved(
        self, first: Scope, second: Scope, client: Client
    ) -> None:
        who = user()
        proposal = proposed(grant(first, Wanted(who.pk, Role.AUDITOR, today()), reason="x"))
        sign_in(client, User.objects.get(pk=second.user_id))
        page = client.get(f"/approvals/{proposal.pk}/").content.decode()
        seen = page.partition('name="seen" value="')[2].partition('"')[0]
        give_factor(who)
        answer = client.post(f"/approvals/{proposal.pk}/approve/", {"seen": seen})
        assert answer.status_code == 422
        assert not live_grants(who).exists()
        now_seen = answer.content.decode().partition('name="seen" value="')[2].partition('"')[0]
        assert client.post(f"/approvals/{proposal.pk}/approve/", {"seen": now_seen}).status_code == 302
        assert live_grants(who).exists()

    def test_nobody_approves_by_page_without_having_read(
        self, first: Scope, second: Scope, client: Client
    ) -> None:
        proposal = proposed(grant(first, Wanted(user().pk, Role.AUDITOR, today()), reason="x"))
        sign_in(client, User.objects.get(pk=second.user_id))
        assert client.post(f"/approvals/{proposal.pk}/approve/").status_code == 422

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_reading_in_another_language_changes_nothing(self, first: Scope, language: str) -> None:
        from django.utils import translation

        proposal = proposed(grant(first, Wanted(user().pk, Role.AUDITOR, today()), reason="x"))
        digest = approval.told_digest(proposal)
        with translation.override(language):
            assert approval.told_digest(proposal) == digest


def told_without_factor(proposal: Proposal, who: User) -> str:
    Authenticator.objects.filter(user=who).delete()
    return told(proposal)


class TestDeputyForm:
    """It answers who may not read roles in one word: which accounts there are stays unknown."""

    @pytest.fixture
    def owner(self, district: SmallDistrict) -> User:
        who = user()
        factories.grant(who, "street_staff", area=district.streets[0])
        return who

    def answer(self, who: User, deputy: str, until: str) -> tuple[int, str]:
        client = Client()
        sign_in(client, who)
        given = who.grants.get()
        page = client.post(f"/access/grants/{given.pk}/delegate/", {"deputy": deputy, "until": until})
        token = r'(csrfmiddlewaretoken" value=")[^"]+'
        text = re.sub(token, r"\1", page.content.decode())
        return page.status_code, text.replace(deputy, "")

    def test_unknown_closed_and_unfit_names_look_the_same(self, district: SmallDistrict, owner: User) -> None:
        user("closed-name", is_active=False)
        unfit = user("interviewing-name")
        factories.grant(unfit, "interviewer", area=district.streets[1])
        day = (today() + DAY).isoformat()
        answers = {self.answer(owner, name, day) for name in ("closed-name", "interviewing-name", "no-name")}
        assert len(answers) == 1
        assert answers.pop()[0] == 422

    def test_a_wrong_day_hides_whether_the_name_exists(self, owner: User) -> None:
        user("real-name")
        far = (today() + 200 * DAY).isoformat()
        assert self.answer(owner, "real-name", far) == self.answer(owner, "no-name", far)

    def test_a_worker_learns_nothing_at_all(self, db: None) -> None:
        worker = user()
        factories.grant(worker, "worker")
        user("real-name")
        day = (today() + DAY).isoformat()
        assert self.answer(worker, "real-name", day) == self.answer(worker, "no-name", day)
        assert not Grant.objects.filter(delegated_from__isnull=False).exists()

    def test_a_fit_name_works(self, owner: User) -> None:
        deputy = user("real-name")
        assert self.answer(owner, "REAL-name", (today() + DAY).isoformat())[0] == 302
        assert live_grants(deputy).exists()


class TestKeys:
    """A key of the interface is a way in as well."""

    @pytest.mark.parametrize("act", [issue_link, reset_factor, disable])
    @pytest.mark.sqlite
    def test_it_ends_where_ways_in_are_renewed_or_closed(
        self, first: Scope, second: Scope, act: object
    ) -> None:
        owner = scope_with("district_bureau", fresh=True)
        key, secret = make_api_key(owner, "k", permissions=["places.view"], expires_on=today() + DAY)
        assert scope_of_key(secret) is not None
        outcome = act(first, User.objects.get(pk=owner.user_id))  # type: ignore[operator]
        if isinstance(outcome, Proposal):
            assert scope_of_key(secret) is not None
            approval.approve(second, outcome.pk)
        assert scope_of_key(secret) is None
        assert ApiKey.objects.get(pk=key.pk).revoked_at is not None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("end", ["revoke", "disable"])
def test_two_at_once_do_not_end_the_last_administrators(end: str) -> None:
    """Three are there, two may be left: the second to ask waits for the first and is refused."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    scopes = [scope_with("administrator") for _ in range(3)]
    users = [User.objects.get(pk=scope.user_id) for scope in scopes]
    refused = threading.Event()

    def later() -> None:
        try:
            if end == "revoke":
                revoke(scopes[0], users[2].grants.get())
            else:
                disable(scopes[0], users[2])
        except RefusedError:
            refused.set()
        finally:
            connection.close()

    other = threading.Thread(target=later)
    with transaction.atomic():
        revoke(scopes[0], users[1].grants.get())
        other.start()
        other.join(1)
        assert other.is_alive()
    other.join(20)
    assert refused.is_set()
    assert Grant.objects.filter(role=Role.ADMINISTRATOR, revoked_at__isnull=True).count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_put_one_person_on_both_sides() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    district, admin, who = factories.small_district(), scope_with("administrator"), user()
    refused = threading.Event()

    def later() -> None:
        try:
            grant(admin, Wanted(who.pk, Role.INTERVIEWER, today(), area=district.streets[0].pk))
        except RefusedError:
            refused.set()
        finally:
            connection.close()

    other = threading.Thread(target=later)
    with transaction.atomic():
        grant(admin, Wanted(who.pk, Role.WORKER, today()))
        other.start()
        other.join(1)
        assert other.is_alive()
    other.join(20)
    assert refused.is_set()
    assert [given.role for given in live_grants(who)] == ["worker"]


class TestLinkedPeople:
    """Which account is a person's own decides who signs for him: not for who edits people."""

    def test_who_edits_people_links_nobody(self, db: None) -> None:
        from minping_web.people.models import Person
        from minping_web.people.services import link_account

        person, who = Person.objects.create(code="P1", name="试验"), user()
        for role in ("district_bureau", "auditor"):
            with pytest.raises(PermissionDenied):
                link_account(scope_with(role), person, who.pk)

    def test_an_administrator_does_and_never_for_himself(self, first: Scope) -> None:
        from minping_web.common.models import ChangeSet
        from minping_web.people.models import Person
        from minping_web.people.services import link_account

        person, who = Person.objects.create(code="P1", name="试验"), user()
        with pytest.raises(RefusedError):
            link_account(first, person, first.user_id)
        link_account(first, person, who.pk)
        assert Person.objects.get(pk=person.pk).user_id == who.pk
        assert not ChangeSet.objects.exists()
        Person.objects.filter(pk=person.pk).update(user_id=first.user_id)
        with pytest.raises(RefusedError):
            link_account(first, person, None)
