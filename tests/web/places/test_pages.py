"""Pages of places (S80, S81): each opens for those who may, is not found for others, does what it says."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from minping_web.common.models import ChangeSet
from minping_web.places.models import Area, AreaCovariate, FormerState, MapPublication
from minping_web.places.rules.responsible import ResponsiblePerson, set_responsible_source
from tests.web.factories import SmallDistrict
from tests.web.places.factory import signed_in

STAFF_PAGES = ("list", "figures", "map", "household_rule", "publication", "outlines_import", "areas_import",
               "areas_template", "figures_import", "figures_template", "create")  # fmt: skip
AREA_PAGES = ("detail", "edit", "end", "rename", "move", "merge", "split", "figure_create")


@pytest.mark.sqlite
@pytest.mark.parametrize("name", STAFF_PAGES)
def test_the_district_opens_every_page_of_places(client: Client, district: SmallDistrict, name: str) -> None:
    signed_in(client, "district_bureau", district.district)
    assert client.get(reverse(f"places:{name}")).status_code == 200


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("name", AREA_PAGES)
def test_the_district_opens_every_page_of_an_area(
    client: Client, district: SmallDistrict, name: str, language: str
) -> None:
    signed_in(client, "district_bureau", district.district)
    client.cookies["minping_language"] = language
    page = client.get(reverse(f"places:{name}", args=[district.communities[0].pk]))
    assert page.status_code == 200
    assert "和平社区" in page.content.decode()


@pytest.mark.parametrize("name", AREA_PAGES)
def test_areas_of_another_street_are_not_found(client: Client, district: SmallDistrict, name: str) -> None:
    signed_in(client, "street_staff", district.streets[0])
    assert client.get(reverse(f"places:{name}", args=[district.communities[2].pk])).status_code == 404


@pytest.mark.parametrize("name", ["edit", "end", "rename", "move", "merge", "split"])
def test_street_staff_do_not_change_their_own_street(
    client: Client, district: SmallDistrict, name: str
) -> None:
    signed_in(client, "street_staff", district.streets[0])
    assert client.get(reverse(f"places:{name}", args=[district.streets[0].pk])).status_code == 404


def test_the_list_shows_only_areas_below_the_own_street(client: Client, district: SmallDistrict) -> None:
    signed_in(client, "street_staff", district.streets[0])
    text = client.get(reverse("places:list")).content.decode()
    assert "新村社区" in text
    assert "河湾社区" not in text
    csv = client.get(reverse("places:list") + "?format=csv").content.decode("utf-8-sig")
    assert "新村社区" in csv
    assert "河湾社区" not in csv


def test_filters_of_the_list_find_by_name_code_level_and_place(
    client: Client, district: SmallDistrict
) -> None:
    signed_in(client, "district_bureau", district.district)

    def names(query: str) -> set[str]:
        page = client.get(reverse("places:list") + query).context["page"]
        return {area.name for area in page.object_list}

    assert names("?q=河湾") == {"河湾社区"}
    assert names(f"?q={district.streets[1].code}") == {"西街道"}
    assert names("?level=community") == {"和平社区", "新村社区", "河湾社区"}
    assert names(f"?level=community&under={district.streets[0].pk}") == {"和平社区", "新村社区"}
    assert names("?state=ended") == set()


def test_a_new_area_is_made_by_the_form(client: Client, district: SmallDistrict) -> None:
    signed_in(client, "street_staff", district.streets[0])
    address = reverse("places:create") + f"?parent={district.communities[0].pk}"
    data = {"level": "grid", "code": "NEW-1", "name": "新网格", "grid_level": "L2", "area_class": "a"}
    assert client.post(address, data).status_code == 302
    made = Area.objects.get(code="NEW-1")
    assert made.path.startswith(district.communities[0].path)


def test_a_wrong_form_comes_back_with_the_problem_beside_its_field(
    client: Client, district: SmallDistrict
) -> None:
    signed_in(client, "street_staff", district.streets[0])
    address = reverse("places:create") + f"?parent={district.communities[0].pk}"
    taken = district.grids[0].code
    page = client.post(address, {"level": "grid", "code": taken, "name": "新网格"})
    assert page.status_code == 422
    assert "code" in page.context["form"].errors
    assert Area.objects.filter(code=taken).count() == 1


def test_renaming_and_moving_leave_the_former_state(client: Client, district: SmallDistrict) -> None:
    signed_in(client, "district_bureau", district.district)
    community = district.communities[0]
    first = {"name": "和顺社区", "day": "2026-03-01", "reason": "区政府批复"}
    assert client.post(reverse("places:rename", args=[community.pk]), first).status_code == 302
    then = {"parent": district.streets[1].pk, "day": "2026-05-01", "reason": "街道调整"}
    assert client.post(reverse("places:move", args=[community.pk]), then).status_code == 302
    states = list(FormerState.objects.filter(area=community).order_by("until"))
    assert [(state.name, state.parent) for state in states] == [
        ("和平社区", district.streets[0]),
        ("和顺社区", district.streets[0]),
    ]
    assert "和平社区" in client.get(reverse("places:detail", args=[community.pk])).content.decode()


def test_a_merge_is_made_and_undone_by_pages(client: Client, district: SmallDistrict) -> None:
    signed_in(client, "district_bureau", district.district)
    one, other = district.grids[:2]
    Area.objects.filter(pk=one.pk).update(households=150)
    Area.objects.filter(pk=other.pk).update(households=200)
    data = {
        "old": [other.pk],
        "code": "MERGED",
        "name": "合并网格",
        "day": "2026-03-01",
        "reason": "户数过少",
    }
    address = reverse("places:merge", args=[one.pk])
    shown = client.post(address, data)
    assert shown.status_code == 200
    (row,) = shown.context["plan"].results
    assert (row.name, row.households, row.standing) == ("合并网格", 350, "within")
    assert not Area.objects.filter(code="MERGED").exists()
    done = client.post(address, data | {"confirm": "1"})
    made = Area.objects.get(code="MERGED")
    assert {area.name for area in made.children.all()} == {"第一网格责任田", "第二网格责任田"}
    act = ChangeSet.objects.get()
    assert done.headers["Location"] == reverse("changes:detail", args=[act.pk])
    assert client.get(done.headers["Location"]).status_code == 200
    assert client.get(reverse("changes:undo", args=[act.pk])).status_code == 200
    client.post(reverse("changes:undo", args=[act.pk]))
    assert not Area.objects.filter(code="MERGED").exists()
    one.refresh_from_db()
    assert one.valid_to is None


def test_a_split_asks_where_everything_inside_goes(client: Client, district: SmallDistrict) -> None:
    signed_in(client, "district_bureau", district.district)
    community = district.communities[0]
    Area.objects.filter(pk=community.pk).update(households=900)
    data = {"day": "2026-03-01", "reason": "过大", "code_0": "P0", "name_0": "东社区", "households_0": 500,
            "code_1": "P1", "name_1": "西社区", "households_1": 400,
            f"child_{district.grids[0].pk}": 0, f"child_{district.grids[1].pk}": 1}  # fmt: skip
    address = reverse("places:split", args=[community.pk])
    wrong = client.post(address, data | {"households_1": 399})
    assert wrong.status_code == 422
    assert [row.households for row in client.post(address, data).context["plan"].results] == [500, 400]
    done = client.post(address, data | {"confirm": "1"}, follow=True)
    assert "拆分" in "".join(str(message) for message in done.context["messages"])
    grids = {
        grid.name: grid.parent.code
        for grid in Area.objects.filter(level="grid", parent__code__in=["P0", "P1"])
    }
    assert grids == {"第一网格": "P0", "第二网格": "P1"}


def test_a_new_code_is_proposed_and_is_free(client: Client, district: SmallDistrict) -> None:
    signed_in(client, "district_bureau", district.district)
    home = district.communities[0]
    for number, grid in enumerate(district.grids[:2], 8):
        Area.objects.filter(pk=grid.pk).update(code=f"{home.code}-{number:02}")
    page = client.get(reverse("places:split", args=[district.grids[0].pk]))
    proposed = [page.context["form"].initial[f"code_{part}"] for part in range(2)]
    assert proposed == [f"{home.code}-10", f"{home.code}-11"]
    page = client.get(reverse("places:merge", args=[district.grids[0].pk]))
    assert page.context["form"].initial["code"] == f"{home.code}-10"


def test_a_preview_names_who_is_posted_at_an_area_that_ends(client: Client, district: SmallDistrict) -> None:
    set_responsible_source(lambda ids, day: {district.grids[0].pk: [ResponsiblePerson("甲某", "网格长")]})
    signed_in(client, "district_bureau", district.district)
    data = {
        "old": [district.grids[1].pk],
        "code": "M",
        "name": "合并网格",
        "day": "2026-03-01",
        "reason": "少",
    }
    assert "甲某" in client.post(reverse("places:merge", args=[district.grids[0].pk]), data).content.decode()


def test_a_figure_is_entered_shown_and_removed(client: Client, district: SmallDistrict) -> None:
    signed_in(client, "street_staff", district.streets[0])
    community = district.communities[0]
    data = {"name": "disabled", "value": "32", "as_of": "2025-12-31", "source": "街道台账"}
    assert client.post(reverse("places:figure_create", args=[community.pk]), data).status_code == 302
    row = AreaCovariate.objects.get()
    assert "街道台账" in client.get(reverse("places:figures")).content.decode()
    assert client.get(reverse("places:figure_remove", args=[row.pk])).status_code == 200
    client.post(reverse("places:figure_remove", args=[row.pk]))
    assert not AreaCovariate.objects.exists()


def test_counts_of_ill_people_are_not_offered_for_grids(client: Client, district: SmallDistrict) -> None:
    signed_in(client, "street_staff", district.streets[0])
    data = {"name": "psychiatric", "value": "2", "as_of": "2025-12-31", "source": "街道台账"}
    page = client.post(reverse("places:figure_create", args=[district.grids[0].pk]), data)
    assert page.status_code == 422
    assert not AreaCovariate.objects.exists()


def test_nothing_is_public_until_the_district_decides(client: Client, district: SmallDistrict) -> None:
    """S80."""
    set_responsible_source(
        lambda ids, day: {pk: [ResponsiblePerson("甲某", "网格长", "12345")] for pk in ids}
    )
    address = reverse("public_map")
    assert "和平社区" not in client.get(address).content.decode()
    MapPublication.objects.create(level="community", shown=True)
    text = client.get(address).content.decode()
    assert "和平社区" in text
    assert "甲某" not in text
    MapPublication.objects.update(names=True)
    address += f"?under={district.communities[0].pk}"
    text = client.get(address).content.decode()
    assert "甲某" in text
    assert "12345" not in text
    MapPublication.objects.update(phones=True)
    assert "12345" in client.get(address).content.decode()
    assert "第一网格" not in text


def test_only_who_holds_the_right_everywhere_decides_what_is_public(
    client: Client, district: SmallDistrict
) -> None:
    signed_in(client, "street_staff", district.streets[0])
    assert client.get(reverse("places:publication")).status_code == 404
    signed_in(client, "district_bureau")
    client.post(
        reverse("places:publication"), {"grid-shown": "on", "grid-phones": "on", "street-names": "on"}
    )
    grid = MapPublication.objects.get(level="grid")
    assert (grid.shown, grid.names, grid.phones) == (True, False, True)
    assert not MapPublication.objects.filter(level="street", names=True).exists()


@pytest.fixture(autouse=True)
def _no_people_left() -> object:
    yield
    set_responsible_source(lambda ids, day: {})
