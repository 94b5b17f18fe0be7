"""A small district with one user per role, own things in its eastern street and foreign ones in the western.

Every user has given a second factor just now, so that only rights decide.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.test import Client

from minping_web.access.rules import BINDING_OF, Role
from minping_web.accounts.models import SignIn, User
from minping_web.common.clock import now
from minping_web.common.models import Proposal
from minping_web.organisations.models import Organisation
from minping_web.people.models import Person
from minping_web.places.models import Area
from tests.web import factories
from tests.web.access.policy import Side, policy
from tests.web.access.things import draft_of, furnish, mark_foreign_areas, marked
from tests.web.entering import sign_in

ABSENT = 999_999_999
ABSENT_UUID = uuid.UUID(int=0)
OF_USERS = frozenset({"job", "change", "export"})


@dataclass
class World:
    """The district, its users by role, a client for each, and ids of things by (kind, side, user)."""

    district: factories.SmallDistrict
    users: dict[str, User] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    bodies: dict[Side, Organisation] = field(default_factory=dict)
    people: dict[Side, Person] = field(default_factory=dict)
    fields: dict[Side, Area] = field(default_factory=dict)
    things: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    stranger: User = field(default_factory=lambda: factories.user("ximi-stranger"))

    def area_of(self, role: str) -> Area:
        """Where an area-bound role is granted: below the eastern street."""
        return self.district.streets[0] if role == "street_staff" else self.district.communities[0]

    def grid(self, side: Side) -> Area:
        """A grid of that side."""
        return self.district.grids[0 if side == "own" else -1]

    def user_of(self, role: str, side: Side) -> User:
        """The role's own user, or the stranger."""
        return self.users[role] if side == "own" else self.stranger

    def place(self, kind: str, side: Side, role: str, *, route: str = "") -> Any:
        """The id of an object that is the role's own, or foreign to it."""
        who = self.user_of(role, side)
        makers: dict[str, Callable[[], Any]] = {
            "area": lambda: self.grid(side).pk,
            "user": lambda: self.stranger.pk,
            "sign_in": lambda: SignIn.objects.filter(user=who).latest("pk").pk,
            "grant": lambda: who.grants.get().pk,
            "proposal": lambda: self._proposal(who, side),
            "organisation": lambda: self.organisation(role, side).pk,
            "person": lambda: self.people[side].pk,
            "draft": lambda: draft_of(who, route),
            "absent": lambda: ABSENT,
        }
        return makers[kind]() if kind in makers else self._thing(kind, side, who)

    def _thing(self, kind: str, side: Side, who: User) -> Any:
        wanted = [(kind, "", who.username), (kind, side, ""), (kind, "", "")]
        found = [key for key in (wanted[:1] if kind in OF_USERS else wanted) if key in self.things]
        return self.things[found[0]]

    def organisation(self, role: str, side: Side) -> Organisation:
        """The role's own one, or one in the place of that side."""
        bound = self.users[role].grants.get().organisation
        return bound if bound and side == "own" else self.bodies[side]

    def _proposal(self, proposer: User, side: Side) -> int:
        payload = dict.fromkeys(("leaver", "user", "by"), proposer.pk) | {"grants": []}
        return Proposal.objects.create(
            kind="access.hand_over", title=f"{marked(side)[0]}提案", reason="理由", payload=payload,
            proposer=proposer, proposed_at=now(), expires_at=now().replace(year=now().year + 1),
        ).pk  # fmt: skip


def make_world(roles: Iterable[str], *, furnished: bool = False) -> World:
    """One user per role with one grant, signed in; `furnished` = with one of every kind of thing."""
    world = World(_district())
    firm = factories.organisation(name="东显调查公司")
    for side, home in (("own", world.district.communities[0]), ("foreign", world.district.communities[2])):
        _side(world, side, home)  # type: ignore[arg-type]
    User.objects.filter(pk=world.stranger.pk).update(display_name="西密外人")
    factories.grant(world.stranger, "community_staff", area=world.district.communities[2])
    Client().force_login(world.stranger)
    for role in roles:
        who, binding = factories.user(f"one-{role}"), BINDING_OF[Role(role)]
        factories.grant(
            who, role,
            area=world.area_of(role) if binding == "area" else None,
            organisation=firm if binding == "organisation" else None,
        )  # fmt: skip
        world.users[role], world.clients[role] = who, sign_in(Client(), who)
    if furnished:
        furnish(world)
    return world


def _district() -> factories.SmallDistrict:
    """As everywhere, with the western street marked."""
    made = factories.small_district()
    mark_foreign_areas(made.streets[1])
    for area in (*made.streets, *made.communities, *made.grids, *made.responsibility_areas):
        area.refresh_from_db()
    return made


def _side(world: World, side: Side, home: Area) -> None:
    name, code = marked(side)
    body = factories.organisation("social_organisation", f"{name}服务队", area=home)
    Organisation.objects.filter(pk=body.pk).update(code=f"{code}-ORG")
    world.bodies[side] = body
    world.people[side] = Person.objects.create(code=f"{code}-P", name=f"{name}某人", employer=body)
    world.fields[side] = world.district.responsibility_areas[0 if side == "own" else -1]


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever a request writes is undone, so that the next meets the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def listed_roles() -> list[str]:
    """The roles of the policy."""
    return list(policy()["roles"])
