"""People, postings, organisations and contracts through the interface."""

from __future__ import annotations

import pytest

from minping_web.common.changes import undo
from minping_web.common.models import ChangeSet
from minping_web.common.scope import system_scope
from minping_web.people.models import Person, Posting
from minping_web.people.services.people import write_work_phone
from tests.web.api.factory import Caller, World, codes

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_people_are_found_by_code_area_and_part_of_the_name(both: World, bureau: Caller) -> None:
    mine = both.here.person
    for query in (f"code={mine.code}", f"area={both.here.area.code}"):
        assert [row["id"] for row in bureau.get(f"/people?{query}")["items"]] == [mine.pk]
    assert len(bureau.get("/people?search=热合曼")["items"]) == 2
    assert bureau.get(f"/people/{mine.pk}")["employer"]["code"] == both.here.office.code


def test_work_phones_never_come_out(both: World, bureau: Caller) -> None:
    write_work_phone(both.here.person, "13912345678")
    answer = bureau("GET", f"/people/{both.here.person.pk}")
    assert "13912345678" not in answer.content.decode()


def test_a_person_is_made_changed_and_undone(both: World, bureau: Caller) -> None:
    body = {"code": "G9001", "name": "𠮷小明", "employer": both.here.office.code, "started_on": "2026-01-01"}
    made = bureau.write("POST", "/people", body, 201)
    changed = bureau.write("PATCH", f"/people/{made['id']}", {"office_phone": "025-00000009"})
    assert (changed["name"], changed["office_phone"]) == ("𠮷小明", "025-00000009")
    emptied = bureau.write("PATCH", f"/people/{made['id']}", {"employer": None})
    assert emptied["employer"] is None
    undo(system_scope(), ChangeSet.objects.order_by("-pk")[0])
    assert Person.objects.get(code="G9001").employer == both.here.office
    assert codes(bureau("POST", "/people", body)) == ["person.code_taken"]


def test_unknown_and_foreign_codes_are_named_alike(both: World, street: Caller) -> None:
    body = {"code": "G9002", "name": "王小明"}
    foreign = street("POST", "/people", body | {"employer": both.there.office.code})
    unknown = street("POST", "/people", body | {"employer": "nowhere"})
    assert (foreign.status_code, foreign.content) == (422, unknown.content)
    assert codes(foreign) == ["api.unknown_code"]
    assert street("POST", "/people", body).status_code == 403  # nobody's employee is the district's


def test_an_area_has_one_owner_at_a_time(both: World, bureau: Caller) -> None:
    """S10: an overlap is refused; ending the one lets the other begin."""
    there, area = both.there.person, both.here.posting.area
    body = {"person": there.code, "area": area.code, "role": "responsible", "starts_on": "2026-05-01"}
    refused = bureau("POST", "/postings", body)
    assert (refused.status_code, codes(refused)) == (422, ["posting.two_owners"])
    ended = bureau.write("POST", f"/postings/{both.here.posting.pk}/end", {"last_day": "2026-04-30"})
    assert ended["ends_on"] == "2026-04-30"
    bureau.write("POST", "/postings", body, 201)
    names = [
        row["person"]["code"] for row in bureau.get(f"/postings?area={area.code}&on=2026-05-01")["items"]
    ]
    assert names == [there.code]


def test_a_posting_cannot_end_before_it_began(both: World, bureau: Caller) -> None:
    refused = bureau("POST", f"/postings/{both.here.posting.pk}/end", {"last_day": "2023-12-31"})
    assert (refused.status_code, codes(refused)) == (422, ["posting.ends_before_start"])
    assert Posting.objects.filter(pk=both.here.posting.pk).exists()


def test_postings_of_a_person_are_listed(both: World, bureau: Caller) -> None:
    rows = bureau.get(f"/people/{both.here.person.pk}/postings")["items"]
    assert [row["area"]["code"] for row in rows] == [both.here.posting.area.code]


def test_loads_count_households_of_owners(both: World, bureau: Caller) -> None:
    area = both.here.posting.area
    area.households = 412
    area.save()
    community = area.parent.parent.name
    loads = {row["person"]["id"]: row for row in bureau.get("/loads")["items"]}
    assert loads[both.here.person.pk] | {"person": 0} == {
        "person": 0, "areas": [f"{community} {area.name}"], "households": 412, "uncounted": 0,
        "band": "within",
    }  # fmt: skip
    assert loads[both.there.person.pk]["uncounted"] == 1


def test_people_come_in_rows(both: World, bureau: Caller) -> None:
    rows = [
        {"code": "G9003", "name": "李小红", "employer": both.here.office.code, "kind": "community_worker"}
    ]
    assert bureau.write("POST", "/people/import", {"rows": rows, "dry_run": True})["created"] == 1
    assert not Person.objects.filter(code="G9003").exists()
    assert bureau.write("POST", "/people/import", {"rows": rows})["created"] == 1
    posted = [{"person": "G9003", "area": both.district.responsibility_areas[1].code, "role": "responsible",
               "starts_on": "2026-01-01"}]  # fmt: skip
    assert bureau.write("POST", "/postings/import", {"rows": posted})["created"] == 1


def test_contracts_come_with_places_and_subs(both: World, bureau: Caller) -> None:
    main = both.here.contract
    sub_contract = {
        "code": "HT-SUB", "subject": "保洁", "main": main.code, "amount": "1000.50",
        "principal": main.contractor.code, "contractor": both.there.office.code,
        "starts_on": "2026-01-01", "ends_on": "2026-12-31", "places": both.here.area.code,
    }  # fmt: skip
    assert bureau.write("POST", "/contracts/import", {"rows": [sub_contract]})["created"] == 2
    detail = bureau.get(f"/contracts/{main.pk}")
    assert [sub["code"] for sub in detail["subs"]] == ["HT-SUB"]
    sub = bureau.get("/contracts?search=HT-SUB")["items"][0]
    assert (sub["amount_fen"], sub["main"]["code"]) == (100_050, main.code)
    assert bureau.get(f"/contracts/{sub['id']}")["places"][0]["code"] == both.here.area.code


def test_organisations_are_filtered(both: World, bureau: Caller) -> None:
    rows = bureau.get("/organisations?kind=street_office&search=东")["items"]
    assert [row["id"] for row in rows] == [both.here.office.pk]
    assert bureau.get("/organisations?state=ended")["items"] == []
    assert bureau.get(f"/organisations/{both.here.office.pk}")["area"]["code"] == both.here.area.code
