"""Areas through the interface: reads as on the pages, writes by the same services, undo by the record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from minping_web.common.changes import undo
from minping_web.common.clock import now, today
from minping_web.common.models import ChangeSet
from minping_web.common.scope import system_scope
from minping_web.places.models import Area
from tests.web.api.factory import Caller, World, codes

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_pages_of_a_list_hold_every_area_once(both: World, bureau: Caller) -> None:
    seen, cursor = [], ""
    while cursor is not None:
        answer = bureau.get(f"/areas?limit=4&cursor={cursor}")
        assert len(answer["items"]) <= 4
        seen += [row["id"] for row in answer["items"]]
        cursor = answer["next"]
    assert seen == sorted(Area.objects.values_list("pk", flat=True))


def test_filters_narrow_and_a_misspelt_one_is_refused(both: World, bureau: Caller) -> None:
    communities = bureau.get("/areas?level=community")["items"]
    assert [row["name"] for row in communities] == ["和平社区", "新村社区", "河湾社区"]
    assert bureau.get("/areas?search=河湾&level=community")["items"][0]["name"] == "河湾社区"
    below = bureau.get(f"/areas?below={both.there.area.code}")["items"]
    assert {row["name"] for row in below} == {
        "河湾社区",
        "第一网格",
        "第二网格",
        "第一网格责任田",
        "第二网格责任田",
    }
    refused = bureau("GET", "/areas?levle=community")
    assert (refused.status_code, codes(refused)) == (422, ["api.parameter_unknown"])


def test_ended_areas_show_until_their_last_day(both: World, bureau: Caller) -> None:
    grid = both.district.grids[1]
    yesterday = today() - timedelta(days=1)
    answer = bureau.write("POST", f"/areas/{grid.pk}/end", {"last_day": yesterday, "below": True})
    assert answer["valid_to"] == yesterday.isoformat()
    living = {row["id"] for row in bureau.get(f"/areas?valid_on={today()}")["items"]}
    then = {row["id"] for row in bureau.get(f"/areas?valid_on={yesterday}")["items"]}
    assert then - living == {grid.pk, both.district.responsibility_areas[1].pk}


def test_changed_since_names_what_was_edited_or_restored(both: World, bureau: Caller) -> None:
    before = now().isoformat().replace("+00:00", "Z")
    assert bureau.get(f"/areas?changed_since={before}")["items"] == []
    bureau.write("PATCH", f"/areas/{both.here.grid.pk}", {"households": 333})
    changed = bureau.get(f"/areas?changed_since={before}")["items"]
    assert [(row["id"], row["households"]) for row in changed] == [(both.here.grid.pk, 333)]
    later = now().isoformat().replace("+00:00", "Z")
    undo(system_scope(), ChangeSet.objects.get())
    restored = bureau.get(f"/areas?changed_since={later}")["items"]
    assert [(row["id"], row["households"]) for row in restored] == [(both.here.grid.pk, None)]


def test_a_new_area_lies_where_it_was_put_and_can_be_undone(both: World, bureau: Caller) -> None:
    parent = both.district.communities[0]
    body = {"code": "NEW-1", "name": "第三网格𠮷", "level": "grid", "parent": parent.code, "grid_level": "L2",
            "kind": "general", "area_class": "b", "households": 350}  # fmt: skip
    made = bureau.write("POST", "/areas", body, 201)
    assert made["parent"]["code"] == parent.code
    assert made["exclusive_type"] is None
    assert Area.objects.get(code="NEW-1").path.startswith(parent.path)
    twice = bureau("POST", "/areas", body)
    assert (twice.status_code, codes(twice)) == (422, ["places.code_taken"])
    undo(system_scope(), ChangeSet.objects.get())
    assert not Area.objects.filter(code="NEW-1").exists()


def test_rules_of_levels_hold_here_too(both: World, bureau: Caller) -> None:
    body = {"code": "NEW-2", "name": "社区", "level": "community", "parent": both.here.grid.code}
    refused = bureau("POST", "/areas", body)
    assert (refused.status_code, codes(refused)) == (422, ["places.level_order"])


def test_renaming_and_moving_leave_history(both: World, bureau: Caller) -> None:
    grid, target = both.here.grid, both.district.communities[1]
    reason = {"day": today().isoformat(), "reason": "网格调整"}
    assert (
        bureau.write("POST", f"/areas/{grid.pk}/rename", {"name": "新名网格", **reason})["name"] == "新名网格"
    )
    history = bureau.get(f"/areas/{grid.pk}/lineage")
    assert [state["name"] for state in history["former"]] == ["第一网格"]
    other = both.district.grids[1]
    moved = bureau.write("POST", f"/areas/{other.pk}/move", {"parent": target.code, **reason})
    assert moved["parent"]["code"] == target.code
    children = {row["id"] for row in bureau.get(f"/areas/{target.pk}/children")["items"]}
    assert other.pk in children


def test_figures_are_exact_and_outlines_need_an_approval_number(both: World, bureau: Caller) -> None:
    area = both.here.area
    figure = {"name": "area_km2", "value": "3.1415", "as_of": "2026-06-30", "source": "统计年报"}
    assert bureau.write("POST", f"/areas/{area.pk}/covariates", figure)["value"] == "3.1415"
    names = {row["name"] for row in bureau.get(f"/areas/{area.pk}/covariates")["items"]}
    assert names == {"aged_60", "area_km2"}
    assert bureau.get(f"/areas/{area.pk}/outline")["geometry"]["type"] == "MultiPolygon"
    area.outline.approval_number = ""
    area.outline.save()
    assert bureau("GET", f"/areas/{area.pk}/outline").status_code == 404


def test_rows_tell_first_and_write_then(both: World, bureau: Caller) -> None:
    rows = [
        {"code": both.here.grid.code, "households": 410},
        {
            "code": "NEW-3",
            "name": "第三网格",
            "level": "grid",
            "parent_code": both.district.communities[0].code,
        },
    ]
    told = bureau.write("POST", "/areas/import", {"dry_run": True, "rows": rows})
    assert (told["created"], told["updated"], told["change_set"]) == (1, 1, None)
    assert not Area.objects.filter(code="NEW-3").exists()
    done = bureau.write("POST", "/areas/import", {"rows": rows})
    assert (done["created"], done["updated"]) == (1, 1)
    assert Area.objects.get(pk=both.here.grid.pk).households == 410
    again = bureau.write("POST", "/areas/import", {"rows": rows})
    assert (again["created"], again["updated"], again["change_set"]) == (0, 0, None)
    undo(system_scope(), ChangeSet.objects.get(pk=done["change_set"]))
    assert not Area.objects.filter(code="NEW-3").exists()


def test_rows_name_all_faults_with_their_place_and_write_nothing(both: World, bureau: Caller) -> None:
    rows = [
        {"code": both.here.grid.code, "households": "viele"},
        {"code": both.here.grid.code, "valid_from": "31.12"},
        {"code": "", "households": 1},
    ]
    refused = bureau("POST", "/areas/import", {"rows": rows})
    assert refused.status_code == 422
    assert sorted(codes(refused)) == [
        "table.cell_empty",
        "table.key_twice",
        "table.not_date",
        "table.not_whole",
    ]
    assert refused.json()["problems"][0]["where"] == "第 1 行，“households”栏"
    assert not ChangeSet.objects.exists()


def test_a_street_does_not_write_into_another_one(both: World, street: Caller) -> None:
    rows = [{"code": both.there.grid.code, "households": 1}]
    refused = street("POST", "/areas/import", {"rows": rows})
    assert refused.status_code == 422
    assert Area.objects.get(pk=both.there.grid.pk).households is None
    structure = street("PATCH", f"/areas/{both.here.area.pk}", {"households": 1})
    assert structure.status_code == 403


def test_a_read_that_did_not_change_needs_no_body(both: World, bureau: Caller) -> None:
    first = bureau("GET", f"/areas/{both.here.grid.pk}")
    again = bureau("GET", f"/areas/{both.here.grid.pk}", if_none_match=first.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    bureau.write("PATCH", f"/areas/{both.here.grid.pk}", {"households": 5})
    changed = bureau("GET", f"/areas/{both.here.grid.pk}", if_none_match=first.headers["ETag"])
    assert changed.status_code == 200
