"""Faults found in review R1: rights that reach too far, two persons that are one."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.cache import cache

from minping_web.access.selectors import scope_of
from minping_web.common.changes import may_undo, readable_by, undo
from minping_web.common.clock import now, today
from minping_web.common.models import ChangeSet
from minping_web.common.problems import RefusedError
from minping_web.places.models import Area
from minping_web.places.services.areas import edit_area, move_area
from minping_web.places.services.publication import publish_map
from tests.web import factories
from tests.web.factories import SmallDistrict, scope_with

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_counters(db: None) -> None:
    cache.clear()


def test_street_staff_cannot_undo_what_only_the_district_may_do(district: SmallDistrict) -> None:
    """common/changes.py:225: undo asks for `places.edit`, not for the right of the act itself."""
    bureau = scope_with("district_bureau", fresh=True)
    edit_area(bureau, district.streets[0].pk, {"residents": 12345})
    done = ChangeSet.objects.latest("pk")
    street = scope_with("street_staff", area=district.streets[0])
    assert not may_undo(street, done)


def test_an_area_that_moved_away_cannot_be_changed_from_its_old_street(district: SmallDistrict) -> None:
    """common/changes.py:211,225: change sets keep the path of their day; rights are compared with it."""
    bureau = scope_with("district_bureau", fresh=True)
    old_street = scope_with("street_staff", area=district.streets[0])
    grid = district.grids[0]
    edit_area(bureau, grid.pk, {"residents": 999})
    done = ChangeSet.objects.latest("pk")
    move_area(bureau, grid.pk, parent=district.communities[2], day=today() - timedelta(days=1), reason="划转")
    grid.refresh_from_db()
    assert not old_street.may("places.edit", grid.path)
    assert not readable_by(old_street).filter(pk=done.pk).exists()
    assert not may_undo(old_street, done)


def test_who_left_the_bureau_cannot_undo_for_the_whole_district(district: SmallDistrict) -> None:
    """common/changes.py:232: one's own act without a place needs the right anywhere only."""
    bureau = scope_with("district_bureau", fresh=True)
    publish_map(bureau, {"grid": {"shown": True}})
    done = ChangeSet.objects.latest("pk")
    from minping_web.access.models import Grant
    from minping_web.accounts.models import User

    Grant.objects.filter(user=bureau.user_id).update(revoked_at=now())
    person = User.objects.get(pk=bureau.user_id)
    factories.grant(person, "street_staff", area=district.streets[0])
    assert not may_undo(scope_of(person), done)


def test_undo_does_not_overwrite_what_was_done_since_without_a_record(district: SmallDistrict) -> None:
    """common/changes.py:255, people/services/work.py:178: undoing a move deletes its signed handovers."""
    from minping_web.people.models import Handover, Person, Posting
    from minping_web.people.services import Move, carry_out, confirm_handover

    bureau = scope_with("district_bureau", fresh=True)
    giver, taker = (Person.objects.create(code=f"S{n}", name=f"试验{n}") for n in (1, 2))
    area = district.responsibility_areas[0]
    Posting.objects.create(person=giver, area=area, starts_on=today() - timedelta(days=400))
    Posting.objects.create(
        person=taker, area=district.responsibility_areas[1], starts_on=today() - timedelta(days=400)
    )
    carry_out(bureau, Move("leave", giver, today(), other=taker))
    done = ChangeSet.objects.latest("pk")
    signed = Handover.objects.get(giver=giver)
    for side in ("giver", "taker"):
        confirm_handover(bureau, signed, side)
    with suppress(RefusedError):
        undo(bureau, done)
    assert Handover.objects.filter(pk=signed.pk).exists()  # "a signature is not undone"


def test_paths_refuse_ids_that_do_not_fit() -> None:
    """places/models.py:68: the id after 16,777,215 makes seven digits; ranges of all below are wrong."""
    parent = Area(pk=1, path="000001")
    with pytest.raises(Exception):  # noqa: B017
        Area(pk=0x1000000).path_below(parent)
