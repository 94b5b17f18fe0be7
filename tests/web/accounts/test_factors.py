"""Second factors: sealed to their user, moved with the keys, and asked for where they are shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.cache import cache
from django.test import Client

from minping_engine.errors import IntegrityError
from minping_web.accounts.models import User
from minping_web.common.crypto import FIELD_KEYS, add_field_key
from minping_web.common.pages import FRESH
from minping_web.frames.services.rotation import key_report, move_to_newest
from tests.web import factories
from tests.web.accounts.browser_client import PASSWORD, code_of, give_factor, sign_in, sign_in_fully
from tests.web.factories import user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_counters(db: None) -> None:
    cache.clear()


@pytest.fixture
def own_keys(tmp_path: Path, settings: Any) -> Path:
    settings.KEY_FOLDER = tmp_path
    return tmp_path


@pytest.fixture
def clerk(db: None) -> User:
    who = user()
    factories.grant(who, "district_bureau")
    return who


def secret_of(who: User) -> str:
    """As the sign-in library reads it."""
    opened: str = get_adapter().decrypt(Authenticator.objects.get(user=who, type="totp").data["secret"])
    return opened


@pytest.mark.sqlite
def test_second_factors_survive_the_change_of_keys(own_keys: Path, clerk: User) -> None:
    secret, codes = give_factor(clerk), RecoveryCodes.activate(clerk).get_unused_codes()
    add_field_key(own_keys)
    assert [row[2:] for row in key_report() if row[1] == "data"] == [(1, 2, False)]
    assert move_to_newest(lambda done, total, note="": None)["mfa.authenticator"] == 2
    assert [row[2:] for row in key_report() if row[1] == "data"] == [(2, 2, True)]
    (own_keys / FIELD_KEYS / "000001").unlink()
    assert secret_of(clerk) == secret
    kept = Authenticator.objects.get(user=clerk, type="recovery_codes")
    assert RecoveryCodes(kept).get_unused_codes() == codes


@pytest.mark.sqlite
def test_the_secret_of_one_user_does_not_open_in_the_row_of_another(clerk: User) -> None:
    secret, other = give_factor(clerk), user()
    give_factor(other)
    stolen = Authenticator.objects.get(user=clerk).data
    Authenticator.objects.filter(user=other).update(data=stolen)
    assert secret_of(clerk) == secret
    with pytest.raises(IntegrityError):
        secret_of(other)


def test_using_a_recovery_code_keeps_the_others_readable(clerk: User) -> None:
    RecoveryCodes.activate(clerk)
    own = RecoveryCodes(Authenticator.objects.get(user=clerk, type="recovery_codes"))
    first, *rest = own.get_unused_codes()
    assert own.validate_code(first)
    again = RecoveryCodes(Authenticator.objects.get(user=clerk, type="recovery_codes"))
    assert again.get_unused_codes() == rest


class TestStepUp:
    """What demands a fresh second factor is not reached by the password."""

    @pytest.fixture
    def stale(self, client: Client, clerk: User) -> Client:
        """Signed in fully, but too long ago."""
        self.secret = give_factor(clerk)
        RecoveryCodes.activate(clerk)
        sign_in_fully(client, clerk, self.secret)
        session = client.session
        for record in session["account_authentication_methods"]:
            record["at"] -= FRESH.total_seconds() + 60
        session.save()
        return client

    def test_the_password_alone_opens_no_recovery_codes(self, stale: Client, clerk: User) -> None:
        assert stale.get("/access/grants/new/").status_code == 302
        stale.post("/accounts/reauthenticate/", {"password": PASSWORD})
        answer = stale.get("/accounts/2fa/recovery-codes/")
        assert answer.headers["Location"].startswith("/accounts/2fa/reauthenticate/")
        assert stale.get("/access/grants/new/").status_code == 302

    @pytest.mark.parametrize("page", ["recovery-codes/generate", "totp/deactivate"])
    def test_the_password_alone_changes_no_factor(self, stale: Client, clerk: User, page: str) -> None:
        before = list(Authenticator.objects.values_list("pk", "data"))
        stale.post("/accounts/reauthenticate/", {"password": PASSWORD})
        assert stale.post(f"/accounts/2fa/{page}/").status_code == 302
        assert list(Authenticator.objects.values_list("pk", "data")) == before

    def test_a_password_given_before_the_factor_was_set_up_is_no_factor(
        self, client: Client, clerk: User
    ) -> None:
        sign_in(client, clerk)
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        give_factor(clerk)
        RecoveryCodes.activate(clerk)
        assert client.get("/accounts/2fa/recovery-codes/").status_code == 302

    def test_the_factor_opens_them(self, stale: Client, clerk: User) -> None:
        cache.clear()  # a code counts once
        stale.post("/accounts/2fa/reauthenticate/", {"code": code_of(self.secret)})
        assert stale.get("/accounts/2fa/recovery-codes/").status_code == 200
        assert stale.get("/access/grants/new/").status_code == 200

    def test_after_it_one_is_back_on_the_page_of_the_act(self, stale: Client) -> None:
        came = {"referer": "http://testserver/approvals/7/?q=x"}
        answer = stale.post("/approvals/7/approve/", headers=came)
        assert answer.headers["Location"].endswith("?next=%2Fapprovals%2F7%2F%3Fq%3Dx")
        foreign = stale.post("/approvals/7/approve/", headers={"referer": "https://elsewhere.example/x"})
        assert foreign.headers["Location"].endswith("?next=%2F")
