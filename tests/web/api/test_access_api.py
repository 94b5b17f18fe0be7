"""Who may call what: every operation is walked with no key, wrong keys, too small keys and foreign ids."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from minping_web.access.models import ApiKey
from minping_web.access.rules import API_PERMISSIONS, MEANING_OF
from minping_web.accounts.models import User
from minping_web.common.clock import now, today
from minping_web.site.api.contract import PREFIX, contract
from tests.web import factories
from tests.web.api.factory import Caller, World, codes, key_of, owner

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """(method, path below the root, operation) of the whole contract."""
    return [
        (method.upper(), path.removeprefix(f"/{PREFIX}".rstrip("/")), operation)
        for path, methods in contract()["paths"].items()
        for method, operation in methods.items()
    ]


FOREIGN = {
    "area_id": lambda world: world.there.area.pk,
    "person_id": lambda world: world.there.person.pk,
    "posting_id": lambda world: world.there.posting.pk,
    "organisation_id": lambda world: world.there.office.pk,
    "contract_id": lambda world: world.there.contract.pk,
}
OF_THE_DISTRICT = {"frame_id", "round_id", "version_id"}
"""Frames, rounds and versions of schemes and questionnaires span the district. What a frame holds is narrowed
row by row, see the tests of frames; a round is nobody's who does not see the whole district."""


def _any_id(path: str) -> str:
    return re.sub(r"\{\w+\}", "1", path)


def _example(operation: dict[str, Any]) -> Any:
    """The contract's own example of the body."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    name = content["schema"]["$ref"].rpartition("/")[2]
    return contract()["components"]["schemas"][name]["examples"][0]


def test_without_a_key_nothing_opens(both: World) -> None:
    for method, path, operation in operations():
        answer = Caller()(method, _any_id(path), _example(operation))
        assert (answer.status_code, codes(answer)) == (401, ["api.no_key"]), (method, path)


def test_a_key_without_the_permission_is_refused(both: World) -> None:
    """Also before the request is looked at: the body is wrong on purpose."""
    holder = owner()
    for permission in API_PERMISSIONS:
        caller = Caller(key_of(holder, permissions=set(API_PERMISSIONS) - {permission}))
        for method, path, operation in operations():
            if operation["x-permission"] == permission:
                answer = caller(method, _any_id(path), raw="{" if method != "GET" else "")
                assert (answer.status_code, codes(answer)) == (403, ["api.not_permitted"]), (method, path)


@pytest.mark.parametrize("parameter", sorted(FOREIGN))
def test_foreign_rows_are_not_found(both: World, street: Caller, parameter: str) -> None:
    walked = [one for one in operations() if f"{{{parameter}}}" in one[1]]
    assert walked
    for method, path, operation in walked:
        body = _example(operation)
        foreign = street(method, path.replace(f"{{{parameter}}}", str(FOREIGN[parameter](both))), body)
        absent = street(method, path.replace(f"{{{parameter}}}", "999999"), body)
        assert (foreign.status_code, foreign.content) == (404, absent.content), (method, path)


def test_every_kind_of_id_is_walked() -> None:
    named = {name for _, path, _ in operations() for name in re.findall(r"\{(\w+)\}", path)}
    assert named == set(FOREIGN) | OF_THE_DISTRICT


@pytest.mark.parametrize("path", ["/areas", "/people", "/postings", "/organisations", "/contracts"])
def test_lists_hold_nothing_of_a_foreign_street(
    both: World, street: Caller, bureau: Caller, path: str
) -> None:
    told = str(street.get(f"{path}?limit=200"))
    everything = str(bureau.get(f"{path}?limit=200"))
    for row in (both.there.area, both.there.person, both.there.office, both.there.contract):
        assert repr(row.code) not in told
    assert any(
        repr(row.code) in everything
        for row in (both.there.area, both.there.person, both.there.office, both.there.contract)
    )


@pytest.mark.parametrize("path", ["/areas?below={}", "/people?area={}", "/frames/{}/units?area={}"])
def test_a_foreign_code_is_an_unknown_code(both: World, street: Caller, path: str) -> None:
    places = [both.frame.pk] if "frames" in path else []
    foreign = street("GET", path.format(*places, both.there.area.code))
    unknown = street("GET", path.format(*places, "nowhere"))
    assert (foreign.status_code, foreign.content) == (422, unknown.content)


def test_a_key_never_reaches_beyond_its_own_area(both: World) -> None:
    narrow = Caller(key_of(owner(), area=both.here.area))
    assert narrow("GET", f"/areas/{both.there.area.pk}").status_code == 404
    assert narrow.get(f"/areas/{both.here.area.pk}")["code"] == both.here.area.code


def test_a_key_never_may_more_than_its_owner_now(both: World) -> None:
    holder = owner("street_staff", both.here.area)
    caller = Caller(key_of(holder))
    assert caller.get("/areas")["items"]
    holder.grants.update(revoked_at=now())
    assert caller("GET", "/areas").status_code == 403
    User.objects.filter(pk=holder.pk).update(is_active=False)
    assert caller("GET", "/areas").status_code == 401


@pytest.mark.parametrize(
    "values",
    [{"expires_on": today() - timedelta(days=1)}, {"revoked_at": now()}],
    ids=["expired", "revoked"],
)
def test_keys_end(both: World, values: dict[str, Any]) -> None:
    assert Caller(key_of(owner(), **values))("GET", "/areas").status_code == 401


@pytest.mark.parametrize("wrong", ["", "mp_", "Bearer", "mp_" + "x" * 40, "mp_\x00" + "x" * 40, "区" * 43])
def test_wrong_tokens_are_refused(both: World, wrong: str) -> None:
    assert Caller(wrong.encode().decode("latin-1"))("GET", "/areas").status_code == 401


def test_one_wrong_character_of_the_secret_is_enough(both: World, bureau: Caller) -> None:
    assert bureau.key
    last = "A" if bureau.key[-1] != "A" else "B"
    assert Caller(bureau.key[:-1] + last)("GET", "/areas").status_code == 401


def test_a_session_opens_nothing(both: World) -> None:
    client = Client()
    client.force_login(owner("worker"))
    assert client.get("/api/v1/areas").status_code == 401


def test_writes_need_no_csrf_token_since_no_cookie_counts(both: World, bureau: Caller) -> None:
    assert bureau.enforce_csrf
    answer = bureau.write("PATCH", f"/areas/{both.here.grid.pk}", {"households": 7})
    assert answer["households"] == 7


def test_the_day_of_use_is_noted(both: World, bureau: Caller) -> None:
    bureau.get("/areas")
    assert ApiKey.objects.get().last_used_on == today()


def test_the_record_names_key_and_owner(both: World) -> None:
    holder = owner()
    caller = Caller(key_of(holder, name="人事系统"))
    caller.write("PATCH", f"/areas/{both.here.grid.pk}", {"households": 7})
    from minping_web.common.models import ChangeSet

    made = ChangeSet.objects.get()
    assert (made.actor_id, made.actor_label) == (holder.pk, "人事系统")


def test_every_permission_of_the_contract_may_be_carried_by_a_key() -> None:
    asked = {operation["x-permission"] for _, _, operation in operations()}
    assert asked <= API_PERMISSIONS <= set(MEANING_OF)


def test_no_role_but_those_with_contacts_could_ever_leak_them() -> None:
    """S81: a contact permission is none that a key may carry."""
    assert not {name for name in API_PERMISSIONS if "contact" in name or "export" in name}


def test_nothing_is_left_of_the_scope_after_a_call(both: World, bureau: Caller, no_leaks: None) -> None:
    bureau.get(f"/frames/{both.frame.pk}/units")
    bureau("GET", "/areas/999999")


def test_reads_take_few_queries(both: World, bureau: Caller, django_assert_max_num_queries: Any) -> None:
    """Key, owner's grants, person, rows; savepoints and the communities of the scope on PostgreSQL."""
    factories.organisation("contractor", "又一单位", area=both.here.area)
    bureau.get("/areas")
    for path in ("/areas?limit=200", "/people", "/postings", "/organisations", "/contracts", "/frames",
                 f"/frames/{both.frame.pk}/units", f"/frames/{both.frame.pk}/coverage"):  # fmt: skip
        with django_assert_max_num_queries(16):
            bureau.get(path)
