"""Help for a deployment that lost its administrators: possible, visible in the ledger, and only then."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator

from minping_web.access.rules import Role
from minping_web.accounts.models import OneTimeLink, User
from minping_web.common.problems import RefusedError
from minping_web.ledger.models import StagedEntry
from minping_web.site.rescue import lines, rescue
from tests.web.factories import grant, user
from tests.web.ledger_words import commits_to

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
REASON = "两位管理员均已调离"


def _administrator(name: str, *, factor: bool, kind: str = "totp") -> User:
    who = user(name)
    grant(who, Role.ADMINISTRATOR)
    if factor:
        Authenticator.objects.create(user=who, type=kind, data={})
    return who


def _refusal(name: str, reason: str = REASON) -> str:
    with pytest.raises(RefusedError) as refused:
        rescue(name, reason)
    return refused.value.problems[0].code


def test_an_administrator_gets_a_link_and_loses_the_factor() -> None:
    lost = _administrator("lost", factor=True)
    link = rescue("lost", REASON)
    assert OneTimeLink.objects.filter(user=lost, used_at__isnull=True).count() == 1
    assert not Authenticator.objects.filter(user=lost).exists()
    assert "/" in link


def test_it_stands_in_the_ledger_with_its_reason() -> None:
    lost = _administrator("lost", factor=False)
    rescue("lost", REASON)
    entry = StagedEntry.objects.get(kind="account.rescued")
    assert str(lost.pk) in entry.step_id
    assert commits_to(entry.record, "reason", REASON)


def test_while_two_administrators_can_sign_in_it_refuses_and_leaves_no_trace() -> None:
    _administrator("one", factor=True)
    _administrator("two", factor=True)
    _administrator("lost", factor=False)
    assert _refusal("lost") == "site.administrators_exist"
    assert not OneTimeLink.objects.exists()
    assert not StagedEntry.objects.filter(kind="account.rescued").exists()


@pytest.mark.parametrize("open_again", [{"is_active": False}, {}])
def test_closed_accounts_and_mere_recovery_codes_do_not_count(open_again: dict[str, bool]) -> None:
    _administrator("one", factor=True)
    two = _administrator("two", factor=True, kind="totp" if open_again else "recovery_codes")
    User.objects.filter(pk=two.pk).update(**{"is_active": True, **open_again})
    _administrator("lost", factor=False)
    assert rescue("lost", REASON)


def test_nobody_but_an_administrator_is_rescued() -> None:
    user("clerk")
    assert _refusal("clerk") == "site.user_unknown"
    assert _refusal("nobody") == "site.user_unknown"


def test_a_reason_is_needed() -> None:
    _administrator("lost", factor=False)
    assert _refusal("lost", "  ") == "site.value_empty"


def test_the_list_tells_roles_factors_and_closed_accounts() -> None:
    _administrator("one", factor=True)
    user("two", is_active=False)
    assert [(name, bool(roles), factor, active) for name, roles, factor, active in lines()] == [
        ("one", True, True, True), ("two", False, False, False),
    ]  # fmt: skip
