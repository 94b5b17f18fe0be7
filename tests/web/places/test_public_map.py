"""The published map and grid pages answer who serves a home, and show no more than the district chose."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from minping_web.people.selectors.postings import responsible_for
from minping_web.places.models import Area, MapPublication
from minping_web.places.rules.responsible import set_responsible_source
from minping_web.places.selectors.serving import people_of
from tests.web.factories import SmallDistrict, area
from tests.web.people.factory import person, posting
from tests.web.places.factory import signed_in

DAY = date(2026, 6, 1)


@pytest.fixture(autouse=True)
def _registered_people() -> object:
    set_responsible_source(responsible_for)
    yield
    set_responsible_source(lambda ids, day: {})


def publish(*levels: str, names: bool = True) -> None:
    """Levels with the names of their people."""
    for level in levels:
        MapPublication.objects.create(level=level, shown=True, names=names)


def text_of(client: Client, query: str = "") -> str:
    """The public page."""
    answer = client.get(reverse("public_map") + query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.sqlite
def test_a_grid_is_served_by_the_owners_of_its_responsibility_areas(district: SmallDistrict) -> None:
    grid, other = district.grids[:2]
    east = district.responsibility_areas[0]
    west = area("responsibility_area", "西段", grid)
    posting(person("甲社工"), east)
    posting(person("乙社工"), west)
    posting(person("丙网格长"), grid, "part_time")
    posting(person("丁社工"), district.responsibility_areas[1])
    found = people_of([grid, other, district.communities[0]], DAY)
    assert [(one.name, one.where) for one in found[grid.pk]] == [
        ("丙网格长", ""), ("甲社工", east.name), ("乙社工", "西段"),
    ]  # fmt: skip
    assert [(one.name, one.where) for one in found[other.pk]] == [("丁社工", "")]
    assert found[district.communities[0].pk] == []


def test_the_page_of_a_grid_names_the_owner_of_its_responsibility_area(
    client: Client, district: SmallDistrict
) -> None:
    posting(person("甲社工"), district.responsibility_areas[0])
    signed_in(client, "district_bureau", district.district)
    page = client.get(reverse("places:detail", args=[district.grids[0].pk])).content.decode()
    assert "甲社工" in page


def test_the_first_page_lists_communities_by_street_and_no_grid(
    client: Client, district: SmallDistrict
) -> None:
    publish("street", "community", "grid", "responsibility_area")
    page = text_of(client)
    assert "东街道" in page
    assert f'href="?under={district.communities[0].pk}"' in page
    assert "第一网格" not in page


@pytest.mark.sqlite
def test_a_community_shows_its_grids_with_people_and_its_own_secretary(
    client: Client, district: SmallDistrict
) -> None:
    publish("community", "grid", "responsibility_area")
    posting(person("甲社工"), district.responsibility_areas[0])
    posting(person("己书记"), district.communities[0])
    posting(person("戊社工"), district.responsibility_areas[2])
    page = text_of(client, f"?under={district.communities[0].pk}")
    assert page.count("甲社工") == 1
    assert "己书记" in page
    assert "戊社工" not in page


def test_a_responsibility_area_that_is_its_grid_is_hidden_but_found_by_its_name(
    client: Client, district: SmallDistrict
) -> None:
    publish("community", "grid", "responsibility_area")
    grid, piece = district.grids[0], district.responsibility_areas[0]
    Area.objects.filter(pk=piece.pk).update(name="梧桐苑")
    under = f"?under={district.communities[0].pk}"
    assert "梧桐苑" not in text_of(client, under)
    assert f'href="?under={grid.pk}"' in text_of(client, "?q=梧桐苑")
    area("responsibility_area", "西段", grid)
    assert "梧桐苑" in text_of(client, under)


def test_names_stay_away_where_the_level_is_published_without_them(
    client: Client, district: SmallDistrict
) -> None:
    publish("community", "grid", names=False)
    publish("street")
    posting(person("甲社工"), district.responsibility_areas[0])
    assert "甲社工" not in text_of(client, f"?under={district.communities[0].pk}")
    assert "甲社工" not in text_of(client, "?q=第一网格")


def test_what_is_not_published_is_not_shown_by_its_number(client: Client, district: SmallDistrict) -> None:
    publish("street")
    page = text_of(client, f"?under={district.communities[0].pk}")
    assert "和平社区" not in page
    assert "东街道" in page


def test_a_community_costs_the_same_queries_for_forty_grids(
    client: Client, district: SmallDistrict, django_assert_max_num_queries
) -> None:  # type: ignore[no-untyped-def]
    publish("street", "community", "grid", "responsibility_area")
    for number in range(40):
        grid = area("grid", f"第{number}号网格", district.communities[0], households=400)
        piece = area("responsibility_area", f"第{number}号片", grid, households=400)
        posting(person(f"社工{number}"), piece)
    with django_assert_max_num_queries(24):
        assert "社工39" in text_of(client, f"?under={district.communities[0].pk}")
