"""A year of the product as a folder: exported by the product, checked from its files alone (S104)."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.test import Client, override_settings
from django.utils import timezone

from minping_engine.errors import Severity
from minping_engine.sampling import (
    DRAWN,
    FRAME_SEALED,
    SEED_NAMED,
    DrawnValue,
    DrawSteps,
    draw_by_plan,
    plan_draw,
)
from minping_engine.snapshot import read_parquet
from minping_engine.verification import YearReport, verify_year
from minping_web.accounts.models import User
from minping_web.assessments.services.running import ask_for_run, carry_out
from minping_web.common.problems import RefusedError
from minping_web.common.scope import system_scope
from minping_web.frames.models import Unit
from minping_web.ledger.models import Log, StagedEntry
from minping_web.ledger.services import forget, sequence, stage
from minping_web.people.models import Person
from minping_web.publications.services.publish import publish_now
from minping_web.rounds.models import Invitation
from minping_web.rounds.services.folders import write_folder
from minping_web.site.public_years import make_public_years, outdated_years, public_years
from minping_web.site.years import export_year
from tests.engine.sampling.frames import DESIGN, NAMED, VALUE, listed, small_frame
from tests.web.assessments import factory
from tests.web.factories import SmallDistrict, scope_with
from tests.web.snapshots import factory as closing

CHANGED = (
    "receipts/*.txt",
    "draws/*/drawn.csv",
    "publications/*/public/page*.html",
    "snapshots/*/ballots/**/*.parquet",
    "results/*/scores.parquet",
)
pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


def errors(report: YearReport) -> set[tuple[str, str]]:
    return {(one.code, one.place.file) for one in report.problems if one.severity is Severity.ERROR}


def held_and_published(district: SmallDistrict, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real round of two workers, from the frame to the publication."""
    closing.cheap_scrypt(monkeypatch)
    opened = factory.open_for_two(district)
    _drawn_and_opened(opened.round.pk)
    snapshot = factory.close_for_two(opened)
    run = ask_for_run(system_scope(), snapshot)
    carry_out(run.pk, closing.Quiet())
    run.refresh_from_db()
    publish_now(system_scope(), run)
    stage("access.grant", "access.grant/1", {"user": 1, "role": "auditor"})
    sequence()


def _drawn_and_opened(number: int) -> None:
    """The factory opens rounds past the wizard: a small draw and the opening, entered as the product does."""
    frame = listed(small_frame())
    plan = plan_draw(frame, DESIGN, NAMED)
    outcome, draw = draw_by_plan(plan, frame, DrawnValue(value=VALUE))
    steps = DrawSteps(
        frame="frame-9-sealed", named=f"round-{number}-seed-named", drawn=f"round-{number}-drawn"
    )
    write_folder(number, (plan, outcome, steps), frame, draw)
    stage(FRAME_SEALED, steps.frame, {"frame": 9, "root": plan.frame_root})
    stage(SEED_NAMED, steps.named, plan.record())
    stage(DRAWN, steps.drawn, outcome.record())
    stage("round.opened", f"round-{number}-opened", {"round": number, "drawn_sha256": outcome.drawn_sha256})


def test_a_year_of_the_product_is_checked_offline_and_tells_every_change(
    district: SmallDistrict, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with override_settings(DEMO=True):
        held_and_published(district, monkeypatch)
    year, log, folder = timezone.localdate().year, Log.objects.get(), tmp_path / "year"
    made = export_year(scope_with("auditor"), year, folder, reason="yearly audit")
    assert StagedEntry.objects.filter(kind="ledger.year_exported").count() == 1
    report = verify_year(folder, log.verifier)
    assert errors(report) == set()
    for what in ("draws", "snapshots", "schemes", "instruments", "results made again", "publications"):
        assert report.counts[what] == 1, what
    assert report.counts["receipts"] == 2 * factory.N - 2
    assert (made.first, made.end) == (0, log.published_size)
    _holds_no_personal_records(folder)
    _every_change_is_told(folder, log, tmp_path)
    _public_part(year, log, tmp_path)
    _for_everybody(year, log, tmp_path)


def _holds_no_personal_records(folder: Path) -> None:
    text = (folder / "opened.jsonl").read_text("utf-8")
    granted = StagedEntry.objects.filter(kind="access.grant").values_list("nonce", flat=True)
    assert granted
    assert not any(bytes(nonce).hex() in text for nonce in granted)
    assert "王试" not in text
    assert (
        not list(folder.rglob("run.json")) + list(folder.rglob("openings.csv")) + list(folder.rglob("*.xlsx"))
    )


def _every_change_is_told(folder: Path, log: Log, tmp_path: Path) -> None:
    for number, pattern in enumerate(CHANGED):
        copy = Path(shutil.copytree(folder, tmp_path / f"copy-{number}"))
        file = next(iter(sorted(copy.glob(pattern))))
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(bytes(content))
        found = {name for _code, name in errors(verify_year(copy, log.verifier))}
        assert file.relative_to(copy).as_posix() in found


def _public_part(year: int, log: Log, tmp_path: Path) -> None:
    """What may lie on a web site: no single ballots, no tables about persons."""
    folder = tmp_path / "public"
    export_year(system_scope(), year, folder, reason="for everybody", whole=False)
    assert not (folder / "snapshots").exists()
    assert not (folder / "results").exists()
    report = verify_year(folder, log.verifier)
    assert report.is_sound
    assert report.counts["draws"] == 1


def _for_everybody(year: int, log: Log, tmp_path: Path) -> None:
    """The job makes one file a year, anew only when a step of an opened kind came; anybody downloads it."""
    entries = StagedEntry.objects.count()
    home = Path(shutil.copytree(settings.DATA_FOLDER, tmp_path / "data"))
    with override_settings(DATA_FOLDER=home):
        assert outdated_years() == [year]
        assert make_public_years() == [year]
        assert (outdated_years(), make_public_years()) == ([], [])
        assert StagedEntry.objects.count() == entries  # nothing was handed to anybody
        told, client = public_years()[0], Client()
        page = client.get("/record/").content.decode()
        assert told.sha256 in page
        answer = client.get(f"/record/minping-{year}.zip")
        content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (told.sha256, told.bytes)
        assert client.get("/record/minping-1999.zip").status_code == 404
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            archive.extractall(tmp_path / "unpacked")
        folder = tmp_path / "unpacked" / f"minping-{year}"
        assert verify_year(folder, log.verifier).is_sound
        _names_nobody(folder)
        stage("access.grant", "access.grant/2", {"user": 2, "role": "auditor"})
        sequence()
        assert outdated_years() == []
        stage("round.opened", "round-77-opened", {"round": 77})
        sequence()
        assert outdated_years() == [year]


def _names_nobody(folder: Path) -> None:
    """No name, account or household of anybody in any byte of it; no single ballot, no table of persons."""
    words = {
        *Person.objects.values_list("name", flat=True),
        *User.objects.values_list("display_name", flat=True),
    }
    for pk in Unit.objects.values_list("pk", flat=True):
        words |= {str(pk), pk.hex}
    for invitation in Invitation.objects.values_list("pk", flat=True):
        words |= {str(invitation), invitation.hex}
    sought = [one.encode() for one in sorted(words) if one]
    assert len(sought) > 20
    for file in (one for one in folder.rglob("*") if one.is_file()):
        content = _opened(file, folder)
        assert not [one for one in sought if one in content], file
        assert not re.search(rb"(?<![0-9a-f.])1[3-9]\d{9}(?![0-9a-f])", content), file  # a mobile phone


def _opened(file: Path, folder: Path) -> bytes:
    """Its bytes; packed tables, which only publications have, unpacked."""
    if file.suffix != ".parquet":
        return file.read_bytes()
    assert file.relative_to(folder).parts[0] == "publications"
    return str(read_parquet(file).to_pydict()).encode()


def test_only_who_may_open_records_exports_a_year_and_a_forgotten_record_is_said(
    district: SmallDistrict, tmp_path: Path
) -> None:
    year = timezone.localdate().year
    with pytest.raises(RefusedError):
        export_year(scope_with("auditor"), year, tmp_path / "a", reason="x")  # nothing was published yet
    StagedEntry.objects.all().delete()
    stage("round.opened", "round-9-opened", {"round": 9})
    sequence()
    with pytest.raises(PermissionDenied):
        export_year(scope_with("district_bureau"), year, tmp_path / "a", reason="x")
    with pytest.raises(RefusedError):
        export_year(scope_with("auditor"), year, tmp_path / "a", reason=" ")
    forget(["round-9-opened"])
    export_year(scope_with("auditor"), year, tmp_path / "a", reason="x")
    report = verify_year(tmp_path / "a", Log.objects.get().verifier)
    assert report.is_sound
    assert [one.code for one in report.problems] == ["year.record_forgotten"]
