"""Rounds that were held elsewhere: brought whole, once, and named as what they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from minping_engine.demo import DemoParameters, make_district, seal_quarter
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import system_scope
from minping_web.ledger.models import StagedEntry
from minping_web.rounds.models import SurveyRound
from minping_web.schemes.services.freezing import freeze_version
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.selectors.register import folder_of
from minping_web.snapshots.services.taking_over import HeldElsewhere, take_over
from tests.web.entering import sign_in
from tests.web.factories import grant, user

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def about(settings: Any, tmp_path: Path) -> HeldElsewhere:
    settings.DATA_FOLDER, settings.DEMO = tmp_path / "data", True
    scheme = freeze_version(system_scope(), "gulou-worker", "2019.1")
    return HeldElsewhere("早先的一轮", scheme, now() - timedelta(days=90), now() - timedelta(days=60))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    seal_quarter(make_district(DemoParameters.small(), 1), "2020Q4", tmp_path / "brought")
    return tmp_path / "brought"


def test_it_is_a_closed_round_with_its_snapshot_and_an_entry(
    about: HeldElsewhere, folder: Path, client: Client
) -> None:
    made = take_over(system_scope(), folder, about)
    found = SurveyRound.objects.get()
    assert (found.state, found.is_taken_over, found.period) == ("closed", True, "2020Q4")
    assert (folder_of(made) / "snapshot.json").is_file()
    record = StagedEntry.objects.get(kind="round.taken_over").record
    assert record is not None
    assert record["snapshot_sha256"] == made.sha256
    who = user()
    grant(who, "district_bureau")
    sign_in(client, who)
    page = client.get(f"/rounds/{found.pk}/").content.decode()
    assert "在他处开展" in page
    assert 'nav class="tabs"' not in page


def test_what_is_broken_or_known_is_refused_and_nothing_is_left(about: HeldElsewhere, folder: Path) -> None:
    file = next(folder.glob("ballots/**/*.parquet"))
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    with pytest.raises(RefusedError) as refused:
        take_over(system_scope(), folder, about)
    assert "snapshot.file_changed" in {problem.code for problem in refused.value.problems}
    assert not SealedSnapshot.objects.exists()
    file.write_bytes(whole)
    made = take_over(system_scope(), folder, about)
    seal_quarter(make_district(DemoParameters.small(), 1), "2020Q4", folder)
    with pytest.raises(RefusedError) as again:
        take_over(system_scope(), folder, about)
    assert [problem.code for problem in again.value.problems] == ["snapshots.known_already"]
    assert SealedSnapshot.objects.get() == made
    assert folder_of(made).is_dir()


def test_a_round_that_cannot_be_registered_leaves_the_folder_where_it_was(
    about: HeldElsewhere, folder: Path
) -> None:
    """Whoever brought it mends what was wrong and tries again."""
    with pytest.raises(IntegrityError):
        take_over(system_scope(), folder, replace(about, name=None))  # type: ignore[arg-type]
    assert (folder / "snapshot.json").is_file()
    assert folder_of(take_over(system_scope(), folder, about)).is_dir()
