"""A small district with one user per role, and requests as each of them; what differs from the policy.

Own things lie in the eastern street, foreign ones in the western. Every user has given a second factor
just now, so that only rights decide.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import reverse

from minping_web.access.rules import BINDING_OF, Role
from minping_web.accounts.models import SignIn, User
from minping_web.common.clock import now
from minping_web.common.models import Proposal
from minping_web.organisations.models import Organisation
from minping_web.people.models import Person
from tests.web import factories
from tests.web.access.policy import Met, Route, Side, holders, met_by, policy, roles_at, rule_of

ABSENT = 999_999_999
ABSENT_UUID = uuid.UUID(int=0)
TWO_SIDES: tuple[Side, ...] = ("own", "foreign")


@dataclass
class World:
    """The district, its users by role, and a client for each."""

    district: factories.SmallDistrict
    users: dict[str, User] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    bodies: dict[Side, Organisation] = field(default_factory=dict)
    people: dict[Side, Person] = field(default_factory=dict)
    stranger: User = field(default_factory=lambda: factories.user("stranger-in-the-west"))

    def area_of(self, role: str) -> Any:
        """Where an area-bound role is granted: below the eastern street."""
        return self.district.streets[0] if role == "street_staff" else self.district.communities[0]

    def place(self, kind: str, side: Side, role: str) -> int:
        """The id of an object that is the role's own, or foreign to it."""
        own = side == "own"
        makers: dict[str, Callable[[], int]] = {
            "area": lambda: (self.district.grids[0] if own else self.district.grids[-1]).pk,
            "user": lambda: self.stranger.pk,
            "sign_in": lambda: (
                SignIn.objects.filter(user=self.users[role] if own else self.stranger).latest("pk").pk
            ),
            "grant": lambda: (self.users[role] if own else self.stranger).grants.get().pk,
            "proposal": lambda: self._proposal(self.users[role] if own else self.stranger),
            "organisation": lambda: self.organisation(role, side).pk,
            "person": lambda: self.people[side].pk,
            "absent": lambda: ABSENT,
        }
        return makers[kind]()

    def organisation(self, role: str, side: Side) -> Organisation:
        """The role's own one, or one in the place of that side."""
        bound = self.users[role].grants.get().organisation
        return bound if bound and side == "own" else self.bodies[side]

    def _proposal(self, proposer: User) -> int:
        return Proposal.objects.create(
            kind="access.hand_over", title="提案", reason="理由", payload=dict.fromkeys(("leaver", "user", "by"), self.stranger.pk),
            proposer=proposer,
            proposed_at=now(), expires_at=now().replace(year=now().year + 1),
        ).pk  # fmt: skip


def make_world(roles: Iterable[str]) -> World:
    """One user per role with one grant, signed in."""
    world = World(factories.small_district())
    firm = factories.organisation()
    for side, home in (("own", world.district.communities[0]), ("foreign", world.district.communities[2])):
        world.bodies[side] = factories.organisation("social_organisation", f"{home.name}服务队", area=home)
        world.people[side] = Person.objects.create(
            code=f"W-{side}", name=f"{home.name}某人", employer=world.bodies[side]
        )
    factories.grant(world.stranger, "community_staff", area=world.district.communities[2])
    Client().force_login(world.stranger)
    for role in roles:
        who = factories.user(f"one-{role}")
        binding = BINDING_OF[Role(role)]
        factories.grant(
            who, role,
            area=world.area_of(role) if binding == "area" else None,
            organisation=firm if binding == "organisation" else None,
        )  # fmt: skip
        world.users[role], world.clients[role] = who, signed_in(who)
    return world


def signed_in(who: User) -> Client:
    """A client whose session has just given its second factor."""
    client = Client(raise_request_exception=True)
    client.force_login(who)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": now().timestamp()}]
    session["account_authentication_methods_user"] = str(who.pk)
    session.save()
    return client


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever a request writes is undone, so that the next meets the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def address(route: Route, world: World, side: Side, role: str) -> str:
    """The route's address with an object of that side."""
    line = rule_of(route) or {}
    values = {name: _value(name, line.get("place", "absent"), world, side, role) for name in route.parameters}
    return reverse(route.name, kwargs=values)


def _value(name: str, kind: str, world: World, side: Side, role: str) -> Any:
    texts = {"act": "unlock", "task": "nothing.here", "tab": "inbox"}
    if name in texts:
        return texts[name]
    if name in {"request_id", "unit_id", "contact"}:
        return ABSENT_UUID
    return ABSENT if name in {"certificate", "draft_id"} else world.place(kind, side, role)


def met(client: Client, method: str, path: str) -> Met:
    """What a request meets, as the policy names it."""
    with taken_back():
        response = client.generic(method, path)
    if response.status_code == 302 and response.headers["Location"].startswith("/accounts/login/"):
        return "login"
    return {403: "forbidden", 404: "not_found"}.get(response.status_code, "allow")  # type: ignore[return-value]


def violations(world: World, found: Iterable[Route], *, thorough: bool = False) -> list[str]:
    """Every difference between policy and product on these routes."""
    told = []
    for route in found:
        line = rule_of(route)
        if line is None:
            continue
        sides = TWO_SIDES if line.get("place") else TWO_SIDES[:1]
        for role in roles_at(route, line, list(world.clients), thorough):
            for side in sides:
                told += _differences(world, route, line, role, side, world.clients[role])
        told += _without_sign_in(world, route)
    return told


def _differences(
    world: World, route: Route, line: dict[str, Any], role: str, side: Side, client: Client
) -> list[str]:
    """At one route, for one role, on one side."""
    expected, told = met_by(role, line, side), []
    for method in route.methods:
        with taken_back():
            path = address(route, world, side, role)
            seen = met(client, method, path)
        if seen != expected:
            told.append(f"{role} {method} {route.name} ({side}): {seen}, the policy says {expected}")
    if line.get("rows") and expected == "allow":
        told += row_differences(world, route, line, role)
    return told


def _without_sign_in(world: World, route: Route) -> list[str]:
    role = next(iter(world.clients))
    with taken_back():
        path = address(route, world, "own", role)
        seen = {method: met(Client(), method, path) for method in route.methods}
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


def listed_roles() -> list[str]:
    """The roles of the policy."""
    return list(policy()["roles"])
