"""Unmistakable names lie in a foreign street; whoever may not see that street never reads one anywhere.

Every page that answers GET is opened with own ids, with its exports, as each role; searches and filters
ask for the foreign names outright; the interface is read with a key. The same walk as somebody who sees
the whole district must find them, or it would prove nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from minping_web.access.rules import BINDING_OF, Role
from minping_web.site.api.contract import PREFIX, contract
from tests.web.access.policy import Route, met_by, routes, rule_of
from tests.web.access.things import MARKS
from tests.web.access.walk import address
from tests.web.access.world import World, taken_back
from tests.web.api.factory import key_of

pytestmark = pytest.mark.django_db

BOUND = sorted(role.value for role in Role if BINDING_OF[role] != "district")
TELLING = ("street_staff", "supervisor", "office_clerk", "worker")
ASKED = ("", "?format=csv", "?format=xlsx", "?q=西&state=all", "?q=XI")
"""A page as it opens, its exports, and searches by a beginning of the foreign names (never a whole one,
since pages show again what was searched for)."""


def pages_of(role: str) -> Iterator[Route]:
    """Routes that this role may open with GET."""
    for route in routes():
        line = rule_of(route)
        if (
            line
            and "GET" in route.methods
            and met_by(role, line, "own") == "allow"
            and route.name != "jobs:live"
        ):
            yield route


def text_of(response: HttpResponse) -> str:
    """What the answer says; a workbook is unpacked."""
    body = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined, unused-ignore]
    if body[:2] == b"PK":
        return _sheets(body)
    return body.decode("utf-8", "replace")


def _sheets(body: bytes) -> str:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


def seen_by(world: World, role: str) -> dict[str, str]:
    """Which pages of the role show a foreign name, and which one."""
    found = {}
    for route in pages_of(role):
        for asked in ASKED if not route.parameters else ASKED[:1]:
            with taken_back():
                response = world.clients[role].get(address(route, world, "own", role) + asked)
                text = text_of(response)  # type: ignore[arg-type]
            mark = next((mark for mark in MARKS if mark in text), None)
            if mark:
                at = text.index(mark)
                found[route.name + asked] = text[max(0, at - 80) : at + 40]
    return found


@pytest.mark.parametrize("role", TELLING)
def test_no_page_shows_a_foreign_name(shared_world: World, role: str) -> None:
    assert seen_by(shared_world, role) == {}


@pytest.mark.deep
@pytest.mark.parametrize("role", sorted(set(BOUND) - set(TELLING)))
def test_nor_does_it_to_any_other_role(shared_world: World, role: str) -> None:
    assert seen_by(shared_world, role) == {}


LISTS = {
    "access:grants": "administrator",
    "accounts:users": "administrator",
    "approvals:history": "auditor",
    "changes:list": "auditor",
    "jobs:list": "auditor",
    "organisations:contracts": "auditor",
    "organisations:list": "auditor",
    "people:certificates": "auditor",
    "people:corrections": "district_bureau",
    "people:handovers": "auditor",
    "people:list": "auditor",
    "people:load": "auditor",
    "people:postings": "auditor",
    "places:figures": "auditor",
    "places:list": "auditor",
    "places:map": "auditor",
}


@pytest.mark.parametrize("name", sorted(LISTS))
def test_the_names_are_there_to_be_found(shared_world: World, name: str) -> None:
    """The other half of the proof: who sees the whole district reads them in the same lists."""
    world = shared_world
    with taken_back():
        world.place("proposal", "foreign", LISTS[name])
        text = text_of(world.clients[LISTS[name]].get(reverse(name)))  # type: ignore[arg-type]
    assert any(mark in text for mark in MARKS)


def test_search_finds_them_for_the_district_and_own_names_for_a_street(shared_world: World) -> None:
    def found(role: str, words: str) -> str:
        return text_of(shared_world.clients[role].get(reverse("search"), {"q": words}))  # type: ignore[arg-type]

    assert "西密" in found("auditor", "西")
    assert "东显某人" in found("street_staff", "东显")
    assert "西密" not in found("street_staff", "西")


OWN_IDS = {
    "area_id": ("area", "own"),
    "person_id": ("person", "own"),
    "posting_id": ("posting", "own"),
    "organisation_id": ("organisation", "own"),
    "contract_id": ("contract", "own"),
    "frame_id": ("unit_frame", "own"),
    "round_id": ("survey_round", "own"),
    "version_id": ("scheme_version", "own"),
}
"""What a parameter names; a version of a questionnaire is looked up under `instrument-versions`."""


def read_all(world: World, role: str) -> dict[str, str]:
    """Every GET operation of the interface with a key of that role's user."""
    headers = {"authorization": f"Bearer {key_of(world.users[role])}"}
    answers = {}
    for path, methods in contract()["paths"].items():
        if "get" in methods:
            values: dict[str, Any] = {
                name: world.place(kind, side, role)  # type: ignore[arg-type]
                for name, (kind, side) in OWN_IDS.items()
            }
            if "/instrument-versions/" in path:
                values["version_id"] = world.place("questionnaire", "own", role)
            told = Client().get("/" + path.lstrip("/").format(**values), headers=headers)
            answers[path] = text_of(told) if told.status_code == 200 else ""  # type: ignore[arg-type]
    return answers


@pytest.mark.parametrize("role", ["street_staff", "community_staff", "supervisor"])
def test_no_answer_of_the_interface_shows_a_foreign_name(shared_world: World, role: str) -> None:
    with taken_back():
        answers = read_all(shared_world, role)
    assert sum(bool(text) for text in answers.values()) >= 5, "the key opens something"
    assert [path for path, text in answers.items() if any(mark in text for mark in MARKS)] == []


def test_a_key_of_the_district_reads_them(shared_world: World) -> None:
    with taken_back():
        answers = read_all(shared_world, "district_bureau")
    shown = {
        path.removeprefix(f"/{PREFIX}") for path, text in answers.items() if any(m in text for m in MARKS)
    }
    assert {"areas", "people", "postings", "organisations", "contracts"} <= shown
