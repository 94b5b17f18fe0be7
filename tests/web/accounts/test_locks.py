"""Locks count a name in every spelling, at one address quickly and at all of them slowly."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessFailureLog
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.test import Client

from minping_web.accounts.models import SignIn, User
from minping_web.accounts.rules import GUESSES_COUNTED, GUESSES_EVERYWHERE, plain_name
from minping_web.accounts.selectors import users_for
from minping_web.accounts.services import create_user, forget_old_sign_ins, unlock
from minping_web.common.clock import now
from tests.web import factories
from tests.web.accounts.browser_client import PASSWORD, sign_in
from tests.web.factories import scope_with, user

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
SPELLINGS = ("ClerkName", "clerkname", "CLERKNAME", "cLERKNAME", "clerkName")


@pytest.fixture(autouse=True)
def _fresh_counters(db: None) -> None:
    cache.clear()


@pytest.fixture
def worker(db: None) -> User:
    who = user("ClerkName")
    factories.grant(who, "worker")
    return who


def guess(names: tuple[str, ...], **extra: str) -> None:
    for name in names:
        Client().post("/accounts/login/", {"login": name, "password": "wrong"}, **extra)  # type: ignore[arg-type]


def enters(name: str, address: str = "127.0.0.1") -> bool:
    client = Client()
    client.post("/accounts/login/", {"login": name, "password": PASSWORD}, REMOTE_ADDR=address)
    return SESSION_KEY in client.session


def is_shown_locked(who: User) -> bool:
    return bool(users_for(scope_with("administrator")).get(pk=who.pk).locked)  # type: ignore[attr-defined]


def test_other_spellings_of_a_name_are_the_same_name_to_the_lock(worker: User) -> None:
    guess(SPELLINGS)
    assert not any(enters(name) for name in SPELLINGS)
    assert is_shown_locked(worker)
    unlock(scope_with("administrator"), worker)
    assert not is_shown_locked(worker)
    cache.clear()  # the limit per minutes, which no administrator lifts
    assert enters("clerkname")


def test_full_width_letters_are_no_other_name() -> None:
    assert plain_name(" Ｃｌｅｒｋ１ ") == plain_name("clerk1")
    made, _shown = create_user(scope_with("administrator"), "Ｃｌｅｒｋ１", display_name="C")
    assert made.username == "Clerk1"


class TestManyAddresses:
    """A worker has no second factor: who guesses from many machines must not get further."""

    @pytest.fixture
    def guessed(self, worker: User) -> User:
        moment = now()
        made = [
            AccessFailureLog(username="clerkname", ip_address=f"10.0.{number}.1", user_agent="x")
            for number in range(GUESSES_EVERYWHERE)
        ]
        AccessFailureLog.objects.bulk_create(made)
        AccessFailureLog.objects.update(attempt_time=moment - timedelta(hours=2))
        return worker

    def test_every_wrong_password_is_counted(self, worker: User) -> None:
        for number in range(3):
            guess(("CLERKNAME",), REMOTE_ADDR=f"10.1.1.{number}")
        assert AccessFailureLog.objects.filter(username="clerkname").count() == 3

    def test_after_a_hundred_within_a_day_a_new_address_does_not_enter(self, guessed: User) -> None:
        assert not enters("clerkname", "10.9.9.9")
        assert is_shown_locked(guessed)

    def test_where_the_owner_entered_before_the_owner_still_enters(self, guessed: User) -> None:
        SignIn.objects.create(user=guessed, started_at=now() - timedelta(days=9), address="10.9.9.9")
        assert enters("clerkname", "10.9.9.9")
        assert not enters("clerkname", "10.9.9.8")

    def test_others_are_not_affected(self, guessed: User) -> None:
        other = user()
        assert enters(other.username, "10.9.9.9")

    def test_an_administrator_opens_it_and_a_day_does(self, guessed: User) -> None:
        unlock(scope_with("administrator"), guessed)
        assert enters("clerkname", "10.9.9.9")

    def test_a_day_opens_it(self, guessed: User) -> None:
        AccessFailureLog.objects.update(attempt_time=now() - GUESSES_COUNTED - timedelta(minutes=1))
        assert enters("clerkname", "10.9.9.9")
        AccessFailureLog.objects.update(attempt_time=now() - 2 * GUESSES_COUNTED - timedelta(minutes=1))
        forget_old_sign_ins()
        assert not AccessFailureLog.objects.exists()


def test_what_was_typed_as_password_is_not_kept(worker: User) -> None:
    from axes.models import AccessAttempt

    Client().post("/accounts/login/", {"login": worker.username, "password": "my-secret-guess"})
    kept: list[Any] = [*AccessAttempt.objects.values(), *AccessFailureLog.objects.values()]
    assert len(kept) == 2
    assert "my-secret-guess" not in str(kept)


def test_the_sign_in_page_takes_the_right_spelling_too(client: Client, worker: User) -> None:
    sign_in(client, worker)
    assert SESSION_KEY in client.session
