"""Every route, every role, own and foreign things: as the hand-written policy says."""

from __future__ import annotations

import re

import pytest

from minping_web.access.rules import BINDING_OF, MEANING_OF, PERMISSIONS_OF, Role
from tests.web.access.policy import Route, holders, policy, routes, rule_of
from tests.web.access.world import listed_roles, make_world, violations

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


@pytest.mark.parametrize("app", APPS)
def test_each_route_gives_each_role_what_the_policy_says(db: None, app: str) -> None:
    found = [route for route in routes() if route.name.partition(":")[0] == app]
    differences = violations(make_world(listed_roles()), found)
    assert not differences, "\n".join(differences)


@pytest.mark.deep
@pytest.mark.parametrize("app", APPS)
def test_and_so_for_every_single_role(db: None, app: str) -> None:
    found = [route for route in routes() if route.name.partition(":")[0] == app]
    differences = violations(make_world(listed_roles()), found, thorough=True)
    assert not differences, "\n".join(differences)
