"""A grid that comes under another community takes its households with it, in sealed frames too."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db.models import ProtectedError

from minping_web.common.changes import undo
from minping_web.common.clock import now, today
from minping_web.common.models import ChangeSet
from minping_web.common.scope import entered, system_scope
from minping_web.frames.models import Frame, Unit, UnitContact
from minping_web.frames.selectors.areas import astray
from minping_web.frames.selectors.units import units_everywhere
from minping_web.frames.services.moving import mend_communities
from minping_web.places.models import Area
from minping_web.places.services.areas import create_area, move_area
from minping_web.places.services.recuts import merge_areas
from tests.web.factories import SmallDistrict, scope_with
from tests.web.frames import factory
from tests.web.places.factory import import_rows

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def moved(district: SmallDistrict) -> ChangeSet:
    """A frame, then the first grid moves into the second community of its street."""
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


@pytest.mark.parametrize("state", ["draft", "sealed", "superseded"])
def test_staff_of_a_merged_community_see_the_households_of_every_frame(
    district: SmallDistrict, state: str
) -> None:
    bureau = scope_with("district_bureau", area=district.district)
    with entered(bureau):
        frame = factory.frame(bureau, district.responsibility_areas)
    Frame.objects.filter(pk=frame.pk).update(state=state, root=b"r" * 32, sealed_at=now())
    with entered(bureau):
        merge_areas(
            bureau, [area.pk for area in district.communities[:2]],
            code="MERGED", name="和平新村社区", day=today() - timedelta(days=1), reason="合并",
        )  # fmt: skip
    staff = scope_with("community_staff", area=Area.objects.get(code="MERGED"))
    with entered(staff):
        assert units_everywhere(staff, "frames.view").count() == 16


def test_no_contact_outlives_its_community_unseen(district: SmallDistrict, tmp_path: Path) -> None:
    """Else clocks, deletion on request, change of keys and backups would all pass it by."""
    bureau = scope_with("district_bureau")
    home = create_area(
        bureau, parent=district.streets[0], values={"level": "community", "code": "C9", "name": "临时社区"}
    )
    created = ChangeSet.objects.latest("pk")
    grid = create_area(
        bureau, parent=home,
        values={"level": "grid", "code": "G9", "name": "临时网格", "grid_level": "L1", "kind": "general"},
    )  # fmt: skip
    bureau = scope_with("district_bureau")  # knows the new community
    with entered(bureau):
        factory.frame(bureau, [grid])
    import_rows(bureau, [("G9", "临时网格", "网格", district.communities[0].code)], tmp_path)
    undo(bureau, created)
    assert not Area.objects.filter(code="C9").exists()
    with entered(system_scope()):
        assert UnitContact.objects.count() == 4


def test_a_community_with_households_cannot_be_deleted(district: SmallDistrict) -> None:
    bureau = scope_with("district_bureau")
    with entered(bureau):
        factory.frame(bureau, district.responsibility_areas)
        empty = Area.objects.create(level="community", code="EMPTY", name="空社区", path="")
        Unit.objects.filter(area=district.responsibility_areas[0]).update(community=district.communities[0])
        with pytest.raises(ProtectedError):
            district.communities[0].delete()
        assert empty.delete()[0] == 1


def test_units_that_went_astray_are_found_and_mended(district: SmallDistrict) -> None:
    bureau = scope_with("district_bureau")
    home, foreign = district.responsibility_areas[0], district.communities[2].pk
    with entered(bureau):
        factory.frame(bureau, district.responsibility_areas)
        Unit.objects.filter(area=home).update(community_id=foreign)
        UnitContact.objects.filter(unit__area=home).update(community_id=foreign)
    with entered(system_scope()):
        assert astray() == {home.pk: district.communities[0].pk}
        assert mend_communities() == 4
        assert astray() == {}
    assert _communities(district) == {(district.communities[0].pk, district.communities[0].pk)}
