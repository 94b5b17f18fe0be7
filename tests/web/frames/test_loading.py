"""Units on their way in: all or nothing, sealed contacts, counts; rows of foreign communities refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import DatabaseError

from minping_engine.errors import MinpingError
from minping_web.common.scope import Reach, Scope, entered
from minping_web.frames.models import Frame, FrameImport, Unit, UnitContact
from minping_web.frames.selectors.frames import coverage, frames_seen, totals
from minping_web.frames.services.importing import confirm, note_report, start_import
from minping_web.frames.services.loading import NewUnit, load_frame
from minping_web.frames.services.sealed_contacts import open_contact
from minping_web.frames.services.uploads import opened, pieces_of, seal_file, upload_folder
from minping_web.frames.tasks import check, load_file
from tests.web.factories import SmallDistrict, scope_with
from tests.web.frames import factory
from tests.web.frames.conftest import World

ON_POSTGRESQL = pytest.mark.skipif(
    "sqlite" in settings.DATABASES["default"]["ENGINE"], reason="SQLite has no row-level security"
)


class Reports:
    """A progress that remembers and may stop the work."""

    def __init__(self, scope: Scope, stop_at: int | None = None) -> None:
        self.scope, self.stop_at, self.told = scope, stop_at, []  # type: ignore[var-annotated]

    def __call__(self, done: int, total: int, note: str = "") -> None:
        self.told.append((done, total))
        if self.stop_at is not None and done >= self.stop_at:
            raise KeyboardInterrupt


@pytest.mark.sqlite
def test_a_loaded_frame_has_its_counts_and_opens_its_contacts(world: World) -> None:
    with entered(world.bureau):
        total = totals(coverage(world.bureau, world.frame))
        assert (total["units"], total["household"], total["reachable"], total["special"]) == (24, 24, 24, 6)
        contact = UnitContact.objects.select_related("unit").first()
        assert contact is not None
        assert open_contact(contact).phone.startswith("100")


@pytest.mark.sqlite
def test_an_unknown_area_leaves_nothing_behind(district: SmallDistrict) -> None:
    scope = scope_with("district_bureau", area=district.district)
    rows = [NewUnit(district.responsibility_areas[0].code, "a"), NewUnit("nowhere", "b")]
    with pytest.raises(MinpingError):
        load_frame(scope, "x", rows, as_of=factory.AS_OF)
    with entered(scope):
        assert (Frame.objects.count(), Unit.objects.count()) == (0, 0)


@ON_POSTGRESQL
def test_without_a_scope_the_database_shows_no_unit_and_no_contact(world: World) -> None:
    assert (Unit.objects.count(), UnitContact.objects.count()) == (0, 0)
    with entered(world.bureau):
        assert (Unit.objects.count(), UnitContact.objects.count()) == (24, 24)


@ON_POSTGRESQL
def test_the_database_shows_a_street_its_own_communities_only(world: World) -> None:
    street = scope_with("street_staff", area=world.district.streets[1])
    with entered(street):
        assert Unit.objects.count() == 8


@ON_POSTGRESQL
def test_the_database_refuses_rows_of_a_foreign_community(world: World) -> None:
    narrow = replace(world.bureau, communities=(world.district.communities[0].pk,))
    foreign = world.district.responsibility_areas[-1]
    with pytest.raises(DatabaseError, match="row-level security"), entered(narrow), transaction.atomic():
        Unit.objects.create(
            frame=world.frame, area=foreign, community_id=world.district.communities[2].pk, house_code="x",
            kind="household", instrument="elderly", rater="owner",
        )  # fmt: skip


@ON_POSTGRESQL
def test_copying_rows_does_not_walk_past_the_policy(world: World) -> None:
    narrow = replace(
        world.bureau, communities=(world.district.communities[0].pk,),
        reaches={"frames.edit": Reach(whole=True)},
    )  # fmt: skip
    rows = [NewUnit(world.district.responsibility_areas[-1].code, "foreign")]
    with pytest.raises(DatabaseError, match="row-level security"):
        load_frame(narrow, "x", rows, as_of=factory.AS_OF)


@pytest.mark.sqlite
def test_no_phone_stands_in_plain_text_in_any_table(world: World) -> None:
    with entered(world.bureau), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM frames_unitcontact")
        found = b"".join(
            bytes(v) for row in cursor.fetchall() for v in row if isinstance(v, bytes | memoryview)
        )
        cursor.execute("SELECT * FROM frames_unit")
        found += str(cursor.fetchall()).encode()
    assert len(found) > 24 * 60
    assert factory.phone(3).encode() not in found
    assert "试验路".encode() not in found


def test_an_upload_lies_sealed_and_opens_whole() -> None:
    content = ("联系电话\n" + factory.phone(1) + "\n").encode() * 150_000
    stored_as, size = seal_file(content)
    assert size == len(content)
    assert factory.phone(1).encode() not in (upload_folder() / stored_as).read_bytes()
    with opened(stored_as, "住户.CSV") as path:
        assert path.suffix == ".csv"
        assert path.read_bytes() == content
    assert not path.exists()


def test_a_shortened_or_mixed_upload_does_not_open() -> None:
    stored_as, _size = seal_file(b"x" * 2_500_000)
    file = upload_folder() / stored_as
    whole = file.read_bytes()
    first = 4 + int.from_bytes(whole[:4], "big")
    for changed in (whole[:first], whole[first:], whole[:first] * 2 + whole[first:]):
        file.write_bytes(changed)
        with pytest.raises(MinpingError):
            list(pieces_of(stored_as))


def imported(world: World, rows: list[list[str]]) -> FrameImport:
    stored_as, size = seal_file(factory.csv_bytes(rows))
    return start_import(
        world.bureau, "冬季", stored_as, file_name="住户.csv", size=size,
        dates=(factory.AS_OF, factory.AS_OF.replace(year=2027)),
    )  # fmt: skip


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_check_then_word_then_load_and_the_file_is_gone(world: World) -> None:
    area = world.district.responsibility_areas[0]
    found = imported(world, [factory.row(area, n) for n in range(5)])
    assert check(Reports(world.bureau), import_id=found.pk) == {"rows": 5, "refused": False}
    assert frames_seen(world.bureau).count() == 1
    confirm(world.bureau, found.pk, replaces=world.frame.pk)
    load_file(Reports(world.bureau), import_id=found.pk)
    found.refresh_from_db()
    world.frame.refresh_from_db()
    assert (found.state, found.frame.units, found.stored_as) == ("loaded", 5, "")  # type: ignore[union-attr]
    assert world.frame.state == Frame.State.SUPERSEDED
    assert list(upload_folder().glob(found.stored_as or "none")) == []


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_a_file_with_errors_is_deleted_and_writes_nothing(world: World) -> None:
    found = imported(world, [factory.row(world.district.responsibility_areas[0], 1, area="nowhere")])
    stored: Path = upload_folder() / found.stored_as
    assert stored.exists()
    check(Reports(world.bureau), import_id=found.pk)
    found.refresh_from_db()
    assert found.state == FrameImport.State.REFUSED
    assert not stored.exists()
    with pytest.raises(MinpingError):
        confirm(world.bureau, found.pk)


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_a_load_that_broke_off_starts_over_without_doubles(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minping_web.frames.services.loading.CHUNK", 10)
    monkeypatch.setattr("minping_web.frames.services.loading.chunks.__defaults__", (10,))
    area = world.district.responsibility_areas[0]
    found = imported(world, [factory.row(area, n) for n in range(35)])
    check(Reports(world.bureau), import_id=found.pk)
    confirm(world.bureau, found.pk)
    with pytest.raises(KeyboardInterrupt):
        load_file(Reports(world.bureau, stop_at=20), import_id=found.pk)
    assert frames_seen(world.bureau).count() == 1
    load_file(Reports(world.bureau), import_id=found.pk)
    found.refresh_from_db()
    with entered(world.bureau):
        assert Unit.objects.filter(frame=found.frame).count() == 35
        assert Frame.objects.filter(state=Frame.State.LOADING).count() == 0


def test_a_report_never_arrives_twice(world: World) -> None:
    found = imported(world, [factory.row(world.district.responsibility_areas[0], 1)])
    note_report(found.pk, {"rows": 1, "refused": False})
    note_report(found.pk, {"rows": 9, "refused": True})
    found.refresh_from_db()
    assert found.report["rows"] == 1
