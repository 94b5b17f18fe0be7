"""Keys, a world of two streets with a row of every kind in each, and calls to the interface."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from minping_web.access.models import ApiKey
from minping_web.access.rules import API_PERMISSIONS
from minping_web.accounts.models import User
from minping_web.accounts.rules import digest_of
from minping_web.common.clock import now, today
from minping_web.common.scope import system_scope
from minping_web.frames.models import Frame, SealedUnit
from minping_web.frames.services.loading import NewUnit, load_frame
from minping_web.organisations.models import Contract, Organisation
from minping_web.people.models import Person, Posting
from minping_web.places.models import Area, AreaCovariate, AreaOutline
from tests.web import factories

ROOT = "/api/v1"
BEGIN = date(2024, 1, 1)


def key_of(
    owner: User, *, permissions: set[str] | None = None, area: Area | None = None, **values: Any
) -> str:
    """A key of that user; everything that keys may carry unless said otherwise."""
    secret = "mp_" + secrets.token_urlsafe(32)
    defaults = {"expires_on": today() + timedelta(days=30), "made_at": now(), "name": "试验系统"}
    ApiKey.objects.create(
        owner=owner,
        permissions=sorted(API_PERMISSIONS if permissions is None else permissions),
        area=area,
        prefix=secret[:12],
        digest=digest_of(secret),
        **{**defaults, **values},
    )
    return secret


def owner(role: str = "district_bureau", area: Area | None = None) -> User:
    """A user with one role."""
    made = factories.user()
    factories.grant(made, role, area=area)
    return made


@dataclass
class Caller:
    """Calls with one key; `last` keeps the answer."""

    key: str | None = None
    language: str = "zh"
    enforce_csrf: bool = True

    def __call__(
        self, method: str, path: str, body: object = None, *, raw: str | None = None, **headers: str
    ) -> HttpResponse:
        """The answer; `path` is below /api/v1."""
        told = {"accept-language": self.language, **{k.replace("_", "-"): v for k, v in headers.items()}}
        if self.key:
            told["authorization"] = f"Bearer {self.key}"
        content = raw if raw is not None else ("" if body is None else json.dumps(body, default=str))
        client = Client(enforce_csrf_checks=self.enforce_csrf)
        return client.generic(method, ROOT + path, content, content_type="application/json", headers=told)  # type: ignore[return-value]

    def get(self, path: str) -> Any:
        """The answer to a read that must succeed."""
        response = self("GET", path)
        assert response.status_code == 200, response.content.decode()
        return response.json()  # type: ignore[attr-defined]

    def write(self, method: str, path: str, body: object, status: int = 200) -> Any:
        """The answer to a write that must end with that status."""
        response = self(method, path, body)
        assert response.status_code == status, response.content.decode()
        return response.json()  # type: ignore[attr-defined]


def codes(response: HttpResponse) -> list[str]:
    """The codes of all problems."""
    return [problem["code"] for problem in response.json()["problems"]]  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Side:
    """One row of every kind in one street."""

    area: Area
    grid: Area
    person: Person
    posting: Posting
    office: Organisation
    contract: Contract


@dataclass(frozen=True)
class World:
    """Two sides that must not see each other, and a frame over both."""

    district: factories.SmallDistrict
    here: Side
    there: Side
    frame: Frame


def world(district: factories.SmallDistrict) -> World:
    """Rows in the east and in the west street."""
    here = _side(district.streets[0], district.grids[0], district.responsibility_areas[0])
    there = _side(district.streets[1], district.grids[4], district.responsibility_areas[4])
    return World(district, here, there, _frame([here, there]))


def _side(street: Area, grid: Area, own: Area) -> Side:
    office = factories.organisation("street_office", f"{street.name}办事处", area=street)
    firm = factories.organisation("social_organisation", f"{street.name}服务中心", area=street)
    person = Person.objects.create(code=f"G{own.pk:04d}", name="阿不都·热合曼", employer=office)
    posting = Posting.objects.create(person=person, area=own, starts_on=BEGIN)
    contract = Contract.objects.create(
        code=f"HT-{street.pk}", subject="社区养老服务", principal=office, contractor=firm,
        starts_on=BEGIN, ends_on=date(2099, 12, 31), amount_fen=50_000_000,
    )  # fmt: skip
    AreaCovariate.objects.create(area=street, name="aged_60", value=812, as_of=BEGIN, source="统计年报")
    AreaOutline.objects.create(
        area=street, geometry=[[[[118.7, 32.0], [118.8, 32.0], [118.8, 32.1], [118.7, 32.0]]]],
        datum="wgs84", source="区民政局", approval_number="GS(2024)0001", vertices=4,
    )  # fmt: skip
    return Side(street, grid, person, posting, office, contract)


def _frame(sides: list[Side]) -> Frame:
    rows = [
        NewUnit(side.posting.area.code, f"{side.area.pk}-{number}", phone="13900000000")
        for side in sides
        for number in range(3)
    ]
    frame = load_frame(system_scope(), "2026年第四季度", rows, as_of=BEGIN)
    for position in range(2):
        SealedUnit.objects.create(
            frame=frame,
            position=position,
            unit_id="6f1c7a52-8d0e-4b6a-9c57-0a6d3f1b2e44",
            commitment=bytes(32),
        )
    frame.root, frame.state, frame.sealed_at = bytes(32), Frame.State.SEALED, timezone.now()
    frame.save()
    return frame
