"""Faults found in review R1: rights that reach too far, two persons that are one."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.test import Client

from minping_web.access.rules import Role
from minping_web.access.selectors import scope_of
from minping_web.access.services import Wanted, grant
from minping_web.accounts.models import SignIn
from minping_web.accounts.services import _who, create_user, end_sessions
from minping_web.common.changes import may_undo, readable_by, undo
from minping_web.common.clock import now, today
from minping_web.common.models import ChangeSet, Proposal
from minping_web.common.problems import RefusedError
from minping_web.places.models import Area
from minping_web.places.services.areas import edit_area, move_area
from minping_web.places.services.publication import publish_map
from tests.web import factories
from tests.web.accounts.browser_client import PASSWORD, give_factor, sign_in, sign_in_fully
from tests.web.factories import SmallDistrict, scope_with, user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_counters(db: None) -> None:
    cache.clear()


def test_one_administrator_cannot_open_households_through_an_account_of_his_own_making(
    district: SmallDistrict,
) -> None:
    """access/rules.py:169: `supervisor` opens contacts and is not among the powerful roles."""
    administrator = scope_with("administrator", fresh=True)
    puppet, shown = create_user(administrator, "puppet", display_name="P", by_link=False)
    assert shown.text  # he knows its password
    given = grant(
        administrator,
        Wanted(puppet.pk, Role.SUPERVISOR, today(), area=district.district.pk),
        reason="x",
    )
    assert isinstance(given, Proposal)
    assert not scope_of(puppet).may("frames.contacts")


def test_street_staff_cannot_undo_what_only_the_district_may_do(district: SmallDistrict) -> None:
    """common/changes.py:225: undo asks for `places.edit`, not for the right of the act itself."""
    bureau = scope_with("district_bureau", fresh=True)
    edit_area(bureau, district.streets[0].pk, {"residents": 12345})
    done = ChangeSet.objects.latest("pk")
    street = scope_with("street_staff", area=district.streets[0])
    assert not may_undo(street, done)


def test_an_area_that_moved_away_cannot_be_changed_from_its_old_street(district: SmallDistrict) -> None:
    """common/changes.py:211,225: change sets keep the path of their day; rights are compared with it."""
    bureau = scope_with("district_bureau", fresh=True)
    old_street = scope_with("street_staff", area=district.streets[0])
    grid = district.grids[0]
    edit_area(bureau, grid.pk, {"residents": 999})
    done = ChangeSet.objects.latest("pk")
    move_area(bureau, grid.pk, parent=district.communities[2], day=today() - timedelta(days=1), reason="划转")
    grid.refresh_from_db()
    assert not old_street.may("places.edit", grid.path)
    assert not readable_by(old_street).filter(pk=done.pk).exists()
    assert not may_undo(old_street, done)


def test_who_left_the_bureau_cannot_undo_for_the_whole_district(district: SmallDistrict) -> None:
    """common/changes.py:232: one's own act without a place needs the right anywhere only."""
    bureau = scope_with("district_bureau", fresh=True)
    publish_map(bureau, {"grid": {"shown": True}})
    done = ChangeSet.objects.latest("pk")
    from minping_web.access.models import Grant
    from minping_web.accounts.models import User

    Grant.objects.filter(user=bureau.user_id).update(revoked_at=now())
    person = User.objects.get(pk=bureau.user_id)
    factories.grant(person, "street_staff", area=district.streets[0])
    assert not may_undo(scope_of(person), done)


def test_undo_does_not_overwrite_what_was_done_since_without_a_record(district: SmallDistrict) -> None:
    """common/changes.py:255, people/services/work.py:178: undoing a move deletes its signed handovers."""
    from minping_web.people.models import Handover, Person, Posting
    from minping_web.people.services import Move, carry_out, confirm_handover

    bureau = scope_with("district_bureau", fresh=True)
    giver, taker = (Person.objects.create(code=f"S{n}", name=f"试验{n}") for n in (1, 2))
    area = district.responsibility_areas[0]
    Posting.objects.create(person=giver, area=area, starts_on=today() - timedelta(days=400))
    Posting.objects.create(
        person=taker, area=district.responsibility_areas[1], starts_on=today() - timedelta(days=400)
    )
    carry_out(bureau, Move("leave", giver, today(), other=taker))
    done = ChangeSet.objects.latest("pk")
    signed = Handover.objects.get(giver=giver)
    for side in ("giver", "taker"):
        confirm_handover(bureau, signed, side)
    with suppress(RefusedError):
        undo(bureau, done)
    assert Handover.objects.filter(pk=signed.pk).exists()  # "a signature is not undone"


def test_the_second_person_reads_which_subject_is_linked() -> None:
    """accounts/services.py:265: the approver of `accounts.set_subject` sees the account only."""
    told = _who({"user": user().pk, "subject": "attackers-own-subject"})
    assert any("attackers-own-subject" in value for _name, value in told)


def test_a_session_after_a_change_of_password_can_still_be_ended(client: Client) -> None:
    """accounts/services.py:195: the session's key changes with the password, its SignIn does not."""
    who = user()
    factories.grant(who, "worker")
    sign_in(client, who)
    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "another-long-one-7", "password2": "another-long-one-7"},
    )
    assert SESSION_KEY in client.session
    assert SignIn.objects.filter(user=who, session_key=client.session.session_key).exists()
    end_sessions(who.pk)
    assert client.get("/accounts/sessions/").status_code == 302


def test_the_password_alone_is_no_step_up(client: Client) -> None:
    """accounts/adapter.py:69: password -> recovery codes -> "second factor given just now"."""
    who = user()
    factories.grant(who, "district_bureau")
    secret = give_factor(who)
    own_codes = RecoveryCodes.activate(who).instance
    sign_in_fully(client, who, secret)
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    assert client.get("/access/grants/new/").status_code == 302  # stale
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    shown = client.get("/accounts/2fa/recovery-codes/").content.decode()
    codes = [code for code in RecoveryCodes(own_codes).get_unused_codes() if code in shown]
    client.post("/accounts/2fa/reauthenticate/", {"code": codes[0] if codes else "none"})
    assert client.get("/access/grants/new/").status_code == 302  # nothing but the password was given


def test_a_link_of_before_does_not_open_an_account_that_has_power_now(district: SmallDistrict) -> None:
    """accounts/services.py:252: one administrator's link outlives the grant that took two persons."""
    from minping_web.accounts.models import OneTimeLink
    from minping_web.accounts.selectors import usable_link
    from minping_web.common import approval

    first, second = scope_with("administrator", fresh=True), scope_with("administrator", fresh=True)
    _puppet, shown = create_user(first, "later-powerful", display_name="L")
    token = shown.text.rstrip("/").rpartition("/")[2]
    proposed = grant(first, Wanted(_puppet.pk, Role.ADMINISTRATOR, today()), reason="x")
    approval.approve(second, proposed.pk)
    assert OneTimeLink.objects.filter(user=_puppet).exists() is False or usable_link(token) is None


def test_the_token_of_a_link_does_not_lie_open_in_the_database(client: Client) -> None:
    """accounts/views.py:127: the token is put into the session, readable in database and backup."""
    from django.contrib.sessions.models import Session

    administrator = scope_with("administrator", fresh=True)
    _made, shown = create_user(administrator, "somebody", display_name="S")
    client.get(shown.text)
    token = shown.text.rstrip("/").rpartition("/")[2]
    assert all(token not in str(row.get_decoded()) for row in Session.objects.all())


def test_other_spellings_of_a_name_are_the_same_name_to_the_lock(client: Client) -> None:
    """site/settings.py AXES_*: sign-in ignores case, the lock does not."""
    who = user("clerkname")
    for name in ("clerkname", "Clerkname", "cLerkname", "clErkname", "cleRkname"):
        client.post("/accounts/login/", {"login": name, "password": "wrong"})
    sign_in(client, who)
    locked = SESSION_KEY not in client.session
    other = Client()
    other.post("/accounts/login/", {"login": "CLERKNAME", "password": PASSWORD})
    assert SESSION_KEY not in other.session or locked  # either another name is another account, or one lock


def test_paths_refuse_ids_that_do_not_fit() -> None:
    """places/models.py:68: the id after 16,777,215 makes seven digits; ranges of all below are wrong."""
    parent = Area(pk=1, path="000001")
    with pytest.raises(Exception):  # noqa: B017
        Area(pk=0x1000000).path_below(parent)
