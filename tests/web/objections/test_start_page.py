"""The start page around a preview: the assessed and their places are told, publication waits for its end."""

from __future__ import annotations

import pytest

from minping_web.common.scope import Scope
from minping_web.site.desk import coming, last_results, waiting
from tests.web.objections import factory
from tests.web.objections.factory import Assessed

pytestmark = pytest.mark.django_db
PUBLISHING, CHECKING, DECIDING = "/publications/", "/objections/check/", "/objections/"


def addresses(scope: Scope) -> set[str]:
    """Where work waits."""
    return {one.url for one in waiting(scope)}


def test_a_result_is_brought_to_publication_when_its_preview_is_over(made: Assessed) -> None:
    bureau = factory.bureau()
    assert PUBLISHING in addresses(bureau)
    preview = factory.previewed(made)
    assert PUBLISHING not in addresses(bureau)
    assert [one.about for one in coming(bureau) if not one.exact] == [made.run.round.name]
    factory.window_over(preview)
    assert PUBLISHING in addresses(bureau)


def test_the_assessed_and_their_places_are_told_of_the_preview(made: Assessed) -> None:
    worker = factory.scope(made.bad)
    place = factory.scope(factory.staff("community_staff", area=made.district.communities[0]))
    assert addresses(worker) == addresses(place) == set()
    preview = factory.previewed(made)
    assert addresses(worker) == {f"/results/mine/{made.result().pk}/"}
    assert addresses(place) == {"/objections/place/"}
    assert {one.due for one in waiting(worker)} == {preview.ends_on}
    assert last_results(worker) == [], "a preview is no result that holds"


def test_an_objection_waits_for_its_check_and_is_on_the_list_of_the_district(made: Assessed) -> None:
    factory.previewed(made)
    objection = factory.filed(made)
    street = factory.scope(factory.staff("street_staff", area=made.district.streets[0]))
    assert CHECKING in addresses(street)
    assert DECIDING in addresses(factory.bureau())
    while objection.node < 9 and CHECKING in addresses(street):
        factory.checked(made, objection)
        objection.refresh_from_db()
    assert CHECKING not in addresses(street)
    assert DECIDING in addresses(factory.bureau())
