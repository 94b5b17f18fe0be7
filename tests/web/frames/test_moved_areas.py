"""A grid that comes under another community takes the households of open frames with it."""

from __future__ import annotations

from datetime import date

import pytest

from minping_web.common.changes import undo
from minping_web.common.models import ChangeSet
from minping_web.common.scope import entered
from minping_web.frames.models import Unit, UnitContact
from minping_web.frames.selectors.units import units_everywhere
from minping_web.places.services.areas import move_area
from minping_web.site.wiring import wire
from tests.web.factories import SmallDistrict, scope_with
from tests.web.frames import factory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def moved(district: SmallDistrict) -> ChangeSet:
    """A frame, then the first grid moves into the second community of its street."""
    wire()
    bureau = scope_with("district_bureau", area=district.district)
    with entered(bureau):
        factory.frame(bureau, district.responsibility_areas)
        change = move_area(
            bureau, district.grids[0].pk, parent=district.communities[1], day=date(2026, 11, 1), reason="试验"
        )
    assert change is not None
    return change


def _communities(district: SmallDistrict) -> set[tuple[int, int]]:
    """(unit, contact) communities of the moved grid's households, as the whole district sees them."""
    with entered(scope_with("district_bureau", area=district.district)):
        units = Unit.objects.filter(area=district.responsibility_areas[0])
        contacts = dict(UnitContact.objects.values_list("unit", "community_id"))
        return {(unit.community_id, contacts[unit.pk]) for unit in units}


def test_households_follow_their_grid(moved: ChangeSet, district: SmallDistrict) -> None:
    new = district.communities[1].pk
    assert _communities(district) == {(new, new)}


def test_staff_of_the_new_community_see_them_and_those_of_the_old_do_not(
    moved: ChangeSet, district: SmallDistrict
) -> None:
    seen = []
    for community in district.communities[:2]:
        scope = scope_with("community_staff", area=community)
        with entered(scope):
            units = units_everywhere(scope, "frames.view")
            seen.append(units.filter(area=district.responsibility_areas[0]).count())
    assert seen == [0, 4]


def test_undoing_the_move_brings_them_back(moved: ChangeSet, district: SmallDistrict) -> None:
    bureau = scope_with("district_bureau", area=district.district)
    with entered(bureau):
        undo(bureau, moved)
    old = district.communities[0].pk
    assert _communities(district) == {(old, old)}
