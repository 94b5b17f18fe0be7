"""Every route, every role, own and foreign things: as the hand-written policy says."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from minping_web.access.rules import BINDING_OF, MEANING_OF, PERMISSIONS_OF, Role
from minping_web.common import approval
from minping_web.common.clock import now
from minping_web.common.models import Proposal
from tests.web.access.policy import Route, holders, policy, routes, rule_of
from tests.web.access.things import change_of
from tests.web.access.walk import TEXTS, absent_address, met, violations
from tests.web.access.world import World, taken_back

pytestmark = pytest.mark.django_db
CLOSED_OF_OURS = "minping_web.accounts.views.closed"


def _is_foreign_code(route: Route) -> bool:
    named = policy()
    return bool(
        re.match(named["interface"], route.name)
        or (not _guarded(route) and re.match(named["library"], route.name))
        or (not _guarded(route) and re.match(named["closed"], route.name))
    )


def _guarded(route: Route) -> bool:
    return hasattr(route.view, "minping_page")


def _is_closed(route: Route) -> bool:
    view = route.view
    return f"{view.__module__}.{getattr(view, '__name__', '')}" == CLOSED_OF_OURS


def _is_redirect_of_library(route: Route) -> bool:
    return route.pattern.startswith("accounts/social/") and not route.name


def test_every_route_is_guarded_or_a_known_one_of_a_library() -> None:
    loose = [
        route.name or route.pattern
        for route in routes()
        if not _guarded(route) and not _is_foreign_code(route) and not _is_redirect_of_library(route)
    ]
    assert loose == []


def test_every_route_of_ours_stands_in_the_policy() -> None:
    missing = [
        route.name
        for route in routes()
        if _guarded(route)
        and not _is_closed(route)
        and not rule_of(route)
        and route.name not in policy()["public"]
    ]
    assert missing == []


def test_only_pages_that_the_policy_calls_public_are_public() -> None:
    opened = {
        route.name
        for route in routes()
        if _guarded(route) and route.view.minping_page.public and not _is_closed(route)
    }
    assert opened <= set(policy()["public"])


def test_the_policy_names_the_roles_of_the_product() -> None:
    assert set(policy()["roles"]) == set(Role.values)


@pytest.mark.parametrize("capability", sorted(policy()["permissions"]))
def test_each_permission_is_held_by_whom_the_policy_says(capability: str) -> None:
    permission = policy()["permissions"][capability]
    extents = {"whole": "district", "own": "area", "organisation": "organisation", "self": "self"}
    for extent, binding in extents.items():
        held = {
            str(role) for role in Role if permission in PERMISSIONS_OF[role] and BINDING_OF[role] == binding
        }
        assert held == holders(capability, extent), extent


@pytest.mark.parametrize("capability", sorted(policy()["never"]))
def test_what_a_role_must_never_hold_it_does_not(capability: str) -> None:
    permission = policy()["permissions"][capability]
    assert not [role for role in policy()["never"][capability] if permission in PERMISSIONS_OF[Role(role)]]


def test_pages_ask_only_for_permissions_that_exist() -> None:
    asked = {route.view.minping_page.permission for route in routes() if _guarded(route)} - {None}
    assert asked <= set(MEANING_OF)


APPS = sorted({route.name.partition(":")[0] for route in routes() if rule_of(route)})


def _of(app: str) -> list[Route]:
    return [route for route in routes() if route.name.partition(":")[0] == app]


@pytest.mark.parametrize("app", APPS)
def test_each_route_gives_each_role_what_the_policy_says(shared_world: World, app: str) -> None:
    differences = violations(shared_world, _of(app))
    assert not differences, "\n".join(differences)


@pytest.mark.deep
@pytest.mark.parametrize("app", APPS)
def test_and_so_for_every_single_role(shared_world: World, app: str) -> None:
    differences = violations(shared_world, _of(app), thorough=True)
    assert not differences, "\n".join(differences)


def test_ids_that_nothing_has_are_not_found_by_who_may_come_there(shared_world: World) -> None:
    told = []
    for route in routes():
        line = rule_of(route)
        if line is None or not set(route.parameters) - set(TEXTS):
            continue
        role = next(role for role in shared_world.clients if _may_come(role, line))
        for method in route.methods:
            seen = met(shared_world.clients[role], method, absent_address(route))
            told += [f"{role} {method} {route.name}: {seen}"] if seen != "not_found" else []
    assert not told, "\n".join(told)


def _may_come(role: str, line: dict[str, Any]) -> bool:
    return any(role in holders(line["may"], extent) for extent in ("whole", "own", "organisation", "self"))


@pytest.mark.parametrize(
    ("route", "first", "second"),
    [
        ("people:certificate_verify", ("pk", "person"), ("certificate", "certificate")),
        ("people:certificate_remove", ("pk", "person"), ("certificate", "certificate")),
        ("organisations:contact_remove", ("pk", "organisation"), ("contact", "body_contact")),
        ("frames:unit", ("frame_id", "frame"), ("unit_id", "unit")),
        ("frames:contact", ("frame_id", "frame"), ("unit_id", "unit")),
        ("frames:include", ("frame_id", "frame"), ("unit_id", "unit")),
    ],
)
def test_what_belongs_to_another_is_not_found_below_an_own_thing(
    shared_world: World, route: str, first: tuple[str, str], second: tuple[str, str]
) -> None:
    """Not even by those who see both: the address must be true as a whole."""
    found = next(one for one in routes() if one.name == route)
    line = rule_of(found) or {}
    role = next(role for role in shared_world.clients if role in holders(line["may"], "whole"))
    values = {
        first[0]: shared_world.place(first[1], "own", role),
        second[0]: shared_world.place(second[1], "foreign", role),
    }
    for method in found.methods:
        assert met(shared_world.clients[role], method, reverse(route, kwargs=values)) == "not_found", method


def test_a_proposal_about_a_place_shows_to_those_who_may_decide_there(
    shared_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        approval._acts, "test.place", approval.Act("test.place", "试验", "places.edit", lambda *_: None)
    )
    client, district = shared_world.clients["street_staff"], shared_world.district
    for area, expected in ((district.grids[0], "allow"), (district.grids[-1], "not_found")):
        with taken_back():
            number = Proposal.objects.create(
                kind="test.place", title="提案", reason="理由", payload={}, area_path=area.path,
                proposer=shared_world.stranger, proposed_at=now(), expires_at=now() + timedelta(days=1),
            ).pk  # fmt: skip
            seen = {
                met(
                    client, "GET" if act == "proposal" else "POST", reverse(f"approvals:{act}", args=[number])
                )
                for act in ("proposal", "approve", "refuse")
            }
        assert seen == {expected}, area


def test_an_act_that_reached_into_a_foreign_place_is_not_found(shared_world: World) -> None:
    world, client = shared_world, shared_world.clients["street_staff"]
    with taken_back():
        both = change_of(world.users["street_staff"], "跨街道", world.grid("own"), world.grid("foreign"))
        for act in ("detail", "undo"):
            assert met(client, "GET", reverse(f"changes:{act}", args=[both.pk])) == "not_found"
