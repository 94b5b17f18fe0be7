"""Undo has the rights of the act it takes back, and never runs over what happened since."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from minping_web.access.models import Grant
from minping_web.access.selectors import scope_of
from minping_web.accounts.models import User
from minping_web.common.changes import may_undo, readable_by, undo
from minping_web.common.clock import now, today
from minping_web.common.models import ChangeSet
from minping_web.common.problems import RefusedError
from minping_web.common.scope import entered
from minping_web.frames.services.loading import NewUnit, load_frame
from minping_web.people.models import Certificate, Handover, Person, Posting
from minping_web.people.services import (
    CertificateDraft,
    Move,
    carry_out,
    confirm_handover,
    save_certificate,
    tick_handover,
    verify_certificate,
)
from minping_web.places.models import Area
from minping_web.places.services.areas import create_area, edit_area, move_area
from minping_web.places.services.publication import publish_map
from tests.web import factories
from tests.web.factories import SmallDistrict, scope_with
from tests.web.places.factory import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
LONG_AGO = date(2024, 1, 1)


def newest() -> ChangeSet:
    """The act that was done last."""
    return ChangeSet.objects.latest("pk")


def posted(code: str, area: Area, **values: object) -> Person:
    """Somebody responsible for an area since long ago."""
    person = Person.objects.create(code=code, name=f"试验{code}", **values)
    Posting.objects.create(person=person, area=area, starts_on=LONG_AGO)
    return person


def test_street_staff_do_not_undo_what_only_the_district_may_do(district: SmallDistrict) -> None:
    edit_area(scope_with("district_bureau"), district.streets[0].pk, {"residents": 12345})
    assert not may_undo(scope_with("street_staff", area=district.streets[0]), newest())


def test_an_act_on_an_area_that_moved_away_is_read_in_its_new_street(district: SmallDistrict) -> None:
    bureau, grid = scope_with("district_bureau"), district.grids[0]
    old, new = (scope_with("street_staff", area=street) for street in district.streets)
    edit_area(bureau, grid.pk, {"residents": 999})
    done = newest()
    assert may_undo(old, done)
    move_area(bureau, grid.pk, parent=district.communities[2], day=today() - timedelta(days=1), reason="划转")
    assert not readable_by(old).filter(pk=done.pk).exists()
    assert not may_undo(old, done)
    assert readable_by(new).filter(pk=done.pk).exists()
    assert not may_undo(new, done)  # it would bring the grid back to the other street


def test_acts_follow_an_area_back_when_its_move_is_undone(district: SmallDistrict) -> None:
    bureau, grid = scope_with("district_bureau"), district.grids[0]
    edit_area(bureau, grid.pk, {"residents": 999})
    done = newest()
    move_area(bureau, grid.pk, parent=district.communities[2], day=today() - timedelta(days=1), reason="划转")
    undo(bureau, newest())
    assert may_undo(scope_with("street_staff", area=district.streets[0]), done)
    assert not readable_by(scope_with("street_staff", area=district.streets[1])).filter(pk=done.pk).exists()


def test_an_act_from_one_street_to_another_is_neither_streets_alone(district: SmallDistrict) -> None:
    bureau, grid = scope_with("district_bureau"), district.grids[0]
    move_area(bureau, grid.pk, parent=district.communities[2], day=today() - timedelta(days=1), reason="划转")
    for street in district.streets:
        staff = scope_with("street_staff", area=street)
        assert not readable_by(staff).filter(pk=newest().pk).exists()
        assert not may_undo(staff, newest())


def test_a_posting_that_went_to_another_area_counts_at_both(district: SmallDistrict) -> None:
    from minping_web.people.services import PostingDraft, save_posting

    person = posted("S1", district.responsibility_areas[0])
    posting = person.postings.get()
    draft = PostingDraft(person, district.responsibility_areas[4], posting.role, LONG_AGO)
    save_posting(scope_with("district_bureau"), draft, existing=posting)
    assert newest().places.count() == 2
    for street in district.streets:
        assert not may_undo(scope_with("street_staff", area=street), newest())


def test_who_left_the_bureau_neither_reads_nor_undoes_their_acts_for_the_whole_district(
    district: SmallDistrict,
) -> None:
    bureau = scope_with("district_bureau")
    publish_map(bureau, {"grid": {"shown": True}})
    Grant.objects.filter(user=bureau.user_id).update(revoked_at=now())
    person = User.objects.get(pk=bureau.user_id or 0)
    factories.grant(person, "street_staff", area=district.streets[0])
    assert not may_undo(scope_of(person), newest())
    assert not readable_by(scope_of(person)).filter(pk=newest().pk).exists()


def test_a_street_takes_back_its_own_papers_while_the_person_serves_there(district: SmallDistrict) -> None:
    street = scope_with("street_staff", area=district.streets[0])
    person = posted("S1", district.responsibility_areas[0])
    save_certificate(street, person, CertificateDraft("mediator", "0123456789", LONG_AGO))
    assert may_undo(street, newest())
    person.postings.update(ends_on=today() - timedelta(days=1))
    assert not may_undo(street, newest())


def test_a_street_takes_back_a_leave_that_it_entered_by_mistake(district: SmallDistrict) -> None:
    street = scope_with("street_staff", area=district.streets[0])
    person = posted("S1", district.responsibility_areas[0])
    carry_out(street, Move("leave", person, today()))
    undo(street, newest())
    person.refresh_from_db()
    assert person.left_on is None
    assert person.postings.get().ends_on is None


def test_undo_brings_back_no_verification_of_the_own_certificate(district: SmallDistrict) -> None:
    bureau, colleague = scope_with("district_bureau"), scope_with("district_bureau")
    person = posted("S1", district.responsibility_areas[0], user_id=bureau.user_id)
    own = Certificate.objects.create(person=person, kind="mediator", number_tail="6789", issued_on=LONG_AGO)
    verify_certificate(colleague, own)
    save_certificate(colleague, person, CertificateDraft("mediator", "987654321", LONG_AGO), existing=own)
    with pytest.raises(RefusedError, match=r"certificate\.own"):
        undo(scope_of(User.objects.get(pk=bureau.user_id or 0)), newest())
    undo(colleague, newest())


def signed_handover(district: SmallDistrict) -> tuple[ChangeSet, Handover]:
    """Somebody left; giver and taker signed what changed hands."""
    bureau = scope_with("district_bureau")
    giver, taker = (posted(f"S{n}", area) for n, area in enumerate(district.responsibility_areas[:2]))
    carry_out(bureau, Move("leave", giver, today(), other=taker))
    handover = Handover.objects.get(giver=giver)
    tick_handover(bureau, handover, {1: (True, "")})
    ticked = newest()
    for side in ("giver", "taker"):
        confirm_handover(bureau, handover, side)
    return ticked, handover


def test_a_signature_is_not_undone_with_the_move_that_asked_for_it(district: SmallDistrict) -> None:
    _ticked, handover = signed_handover(district)
    move = ChangeSet.objects.get(kind="people.move")
    with pytest.raises(RefusedError, match=r"handover\.signed"):
        undo(scope_with("district_bureau"), move)
    handover.refresh_from_db()
    assert handover.closed


def test_ticks_of_a_closed_handover_stay(district: SmallDistrict) -> None:
    ticked, handover = signed_handover(district)
    with pytest.raises(RefusedError, match=r"handover\.closed"):
        undo(scope_with("district_bureau"), ticked)
    assert handover.items.get(number=1).done


def test_undo_is_refused_where_a_row_changed_without_a_record(district: SmallDistrict) -> None:
    bureau, grid = scope_with("district_bureau"), district.grids[0]
    edit_area(bureau, grid.pk, {"residents": 999})
    Area.objects.filter(pk=grid.pk).update(residents=7)
    with pytest.raises(RefusedError, match=r"change\.undo_conflict"):
        undo(bureau, newest())
    assert Area.objects.get(pk=grid.pk).residents == 7


def test_an_edit_is_undone_although_an_area_around_it_moved(district: SmallDistrict) -> None:
    bureau, home = scope_with("district_bureau"), district.communities[0]
    edit_area(bureau, district.grids[0].pk, {"residents": 999})
    done = newest()
    move_area(bureau, home.pk, parent=district.streets[1], day=today() - timedelta(days=1), reason="划转")
    undo(bureau, done)
    grid = Area.objects.select_related("parent").get(pk=district.grids[0].pk)
    assert (grid.residents, grid.path) == (None, grid.path_below(grid.parent))


@pytest.mark.django_db(transaction=True)
def test_undo_by_somebody_who_sees_no_household_is_refused_with_words(district: SmallDistrict) -> None:
    """Row-level security hides the units from an administrator; only the database knows of them."""
    administrator, bureau = scope_with("administrator"), scope_with("district_bureau")
    values = {"level": "grid", "code": "G8", "name": "新网格", "grid_level": "L1", "kind": "general"}
    grid = create_area(bureau, parent=district.communities[0], values=values)
    created = newest()
    load_frame(bureau, "f", [NewUnit(grid.code, "x-1")], as_of=date(2026, 9, 1))
    with entered(administrator), pytest.raises(RefusedError, match=r"change\.still_used"):
        undo(administrator, created)
    assert Area.objects.filter(pk=grid.pk).exists()


def test_the_page_offers_undo_only_to_those_who_may(client: Client, district: SmallDistrict) -> None:
    bureau = scope_with("district_bureau")
    edit_area(bureau, district.streets[0].pk, {"residents": 12345})
    signed_in(client, "street_staff", district.streets[0])
    shown = client.get(reverse("changes:detail", args=[newest().pk]))
    assert (shown.status_code, shown.context["undoable"]) == (200, False)
    assert client.post(reverse("changes:undo", args=[newest().pk])).status_code == 404
