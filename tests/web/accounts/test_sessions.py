"""Sessions in the database: what lies there opens nothing, and every open one can be ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from minping_web.accounts.models import SignIn
from minping_web.accounts.services import create_user, end_sessions, forget_old_sign_ins
from minping_web.accounts.views import LINK_IN_SESSION
from minping_web.common.clock import now
from minping_web.common.sessions import SessionStore, stored_key
from tests.web import factories
from tests.web.accounts.browser_client import PASSWORD, sign_in
from tests.web.factories import scope_with, user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_counters(db: None) -> None:
    cache.clear()


def rows() -> str:
    """Everything that the table of sessions holds, opened as Django would."""
    return " ".join(f"{row.pk} {row.session_data} {row.get_decoded()}" for row in Session.objects.all())


@pytest.mark.sqlite
def test_who_reads_the_database_finds_no_key_of_a_session(client: Client) -> None:
    who = user()
    factories.grant(who, "worker")
    sign_in(client, who)
    key = client.cookies["sessionid"].value
    assert client.get("/accounts/sessions/").status_code == 200
    assert Session.objects.filter(pk=stored_key(key)).exists()
    assert key not in rows()
    assert key not in str(list(SignIn.objects.values()))
    stranger = Client()
    stranger.cookies["sessionid"] = stored_key(key)
    assert stranger.get("/accounts/sessions/").status_code == 302


def test_the_token_of_a_one_time_link_does_not_lie_open(client: Client) -> None:
    _made, shown = create_user(scope_with("administrator"), "somebody", display_name="S")
    client.get(shown.text)
    token = shown.text.rstrip("/").rpartition("/")[2]
    assert client.session[LINK_IN_SESSION] == token
    assert token not in rows()


def test_the_secret_of_an_authenticator_being_set_up_does_not_lie_open(client: Client) -> None:
    who = user()
    factories.grant(who, "district_bureau")
    sign_in(client, who)
    client.get("/accounts/2fa/totp/activate/")
    assert client.session[SECRET_SESSION_KEY] not in rows()


@pytest.mark.sqlite
def test_contents_moved_to_another_session_do_not_open() -> None:
    one, other = SessionStore(), SessionStore()
    for store in (one, other):
        store["word"] = "mine"
        store.save()
    data = Session.objects.get(pk=stored_key(one.session_key)).session_data
    Session.objects.filter(pk=stored_key(other.session_key)).update(session_data=data)
    assert SessionStore(other.session_key).get("word") is None
    assert SessionStore(one.session_key).get("word") == "mine"


def test_without_the_secret_of_the_key_folder_all_sessions_are_over(settings: Any) -> None:
    store = SessionStore()
    store["word"] = "mine"
    store.save()
    settings.SECRET_KEY = "another-secret-of-another-machine"
    assert SessionStore(store.session_key).get("word") is None


@pytest.mark.sqlite
def test_a_session_after_a_change_of_password_can_still_be_seen_and_ended(client: Client) -> None:
    who = user()
    factories.grant(who, "worker")
    sign_in(client, who)
    before = client.session.session_key
    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "another-long-one-7", "password2": "another-long-one-7"},
    )
    assert SESSION_KEY in client.session
    assert client.session.session_key != before
    assert SignIn.objects.get(user=who).session_key == stored_key(client.session.session_key)
    assert client.get("/accounts/sessions/").status_code == 200
    end_sessions(who.pk)
    assert client.get("/accounts/sessions/").status_code == 302


def test_sessions_that_are_over_are_cleared_every_night() -> None:
    old, new = SessionStore(), SessionStore()
    for store in (old, new):
        store["word"] = "mine"
        store.save()
    Session.objects.filter(pk=stored_key(old.session_key)).update(expire_date=now() - timedelta(hours=1))
    forget_old_sign_ins()
    assert [row.pk for row in Session.objects.all()] == [stored_key(new.session_key)]
