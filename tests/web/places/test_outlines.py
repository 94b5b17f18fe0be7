"""Real outlines: uploaded on a page, drawn on pages, shown to the public only with an approval number."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from minping_web.common.changes import undo
from minping_web.common.models import ChangeSet
from minping_web.places.models import Area, AreaOutline, MapPublication
from tests.web.factories import SmallDistrict, scope_with
from tests.web.places.factory import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def outline(area: Area, west: float) -> dict[str, Any]:
    """A square of a tenth of a degree."""
    east = west + 0.1
    ring = [[west, 32], [east, 32], [east, 32.1], [west, 32.1], [west, 32]]
    return {
        "type": "Feature",
        "properties": {"code": area.code},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def sent(client: Client, features: list[dict[str, Any]], **words: str) -> HttpResponse:
    """The upload form, filled in."""
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    told = {"datum": "wgs84", "source": "测绘资料", "approval_number": "", **words}
    file = SimpleUploadedFile("streets.geojson", content)
    return client.post(reverse("places:outlines_import"), {"file": file, **told})  # type: ignore[return-value]


@pytest.fixture
def bureau(client: Client) -> Client:
    """The district's client."""
    return signed_in(client, "district_bureau")


def test_a_file_becomes_one_act_that_can_be_undone(bureau: Client, district: SmallDistrict) -> None:
    done = sent(bureau, [outline(area, 118 + n / 10) for n, area in enumerate(district.streets)])
    act = ChangeSet.objects.get()
    assert done.headers["Location"] == reverse("changes:detail", args=[act.pk])
    assert AreaOutline.objects.count() == 2
    assert bureau.get(done.headers["Location"]).status_code == 200
    undo(scope_with("district_bureau"), act)
    assert not AreaOutline.objects.exists()


def test_the_same_file_again_changes_nothing(bureau: Client, district: SmallDistrict) -> None:
    for _time in range(2):
        answer = sent(bureau, [outline(district.streets[0], 118)])
    assert answer.headers["Location"] == reverse("places:map")
    assert ChangeSet.objects.count() == 1


def test_every_fault_of_a_file_is_told_and_nothing_is_written(
    bureau: Client, district: SmallDistrict
) -> None:
    unknown, broken = outline(Area(code="NOWHERE"), 118), outline(district.streets[0], 118)
    broken["geometry"]["coordinates"][0].pop()
    answer = sent(bureau, [unknown, broken, outline(district.streets[1], 118)])
    assert answer.status_code == 422
    codes = {line.code for line in answer.context["problems"]}  # type: ignore[attr-defined]
    assert codes == {"places.area_unknown", "outlines.ring_open"}
    assert not AreaOutline.objects.exists()


def test_an_empty_form_asks_for_file_and_source(bureau: Client, district: SmallDistrict) -> None:
    answer = bureau.post(reverse("places:outlines_import"), {"datum": "wgs84"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"file", "source"}


def test_a_file_that_is_too_large_is_refused_with_words(bureau: Client, district: SmallDistrict) -> None:
    file = SimpleUploadedFile("big.geojson", b" " * 21_000_000)
    answer = bureau.post(reverse("places:outlines_import"), {"file": file, "datum": "wgs84", "source": "x"})
    assert [line.code for line in answer.context["problems"]] == ["outlines.too_large"]


def test_a_street_imports_no_outline_of_another_street(client: Client, district: SmallDistrict) -> None:
    signed_in(client, "street_staff", district.streets[0])
    answer = sent(client, [outline(district.communities[2], 118)])
    assert [line.code for line in answer.context["problems"]] == ["places.area_unknown"]  # type: ignore[attr-defined]
    assert sent(client, [outline(district.communities[0], 118)]).status_code == 302


def test_outlines_are_drawn_as_links_on_map_and_area_page(bureau: Client, district: SmallDistrict) -> None:
    sent(bureau, [outline(area, 118 + n / 10) for n, area in enumerate(district.streets)])
    for address in (
        reverse("places:map") + f"?under={district.district.pk}",
        reverse("places:detail", args=[district.district.pk]),
    ):
        page = bureau.get(address)
        shapes = page.context["outlines"].shapes
        assert {area.pk for area, *_rest in shapes} == {street.pk for street in district.streets}
        assert page.content.decode().count('class="outline-map"') == 1
        assert reverse("places:detail", args=[district.streets[1].pk]) in page.content.decode()


@pytest.mark.parametrize(("number", "drawn"), [("", False), ("苏S(2026)001号", True)])
def test_the_public_map_draws_only_what_has_an_approval_number(
    bureau: Client, district: SmallDistrict, number: str, drawn: bool
) -> None:
    MapPublication.objects.create(level="street", shown=True)
    sent(
        bureau,
        [outline(area, 118 + n / 10) for n, area in enumerate(district.streets)],
        approval_number=number,
    )
    text = Client().get(reverse("public_map")).content.decode()
    assert ("outline-map" in text) is drawn
    assert (number in text) is (drawn or not number)
