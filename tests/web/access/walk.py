"""Walks routes as each role and tells every difference between the policy and what was met."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.test import Client
from django.urls import reverse

from tests.web.access.policy import Met, Route, Side, holders, met_by, roles_at, rule_of
from tests.web.access.world import ABSENT, ABSENT_UUID, World, taken_back

TWO_SIDES: tuple[Side, ...] = ("own", "foreign")
TEXTS = {"act": "unlock", "task": "nothing.here", "tab": "inbox", "kind": "stop", "part": "tsr"}
UUIDS = frozenset({"request_id", "unit_id", "contact", "invitation_id", "report_id", "sheet_id"})
KIND_OF = {
    "certificate": "certificate",
    "contact": "body_contact",
    "unit_id": "unit",
    "export_id": "export",
    "draft_id": "draft",
    "frame_id": "unit_frame",
    "assessment_id": "assessment_run",
    "choice_id": "two_way_choice",
    "value_id": "evidence_value",
    "rater_id": "called_rater",
    "publication_id": "publication",
    "reward_id": "reward_sheet",
}
"""What a parameter names when it is not the object of the policy's line."""


def address(route: Route, world: World, side: Side, role: str) -> str:
    """The route's address with an object of that side."""
    line = rule_of(route) or {}
    kind = line.get("place") or line.get("object", "absent")

    def value(name: str) -> Any:
        if name in UUIDS and KIND_OF.get(name, kind) == "absent":
            return ABSENT_UUID
        return TEXTS.get(name) or world.place(KIND_OF.get(name, kind), side, role, route=route.name)

    return reverse(route.name, kwargs={name: value(name) for name in route.parameters})


def absent_address(route: Route) -> str:
    """The route's address with ids that nothing has."""
    values = {name: TEXTS.get(name, ABSENT_UUID if name in UUIDS else ABSENT) for name in route.parameters}
    return reverse(route.name, kwargs=values)


def met(client: Client, method: str, path: str) -> Met:
    """What a request meets, as the policy names it."""
    with taken_back():
        response = client.generic(method, path)
        if (
            method == "GET"
            and response.status_code == 302
            and response.headers["Location"].startswith("/frames/")
        ):
            response = client.get(
                response.headers["Location"]
            )  # leads back to a form: what stands there counts
    if response.status_code == 302 and response.headers["Location"].startswith("/accounts/login/"):
        return "login"
    return {403: "forbidden", 404: "not_found"}.get(response.status_code, "allow")  # type: ignore[return-value]


def violations(world: World, found: Iterable[Route], *, thorough: bool = False) -> list[str]:
    """Every difference on these routes; not `thorough` = only telling roles, refusals asked once."""
    told = []
    for route in found:
        line = rule_of(route)
        if line is None:
            continue
        sides = TWO_SIDES if line.get("place") else TWO_SIDES[:1]
        for role in roles_at(route, line, list(world.clients), thorough):
            for side in sides:
                if thorough or side == "own" or met_by(role, line, side) != "forbidden":
                    told += _differences(world, route, line, role, side, thorough)
        told += _without_sign_in(world, route, thorough)
    return told


def _differences(
    world: World, route: Route, line: dict[str, Any], role: str, side: Side, thorough: bool
) -> list[str]:
    """At one route, for one role, on one side."""
    told = []
    refused = met_by(role, line, side) == "forbidden"
    for method in route.methods[-1:] if refused and not thorough else route.methods:
        expected = met_by(role, line, side, method)
        with taken_back():
            seen = met(world.clients[role], method, address(route, world, side, role))
        if seen != expected:
            told.append(f"{role} {method} {route.name} ({side}): {seen}, the policy says {expected}")
    if line.get("rows") and met_by(role, line, side) == "allow":
        told += row_differences(world, route, line, role)
    return told


def _without_sign_in(world: World, route: Route, thorough: bool) -> list[str]:
    methods = route.methods if thorough else route.methods[-1:]
    seen = {method: met(Client(), method, absent_address(route)) for method in methods}
    return [f"nobody {method} {route.name}: {what}" for method, what in seen.items() if what != "login"]


def row_differences(world: World, route: Route, line: dict[str, Any], role: str) -> list[str]:
    """Rows in the list and its export: own ones are there, foreign ones are not."""
    own, foreign = _markers(world, line["rows"], role)
    sees_all = role in holders(line["may"], "whole")
    told = []
    for query in ("", "?format=csv"):
        with taken_back():
            body = world.clients[role].get(reverse(route.name) + query).content.decode("utf-8-sig")
        if query and own not in body:
            told.append(f"{role} {route.name}{query}: own rows are missing")
        if foreign in body and not sees_all:
            told.append(f"{role} {route.name}{query}: foreign rows are shown")
        if query and sees_all and foreign not in body:
            told.append(f"{role} {route.name}{query}: rows of the district are missing")
    return told


def _markers(world: World, kind: str, role: str) -> tuple[str, str]:
    if kind == "organisation":
        return world.bodies["own"].name, world.bodies["foreign"].name
    if kind == "person":
        return world.people["own"].name, world.people["foreign"].name
    if kind == "area":
        return world.district.communities[0].name, world.district.communities[2].name
    return world.users[role].username, world.stranger.username
