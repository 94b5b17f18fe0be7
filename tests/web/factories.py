"""Small invented worlds for tests: a district, users with roles, scopes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from django.utils import timezone

from minping_web.access.models import Grant
from minping_web.access.rules import Role
from minping_web.access.selectors import scope_of
from minping_web.accounts.models import User
from minping_web.common.scope import Scope
from minping_web.organisations.models import Organisation
from minping_web.places.models import Area

_numbers = count(1)


def area(level: str, name: str, parent: Area | None = None, **values: Any) -> Area:
    """An area with its path."""
    code = values.pop("code", None) or f"T{next(_numbers):05d}"
    made = Area.objects.create(level=level, name=name, parent=parent, code=code, path="", **values)
    made.path = made.path_below(parent)
    made.save(update_fields=["path"])
    return made


@dataclass(frozen=True)
class SmallDistrict:
    """District > streets > communities > grids > responsibility areas, in order."""

    district: Area
    streets: list[Area]
    communities: list[Area]
    grids: list[Area]
    responsibility_areas: list[Area]


def small_district() -> SmallDistrict:
    """Two streets with two and one communities, two grids each, one responsibility area per grid."""
    city = area("city", "试验市")
    district = area("district", "试验区", city)
    streets = [area("street", "东街道", district), area("street", "西街道", district)]
    communities = [
        area("community", "和平社区", streets[0]),
        area("community", "新村社区", streets[0]),
        area("community", "河湾社区", streets[1]),
    ]
    grids = [area("grid", f"第{n}网格", home) for home in communities for n in ("一", "二")]
    return SmallDistrict(
        district,
        streets,
        communities,
        grids,
        [area("responsibility_area", grid.name + "责任田", grid) for grid in grids],
    )


def organisation(kind: str = "survey_firm", name: str = "公正调查公司", **values: object) -> Organisation:
    """An invented body."""
    return Organisation.objects.create(kind=kind, name=name, code=f"O{next(_numbers):05d}", **values)


def user(username: str | None = None, **values: Any) -> User:
    """An invented user with the password `a-long-password`."""
    name = username or f"user{next(_numbers)}"
    return User.objects.create_user(name, password="a-long-password", display_name=name, **values)


def grant(
    who: User, role: str, *, area: Area | None = None, organisation: Organisation | None = None
) -> Grant:
    """A role that holds since long ago."""
    return Grant.objects.create(
        user=who,
        role=Role(role),
        area=area,
        organisation=organisation,
        valid_from=date(2020, 1, 1),
        granted_at=timezone.now(),
    )


def scope_with(
    role: str, *, area: Area | None = None, organisation: Organisation | None = None, fresh: bool = False
) -> Scope:
    """The scope of a new user with one grant; `fresh` = has just given a second factor."""
    who = user()
    grant(who, role, area=area, organisation=organisation)
    return scope_of(who, second_factor_at=timezone.now() if fresh else None)
