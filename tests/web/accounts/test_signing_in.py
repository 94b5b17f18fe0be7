"""Signing in: factors, locks, lifetimes; what a session may do before its user has done what is due."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from minping_web.accounts.middleware import SIGNED_IN_AT
from minping_web.accounts.models import SignIn, User
from minping_web.accounts.rules import SIGN_INS_KEPT
from minping_web.accounts.services import disable, forget_old_sign_ins
from minping_web.common.clock import now
from minping_web.jobs.rules import registry
from tests.web import factories
from tests.web.accounts.browser_client import PASSWORD, code_of, give_factor, sign_in, sign_in_fully
from tests.web.factories import scope_with, user


@pytest.fixture(autouse=True)
def _fresh_counters(db: None) -> None:
    cache.clear()


@pytest.fixture
def clerk(db: None) -> User:
    """Somebody whose role demands a second factor."""
    who = user()
    factories.grant(who, "district_bureau")
    return who


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.sqlite
def test_a_role_with_a_duty_leads_to_enrolment_and_nowhere_else(client: Client, clerk: User) -> None:
    sign_in(client, clerk)
    for page in ("/access/grants/", "/approvals/", "/accounts/users/", "/accounts/sessions/"):
        answer = client.get(page)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/accounts/2fa/totp/activate/")
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_after_enrolment_the_session_has_given_its_factor(
    client: Client, transactional_db: None, clerk: User
) -> None:
    sign_in(client, clerk)
    client.get("/accounts/2fa/totp/activate/")
    secret = client.session["mfa.totp.secret"]
    client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    assert client.get("/access/grants/").status_code == 200
    assert client.get("/access/grants/new/").status_code == 200


def test_the_style_guide_and_the_interface_ask_a_session_for_nothing(client: Client, clerk: User) -> None:
    sign_in(client, clerk)
    assert client.get("/styleguide/").status_code == 200
    assert client.get("/api/v1/docs").status_code == 200
    assert client.get("/api/v1/areas").status_code == 401


def test_the_menu_leads_to_the_sessions_and_tells_of_the_factor(client: Client) -> None:
    worker = user()
    factories.grant(worker, "worker")
    sign_in(client, worker, HTTP_ACCEPT_LANGUAGE="en")
    client.cookies["minping_language"] = "en"
    without = client.get("/access/grants/").content.decode()
    assert 'href="/accounts/sessions/"' in without
    assert '<span class="tag off">none</span>' in without
    secret, other = give_factor(worker), Client()
    other.cookies["minping_language"] = "en"
    sign_in_fully(other, worker, secret)
    assert '<span class="tag ok">set up</span>' in other.get("/access/grants/").content.decode()


def test_old_sign_ins_are_forgotten_every_night(db: None) -> None:
    worker = user()
    for days in (1, SIGN_INS_KEPT.days + 1):
        SignIn.objects.create(user=worker, started_at=now() - timedelta(days=days), session_key=f"s{days}")
    assert registry.periodic["accounts.forget_sign_ins"].every == timedelta(days=1)
    assert forget_old_sign_ins() == 1
    assert [sign_in.session_key for sign_in in SignIn.objects.filter(user=worker)] == ["s1"]


def test_a_worker_needs_no_second_factor(client: Client) -> None:
    worker = user()
    factories.grant(worker, "worker")
    sign_in(client, worker)
    assert client.get("/access/grants/").status_code == 200


def test_password_and_code_open_the_product_and_a_code_counts_once(client: Client, clerk: User) -> None:
    secret = give_factor(clerk)
    sign_in(client, clerk)
    assert not signed_in(client)
    assert client.get("/access/grants/").status_code == 302
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert not signed_in(client)
    code = code_of(secret)
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert client.get("/access/grants/").status_code == 200
    other = Client()
    sign_in(other, clerk)
    other.post("/accounts/2fa/authenticate/", {"code": code})
    assert not signed_in(other)


def test_a_factor_set_up_elsewhere_is_asked_of_an_older_session(client: Client, clerk: User) -> None:
    sign_in(client, clerk)
    give_factor(clerk)
    answer = client.get("/access/grants/")
    assert answer.headers["Location"].startswith("/accounts/2fa/reauthenticate/")


def test_the_secret_of_an_authenticator_does_not_lie_open(clerk: User) -> None:
    secret = give_factor(clerk)
    assert secret not in str(Authenticator.objects.get(user=clerk).data)


def test_demo_accounts_are_free_of_the_factor_in_demonstrations_only(
    client: Client, clerk: User, settings: Any
) -> None:
    User.objects.filter(pk=clerk.pk).update(is_invented=True)
    client.force_login(clerk)
    assert client.get("/access/grants/").status_code == 302
    settings.DEMO = True
    assert client.get("/access/grants/").status_code == 200
    real = user()
    factories.grant(real, "district_bureau")
    client.force_login(real)
    assert client.get("/access/grants/").status_code == 302


class TestLock:
    """Counted by name and address: who guesses locks out himself, not the official."""

    def guess(self, client: Client, name: str, times: int, **extra: str) -> Any:
        answer: Any = None
        for number in range(times):
            answer = client.post("/accounts/login/", {"login": name, "password": f"wrong-{number}"}, **extra)
        return answer

    def test_five_wrong_passwords_lock_this_name_at_this_address(self, client: Client, clerk: User) -> None:
        assert self.guess(client, clerk.username, 5).status_code in (403, 429)
        assert sign_in(client, clerk).status_code in (403, 429)
        assert not signed_in(client)
        sign_in(client, clerk, REMOTE_ADDR="10.1.2.3")
        assert signed_in(client)

    def test_a_forged_header_neither_escapes_nor_blames_others(self, client: Client, clerk: User) -> None:
        for number in range(5):
            self.guess(client, clerk.username, 1, HTTP_X_FORWARDED_FOR=f"10.9.9.{number}")
        assert sign_in(client, clerk, HTTP_X_FORWARDED_FOR="10.9.9.9").status_code in (403, 429)

    def test_an_unknown_name_looks_the_same(self, client: Client, clerk: User) -> None:
        known = self.guess(client, clerk.username, 1)
        unknown = self.guess(client, "nobody-here", 1)
        assert known.status_code == unknown.status_code
        strip = known.content.replace(clerk.username.encode(), b"")
        assert _without_token(strip) == _without_token(unknown.content.replace(b"nobody-here", b""))
        assert (
            self.guess(client, "nobody-here", 4).status_code
            == self.guess(client, clerk.username, 4).status_code
        )

    def test_an_administrator_unlocks(self, client: Client, clerk: User) -> None:
        from minping_web.accounts.services import unlock

        self.guess(client, clerk.username, 5)
        unlock(scope_with("administrator"), clerk)
        sign_in(client, clerk)
        assert signed_in(client)


def _without_token(content: bytes) -> bytes:
    import re

    return re.sub(rb'(csrfmiddlewaretoken" value=")[^"]+', rb"\1", content)


class TestSessions:
    """Each sign-in is a session of its own that can be seen and ended."""

    def test_signing_in_makes_a_new_session(self, client: Client, clerk: User) -> None:
        client.get("/accounts/login/")
        client.session.save()
        before = client.session.session_key
        sign_in(client, clerk)
        assert client.session.session_key != before

    @pytest.mark.sqlite
    def test_one_ends_the_others_and_not_this_one(self, clerk: User) -> None:
        secret = give_factor(clerk)
        here, there = Client(), Client()
        sign_in_fully(here, clerk, secret)
        cache.clear()
        sign_in_fully(there, clerk, secret)
        assert SignIn.objects.filter(user=clerk, ended_at__isnull=True).count() == 2
        here.post("/accounts/sessions/end-others/")
        assert here.get("/accounts/sessions/").status_code == 200
        assert there.get("/accounts/sessions/").status_code == 302

    def test_anothers_session_is_not_found(self, client: Client, clerk: User) -> None:
        worker = user()
        client.force_login(worker)
        Client().force_login(clerk)
        foreign = SignIn.objects.get(user=clerk)
        assert client.post(f"/accounts/sessions/{foreign.pk}/end/").status_code == 404
        foreign.refresh_from_db()
        assert foreign.ended_at is None

    def test_disabling_ends_all_at_once(self, client: Client) -> None:
        worker = user()
        client.force_login(worker)
        disable(scope_with("administrator"), worker)
        assert client.get("/accounts/sessions/").status_code == 302
        assert not Session.objects.exists()

    def test_a_session_ends_after_twelve_hours_however_busy(self, client: Client) -> None:
        worker = user()
        client.force_login(worker)
        session = client.session
        session[SIGNED_IN_AT] = (now() - timedelta(hours=12, minutes=1)).isoformat()
        session.save()
        assert client.get("/accounts/sessions/").headers["Location"].startswith("/accounts/login/")


def test_an_initial_password_must_be_changed_first(client: Client) -> None:
    worker = user(must_change_password=True)
    factories.grant(worker, "worker")
    sign_in(client, worker)
    assert client.get("/access/grants/").headers["Location"] == "/accounts/password/change/"
    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "another-long-one", "password2": "another-long-one"},
    )
    assert client.get("/access/grants/").status_code == 200


@pytest.mark.parametrize(
    "door",
    [
        "signup/",
        "email/",
        "password/reset/",
        "password/set/",
        "3rdparty/",
        "social/signup/",
        "oidc/district/login/",
    ],
)
def test_doors_that_the_product_does_not_open_are_closed(client: Client, clerk: User, door: str) -> None:
    assert client.get(f"/accounts/{door}").status_code == 404
    assert client.post(f"/accounts/{door}", {"username": "x"}).status_code == 404


def test_the_users_browser_is_told_in_two_words(db: None) -> None:
    from minping_web.accounts.rules import device_of

    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
    assert device_of(agent) == "Chrome · Windows"
    assert device_of("curl/8") == ""
