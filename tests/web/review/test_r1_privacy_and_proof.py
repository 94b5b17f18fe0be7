"""Faults found in review R1: proofs that go missing, personal data that stay, keys that cannot leave."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from minping_web.access.models import Grant
from minping_web.access.rules import Role
from minping_web.access.services import Wanted
from minping_web.access.services.grants import make
from minping_web.common.clock import today
from minping_web.common.crypto import keyring
from minping_web.common.scope import entered
from minping_web.frames.models import ResidentRequest, UnitContact
from minping_web.frames.services import requests as resident_requests
from minping_web.frames.services.loading import NewUnit, load_frame
from minping_web.frames.services.uploads import upload_folder
from minping_web.ledger.models import Log, StagedEntry
from minping_web.ledger.services import recover, sequence
from tests.web.factories import SmallDistrict, scope_with, user


@pytest.fixture
def own_folders(tmp_path: Path, settings: Any) -> Path:
    for name in ("keys", "ledger", "mirror", "data"):
        (tmp_path / name).mkdir()
    settings.LEDGER_FOLDER, settings.LEDGER_MIRROR = tmp_path / "ledger", None
    settings.KEY_FOLDER, settings.DATA_FOLDER = tmp_path / "keys", tmp_path / "data"
    return tmp_path


@pytest.mark.django_db
def test_a_grant_made_after_a_restore_enters_the_log(own_folders: Path) -> None:
    """ledger/services/staging.py:38: a row that recovery made without a nonce swallows the new step.

    Restores set the ids back, so the next grant has the number of a lost one, and so has its step.
    """
    sequence()
    logs = list(Log.objects.values())
    first = make(Wanted(user().pk, Role.AUDITOR, today()), granted_by=None)
    sequence()
    lost = first.pk
    Grant.objects.all().delete()  # back to the backup taken before the grant
    StagedEntry.objects.all().delete()
    for row in logs:
        Log.objects.update_or_create(pk=row["id"], defaults=row)
    recover()
    entries = StagedEntry.objects.count()
    new = user()
    again = Grant(
        pk=lost, user=new, role=Role.ADMINISTRATOR, valid_from=today(), granted_at=logs[0]["opened_at"]
    )
    again.save(force_insert=True)
    from minping_web.access.services.grants import _record
    from minping_web.ledger.services import stage

    stage("access.grant", f"access.grant/{again.pk}", _record(again, None))  # as `make` does
    assert StagedEntry.objects.count() == entries + 1


@pytest.mark.django_db(transaction=True)
def test_a_household_deleted_on_request_is_deleted_in_every_frame(
    own_folders: Path, district: SmallDistrict
) -> None:
    """frames/services/requests.py:116: only units found when the request was taken are forgotten."""
    bureau = scope_with("district_bureau", fresh=True)
    home = district.responsibility_areas[0]
    load_frame(bureau, "old", [NewUnit(home.code, "a-1", phone="10000000001")], as_of=date(2026, 9, 1))
    with entered(bureau):
        asked = resident_requests.open_request(
            bureau, ResidentRequest.Kind.DELETION, "10000000001",
            channel="counter", identity_check="called_back", received_on=today(),
        )  # fmt: skip
    load_frame(bureau, "new", [NewUnit(home.code, "b-1", phone="10000000001")], as_of=date(2026, 10, 1))
    with entered(bureau):
        resident_requests.delete(bureau, asked.pk)
        blinds = keyring().blinds("10000000001", "household-phone")
        assert not UnitContact.objects.filter(phone_blind__in=blinds).exists()


@pytest.mark.django_db
def test_a_stranger_leaves_no_file_on_the_disk(own_folders: Path) -> None:
    """frames/views/imports.py:64: the body is sealed to disk before anybody asks who sends it."""
    stranger = Client(enforce_csrf_checks=True)
    stranger.cookies["csrftoken"] = "a" * 32
    answer = stranger.post(
        "/frames/import/",
        {"file": SimpleUploadedFile("x.csv", b"x" * 100_000), "csrfmiddlewaretoken": "b" * 32},
    )
    assert answer.status_code in (302, 403)
    assert list(upload_folder().iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_units_of_a_moved_grid_are_seen_by_those_who_answer_for_it_now(
    own_folders: Path, district: SmallDistrict
) -> None:
    """frames/models/unit.py:28: `community_id` is copied at loading and never follows a move or a merge."""
    from minping_web.frames.selectors.units import units_seen
    from minping_web.places.services.recuts import merge_areas

    bureau = scope_with("district_bureau", fresh=True)
    frame = load_frame(
        bureau, "f",
        [NewUnit(area.code, f"{area.code}-1") for area in district.responsibility_areas],
        as_of=date(2026, 9, 1),
    )  # fmt: skip
    merge_areas(
        bureau, [area.pk for area in district.communities[:2]],
        code="MERGED", name="和平新村社区", day=today() - timedelta(days=1), reason="合并",
    )  # fmt: skip
    from minping_web.places.models import Area

    staff = scope_with("community_staff", area=Area.objects.get(code="MERGED"))
    with entered(staff):
        assert units_seen(staff, frame.pk).count() == 4
