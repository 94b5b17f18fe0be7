"""Postings in the database: one owner a day whatever path a row takes, snapshots, moves, undo."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from minping_web.common.changes import undo
from minping_web.common.models import ChangeSet
from minping_web.common.problems import RefusedError, lines
from minping_web.people.models import Handover, Person, Posting
from minping_web.people.rules import Period, overlapping
from minping_web.people.selectors import (
    faults_of_register,
    owner_of,
    periods,
    postings_between,
    responsible_for,
    vacancies,
)
from minping_web.people.services import (
    Move,
    PostingDraft,
    carry_out,
    confirm_handover,
    end_posting,
    preview_move,
    save_posting,
)
from tests.web.factories import SmallDistrict, area, scope_with, small_district
from tests.web.people.factory import person, posting

DAY = date(2026, 3, 1)


@pytest.mark.sqlite
def test_a_second_owner_is_refused_with_both_named(district: SmallDistrict) -> None:
    """S10: exactly one owner at a time, secretaries included."""
    scope = scope_with("district_bureau")
    field = district.responsibility_areas[0]
    posting(person("甲社工"), field)
    with pytest.raises(RefusedError) as refused:
        save_posting(scope, PostingDraft(person("乙书记", kind="secretary"), field, "responsible", DAY))
    (line,) = lines(refused.value.problems, "zh")
    assert "甲社工" in line.what
    assert "乙书记" in line.what
    assert Posting.objects.count() == 1


@pytest.mark.sqlite
def test_the_database_refuses_a_second_owner_that_no_service_saw(district: SmallDistrict) -> None:
    field = district.responsibility_areas[0]
    first = posting(person(), field, ends_on=date(2026, 2, 28))
    posting(person(), field, starts_on=DAY, ends_on=date(2026, 3, 31))
    for days in ((date(2026, 2, 28), None), (date(2025, 1, 1), date(2025, 1, 2)), (date(2026, 3, 31), None)):
        with pytest.raises(IntegrityError), transaction.atomic():
            posting(person(), field, starts_on=days[0], ends_on=days[1])
    with pytest.raises(IntegrityError), transaction.atomic():
        Posting.objects.filter(pk=first.pk).update(ends_on=DAY)
    posting(person(), field, "deputy")


class PostingsOfOneArea(TestCase):
    """S10 as a property: whatever is asked of the service, the register keeps one owner a day."""

    @settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(1, 28), st.one_of(st.none(), st.integers(0, 9)), st.booleans()), max_size=8
        )
    )
    def test_any_sequence_of_postings_leaves_one_owner_a_day(
        self, wanted: list[tuple[int, int | None, bool]]
    ) -> None:
        world = small_district()
        scope = scope_with("district_bureau")
        for first, length, ends_others in wanted:
            starts = date(2026, 3, first)
            ends = None if length is None else date(2026, 3, 1).replace(day=min(first + length, 31))
            if ends_others:
                for other in Posting.objects.filter(ends_on__isnull=True, starts_on__lt=starts):
                    end_posting(scope, other, date.fromordinal(starts.toordinal() - 1))
            draft = PostingDraft(person(), world.responsibility_areas[0], "responsible", starts, ends)
            try:
                save_posting(scope, draft)
            except RefusedError:
                continue
        assert overlapping(periods(Posting.objects.all())) == []
        assert faults_of_register(date(2026, 3, 15)) == []


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_fill_one_area_at_once_one_succeeds() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    world, scope = small_district(), scope_with("district_bureau")
    people, outcomes = [person("甲"), person("乙")], []
    together = threading.Barrier(2)

    def fill(who: Person) -> None:
        together.wait()
        try:
            save_posting(scope, PostingDraft(who, world.responsibility_areas[0], "responsible", DAY))
            outcomes.append("posted")
        except RefusedError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=fill, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["posted", "refused"]
    assert Posting.objects.count() == 1


@pytest.mark.sqlite
def test_a_street_posts_only_in_its_own_areas(district: SmallDistrict) -> None:
    scope = scope_with("street_staff", area=district.streets[0])
    own, foreign = district.responsibility_areas[0], district.responsibility_areas[-1]
    assert save_posting(scope, PostingDraft(person(), own, "responsible", DAY)).pk
    with pytest.raises(PermissionDenied):
        save_posting(scope, PostingDraft(person(), foreign, "responsible", DAY))


def test_nobody_is_posted_before_joining_or_where_the_area_has_ended(district: SmallDistrict) -> None:
    scope = scope_with("district_bureau")
    late = person(started_on=date(2026, 6, 1))
    old = area("responsibility_area", "旧责任田", district.grids[0], valid_to=date(2025, 12, 31))
    with pytest.raises(RefusedError) as refused:
        save_posting(scope, PostingDraft(late, old, "responsible", DAY))
    assert {p.code for p in refused.value.problems} == {"posting.before_joining", "posting.after_area"}


@pytest.mark.sqlite
def test_a_snapshot_counts_days_and_shares_in_per_mille(district: SmallDistrict) -> None:
    field, shared = district.responsibility_areas[:2]
    first, second = person(), person()
    posting(first, field, ends_on=date(2026, 1, 30))
    posting(second, field, starts_on=date(2026, 1, 31))
    posting(first, shared, share_percent=50, ends_on=date(2026, 3, 31))
    spans = postings_between(date(2026, 1, 1), date(2026, 3, 31))
    found = {(s.area_id, s.person_id): (s.from_day, s.to_day, s.days, s.share_per_mille) for s in spans}
    assert found[field.pk, first.pk] == (date(2026, 1, 1), date(2026, 1, 30), 30, 333)
    assert found[field.pk, second.pk] == (date(2026, 1, 31), date(2026, 3, 31), 60, 667)
    assert found[shared.pk, first.pk][3] == 500


def test_a_transfer_ends_begins_and_opens_handovers_in_one_change_set(district: SmallDistrict) -> None:
    scope = scope_with("district_bureau")
    old, new = district.responsibility_areas[:2]
    who = person()
    posting(who, old)
    done = carry_out(scope, Move("transfer", who, DAY, area=new))
    assert owner_of(old, DAY) is None
    assert owner_of(old, date(2026, 2, 28)).person == who  # type: ignore[union-attr]
    assert owner_of(new, DAY).person == who  # type: ignore[union-attr]
    sheet = Handover.objects.get()
    assert (sheet.giver, sheet.taker, sheet.area) == (who, None, old)
    assert sheet.items.count() >= 5
    assert done.change_set is not None
    undo(scope, done.change_set)
    assert owner_of(old, DAY).person == who  # type: ignore[union-attr]
    assert owner_of(new, DAY) is None
    assert not Handover.objects.exists()


def test_an_exchange_swaps_owners_on_the_day(district: SmallDistrict) -> None:
    scope = scope_with("district_bureau")
    one, two = district.responsibility_areas[:2]
    first, second = person("甲"), person("乙")
    posting(first, one)
    posting(second, two)
    carry_out(scope, Move("exchange", first, DAY, other=second))
    assert (owner_of(one, DAY).person, owner_of(two, DAY).person) == (second, first)  # type: ignore[union-attr]
    assert Handover.objects.filter(giver=first, taker=second, area=one).exists()


def test_a_preview_shows_load_and_vacancy_and_changes_nothing(district: SmallDistrict) -> None:
    """S71: households per owner before and after."""
    scope = scope_with("district_bureau")
    old = area("responsibility_area", "甲田", district.grids[0], households=420)
    new = area("responsibility_area", "乙田", district.grids[0], households=610)
    who = person("甲社工")
    posting(who, old)
    plan = preview_move(scope, Move("transfer", who, DAY, area=new))
    assert [(row.label, row.before, row.after, row.band_after) for row in plan.loads] == [
        ("甲社工", 420, 610, "above")
    ]
    assert [place.name for place in plan.vacated] == ["甲田"]
    assert Posting.objects.get().area == old
    assert not ChangeSet.objects.exists()


def test_who_leaves_hands_every_area_to_a_successor_or_leaves_it_listed_as_vacant(
    district: SmallDistrict,
) -> None:
    scope = scope_with("district_bureau")
    field = district.responsibility_areas[0]
    leaver = person()
    posting(leaver, field)
    carry_out(scope, Move("leave", leaver, DAY))
    leaver.refresh_from_db()
    assert leaver.left_on == date(2026, 2, 28)
    assert field in vacancies(scope, DAY)
    assert faults_of_register(DAY) == []


def test_an_occupied_area_is_not_taken_silently(district: SmallDistrict) -> None:
    scope = scope_with("district_bureau")
    field = district.responsibility_areas[0]
    posting(person("原责任人"), field)
    with pytest.raises(RefusedError) as refused:
        carry_out(scope, Move("join", person("新人"), DAY, area=field))
    assert [p.code for p in refused.value.problems] == ["posting.two_owners"]
    assert Posting.objects.count() == 1


def test_undo_of_an_old_ending_is_refused_when_somebody_came_after(district: SmallDistrict) -> None:
    scope = scope_with("district_bureau")
    field = district.responsibility_areas[0]
    first = posting(person(), field)
    end_posting(scope, first, date(2026, 2, 28))
    ended = ChangeSet.objects.get()
    save_posting(scope, PostingDraft(person(), field, "responsible", DAY, date(2026, 12, 31)))
    with pytest.raises(RefusedError):
        undo(scope, ended)
    assert overlapping(periods(Posting.objects.all())) == []


def test_both_sides_confirm_a_handover_each_for_themselves(district: SmallDistrict) -> None:
    from dataclasses import replace

    office = scope_with("street_staff", area=district.streets[0])
    field = district.responsibility_areas[0]
    from tests.web.factories import user

    giver, taker = person("甲", user=user()), person("乙")
    sheet = Handover.objects.create(giver=giver, taker=taker, area=field, day=DAY)
    with pytest.raises(RefusedError):
        confirm_handover(office, sheet, "giver")
    own = replace(scope_with("worker"), person_id=giver.pk)
    with pytest.raises(RefusedError):
        confirm_handover(own, sheet, "taker")
    confirm_handover(own, sheet, "giver")
    confirm_handover(office, sheet, "taker")
    sheet.refresh_from_db()
    assert sheet.closed


def test_area_pages_get_names_roles_and_the_office_phone_only(district: SmallDistrict) -> None:
    field = district.responsibility_areas[0]
    posting(person("乙社工"), field, "deputy")
    posting(person("甲社工", office_phone="025-00000001"), field)
    (found,) = responsible_for([field.pk], DAY).values()
    assert [(one.name, one.office_phone) for one in found] == [("甲社工", "025-00000001"), ("乙社工", "")]


@pytest.mark.sqlite
def test_a_responsible_person_and_a_warden_are_two_owners(district: SmallDistrict) -> None:
    """S10 and S54: an exclusive grid is answered for by one person, in whichever of the two roles."""
    grid = district.grids[0]
    first = posting(person("甲社工"), grid, "warden", ends_on=date(2026, 2, 28))
    draft = PostingDraft(person("乙书记"), grid, "responsible", date(2026, 2, 28))
    with pytest.raises(RefusedError, match=r"posting\.two_owners"):
        save_posting(scope_with("district_bureau"), draft)
    with pytest.raises(IntegrityError), transaction.atomic():
        posting(person(), grid, "responsible", starts_on=date(2026, 2, 28))
    posting(person(), grid, "responsible", starts_on=date(2026, 3, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Posting.objects.filter(pk=first.pk).update(ends_on=None)
    posting(person(), grid, "deputy")


def test_the_nightly_check_finds_two_owners_in_different_roles() -> None:
    roles = [("responsible", 1), ("warden", 2)]
    found = overlapping(Period(n, 7, n, role, date(2026, 1, n), None) for role, n in roles)
    assert [(one.key, other.key) for one, other in found] == [(1, 2)]
