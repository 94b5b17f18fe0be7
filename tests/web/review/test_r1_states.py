"""Faults found in review R1: states that nobody can leave, rows that nobody sees any more."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from minping_web.common.changes import undo
from minping_web.common.clock import now
from minping_web.common.models import ChangeSet
from minping_web.common.problems import RefusedError
from minping_web.common.scope import entered, system_scope
from minping_web.frames.models import Frame, FrameImport, UnitContact
from minping_web.frames.services import importing
from minping_web.frames.services.loading import NewUnit, load_frame
from minping_web.frames.services.retention import erase_what_is_due
from minping_web.frames.services.uploads import seal_file, upload_folder
from minping_web.places.models import Area
from minping_web.places.services.areas import create_area
from tests.web.factories import SmallDistrict, scope_with
from tests.web.places.factory import import_rows


@pytest.fixture
def own_folders(tmp_path: Path, settings: Any) -> Path:
    """Keys and uploads of this test alone."""
    for name in ("keys", "data"):
        (tmp_path / name).mkdir()
    settings.KEY_FOLDER, settings.DATA_FOLDER = tmp_path / "keys", tmp_path / "data"
    return tmp_path


@pytest.mark.django_db
def test_the_file_of_a_load_that_failed_is_erased_in_time(own_folders: Path) -> None:
    """frames/services/retention.py:66: uploads of imports in LOADING stay, though their job is dead."""
    bureau = scope_with("district_bureau")
    stored_as, size = seal_file("责任田编号,联系电话\n".encode())
    made = importing.start_import(
        bureau, "f", stored_as, file_name="f.csv", size=size,
        dates=(date(2026, 9, 1), date(2026, 12, 1)),
    )  # fmt: skip
    FrameImport.objects.filter(pk=made.pk).update(state="loading", made_at=now() - timedelta(days=30))
    made.job.state = "failed"
    made.job.save()
    with entered(system_scope()):
        erase_what_is_due()
    assert list(upload_folder().iterdir()) == []


def _undone_creation_of(own: Path, district: SmallDistrict) -> tuple[Frame, ChangeSet]:
    """A community with one household; its grid moves by import; who created it takes that back."""
    bureau = scope_with("district_bureau", fresh=True)
    home = create_area(
        bureau, parent=district.streets[0], values={"level": "community", "code": "C9", "name": "临时社区"}
    )
    created = ChangeSet.objects.latest("pk")
    grid = create_area(
        bureau, parent=home,
        values={"level": "grid", "code": "G9", "name": "临时网格", "grid_level": "L1", "kind": "general"},
    )  # fmt: skip
    bureau = scope_with("district_bureau", fresh=True)  # knows the new community
    frame = load_frame(bureau, "f", [NewUnit(grid.code, "x-1", phone="10000000001")], as_of=date(2026, 9, 1))
    import_rows(bureau, [("G9", "临时网格", "网格", district.communities[0].code)], own)
    undo(bureau, created)
    return frame, created


@pytest.mark.django_db(transaction=True)
def test_no_contact_outlives_its_community_unseen(own_folders: Path, district: SmallDistrict) -> None:
    """frames/models/unit.py:28: `community_id` refers to nothing: the community goes, rows stay hidden."""
    frame, _created = _undone_creation_of(own_folders, district)
    assert not Area.objects.filter(code="C9").exists()
    with entered(system_scope()):
        seen = UnitContact.objects.filter(frame=frame).count()
    assert seen == 1  # else clocks, deletion on request, rotation of keys and backups all pass it by


@pytest.mark.django_db(transaction=True)
def test_undo_by_who_sees_no_household_is_refused_with_words(
    own_folders: Path, district: SmallDistrict
) -> None:
    """common/changes.py:279: the database hides units from an administrator, so PROTECT finds none."""
    administrator, bureau = scope_with("administrator"), scope_with("district_bureau")
    grid = create_area(
        bureau, parent=district.communities[0],
        values={"level": "grid", "code": "G8", "name": "新网格", "grid_level": "L1", "kind": "general"},
    )  # fmt: skip
    created = ChangeSet.objects.latest("pk")
    load_frame(bureau, "f", [NewUnit(grid.code, "x-1")], as_of=date(2026, 9, 1))
    with pytest.raises(RefusedError), entered(administrator):
        undo(administrator, created)


@pytest.mark.django_db
def test_a_frame_whose_sealing_failed_can_be_left(own_folders: Path, district: SmallDistrict) -> None:
    """frames/services/sealing.py:61, services/frames.py:36: SEALING has no way back when the job is dead."""
    from minping_web.frames.services.frames import retire_frame

    bureau = scope_with("district_bureau", fresh=True)
    home = district.responsibility_areas[0]
    frame = load_frame(bureau, "f", [NewUnit(home.code, "x-1")], as_of=date(2026, 9, 1))
    Frame.objects.filter(pk=frame.pk).update(state=Frame.State.SEALING)  # its job failed: the actor left
    retire_frame(bureau, frame.pk)
