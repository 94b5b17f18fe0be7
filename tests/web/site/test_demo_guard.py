"""A demonstration and a real district never mix, however one asks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.core import checks
from django.test import Client, override_settings
from django.utils import timezone

from minping_web.accounts.models import User
from minping_web.common.models import Deployment
from minping_web.common.problems import RefusedError
from minping_web.site.demo.accounts import ACCOUNTS, account_of
from minping_web.site.guard import mixing, refuse_mixing
from tests.web.site.conftest import NewDistrict

MOUNTED = "tests.web.site.demo_addresses"


def _database_is(kind: str | None) -> None:
    Deployment.objects.all().delete()
    if kind:
        Deployment.objects.create(pk=1, kind=kind, name="试验区", created_at=timezone.now())


def _invented(username: str = "demo-worker") -> User:
    return User.objects.create_user(username, is_invented=True)


def _enter(client: Client, role: str = "worker") -> int:
    return client.post("/demo/enter/", {"role": role}).status_code


@pytest.mark.django_db
def test_outside_a_demonstration_the_addresses_do_not_exist(client: Client) -> None:
    _database_is("demo")
    _invented()
    assert _enter(client) == 404
    assert client.get("/demo/").status_code == 404


@pytest.mark.sqlite
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("switch", "kind", "status"),
    [(True, "demo", 302), (True, "real", 404), (True, None, 404), (False, "demo", 404), (False, "real", 404)],
)
def test_even_mounted_one_enters_only_where_switch_and_database_agree(
    client: Client, switch: bool, kind: str | None, status: int
) -> None:
    _database_is(kind)
    _invented()
    with override_settings(ROOT_URLCONF=MOUNTED, DEMO=switch):
        assert _enter(client) == status
        assert ("_auth_user_id" in client.session) is (status == 302)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["", "root", "administrator\0", "demo-worker", "../worker"])
def test_only_roles_of_the_list_can_be_entered(client: Client, role: str) -> None:
    _database_is("demo")
    _invented()
    with override_settings(ROOT_URLCONF=MOUNTED, DEMO=True):
        assert _enter(client, role) == 404


@pytest.mark.django_db
@pytest.mark.parametrize("values", [{"is_invented": False}, {"is_invented": True, "is_active": False}])
def test_an_account_that_was_not_invented_or_is_closed_is_not_entered(
    client: Client, values: dict[str, bool]
) -> None:
    _database_is("demo")
    User.objects.create_user("demo-worker", **values)
    with override_settings(ROOT_URLCONF=MOUNTED, DEMO=True):
        assert _enter(client) == 404


@pytest.mark.django_db
def test_entering_needs_the_form_of_this_site() -> None:
    _database_is("demo")
    _invented()
    strict = Client(enforce_csrf_checks=True)
    with override_settings(ROOT_URLCONF=MOUNTED, DEMO=True):
        assert strict.post("/demo/enter/", {"role": "worker"}).status_code == 403
        assert strict.get("/demo/enter/").status_code == 405


@pytest.mark.parametrize(
    ("kind", "demo", "code"),
    [
        ("real", True, "site.demo_on_real"),
        ("demo", False, "site.real_on_demo"),
        ("demo", True, None),
        ("real", False, None),
        (None, True, None),
        (None, False, None),
    ],
)
def test_every_combination_of_switch_and_database(kind: str | None, demo: bool, code: str | None) -> None:
    assert mixing(kind, demo=demo) == code


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "demo"), [("real", True), ("demo", False)])
def test_start_and_system_check_refuse_a_mixture(kind: str, demo: bool) -> None:
    _database_is(kind)
    with override_settings(DEMO=demo):
        with pytest.raises(RefusedError):
            refuse_mixing()
        found = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
        assert "site.E001" in {message.id for message in found}


@pytest.mark.deep
def test_a_server_of_any_kind_stops_at_a_mixture(new_district: NewDistrict, tmp_path: Path) -> None:
    """The application is loaded as gunicorn or another server would, with a real database behind it."""
    told = {"MINPING_HTTPS": "0", "DJANGO_SETTINGS_MODULE": "minping_web.site.settings"}
    surroundings = new_district(tmp_path / "data").surroundings | told
    load = "import minping_web.site.{}\n"
    for half in ("wsgi", "asgi"):
        command = [sys.executable, "-c", load.format(half)]
        assert subprocess.run(command, env=surroundings, check=False).returncode == 0
        mixed = subprocess.run(
            command, env={**surroundings, "MINPING_DEMO": "1"}, check=False, capture_output=True, text=True
        )
        assert mixed.returncode != 0
        assert "site.demo_on_real" in mixed.stderr


def test_there_is_one_account_for_each_role_and_three_of_the_bureau() -> None:
    from minping_web.access.rules import Role

    assert all(account_of(account.key) == account for account in ACCOUNTS)
    assert sorted(account.role for account in ACCOUNTS if account.number == 1) == sorted(Role)
    assert [account.role for account in ACCOUNTS if account.number > 1] == [Role.DISTRICT_BUREAU] * 2
