"""Scopes: permissions hold below the granted area and nowhere else."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from minping_web.common.scope import NOBODY, current_scope, entered, within
from minping_web.places.models import Area
from tests.web.factories import SmallDistrict, scope_with


@pytest.mark.sqlite
def test_street_staff_see_areas_below_their_street_only(district: SmallDistrict) -> None:
    scope = scope_with("street_staff", area=district.streets[0])
    seen = within(Area.objects.all(), scope, "places.view")
    assert {area.name for area in seen if area.level == "community"} == {"和平社区", "新村社区"}
    assert district.streets[1] not in seen


def test_a_scope_refuses_what_no_grant_gives(district: SmallDistrict) -> None:
    scope = scope_with("street_staff", area=district.streets[0])
    scope.require("places.edit", district.communities[0].path)
    with pytest.raises(PermissionDenied):
        scope.require("places.edit", district.communities[2].path)


@pytest.mark.sqlite
def test_entering_a_scope_ends_with_the_block(district: SmallDistrict) -> None:
    scope = scope_with("district_bureau", area=district.district)
    with entered(scope):
        assert current_scope() is scope
    assert current_scope() is NOBODY
