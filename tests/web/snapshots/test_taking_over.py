"""Rounds that were held elsewhere: brought whole, once, and named as what they are."""

from __future__ import annotations

import io
import json
import os
import stat
import threading
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from minping_engine.demo import DemoParameters, make_district, seal_quarter
from minping_engine.snapshot import check_snapshot
from minping_web.common.approval import approve
from minping_web.common.clock import now
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import scope_of_user, system_scope
from minping_web.ledger.models import StagedEntry
from minping_web.rounds.models import SurveyRound
from minping_web.schemes.services.freezing import freeze_version
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.selectors.brought import brought_folder, snapshots_home
from minping_web.snapshots.selectors.register import folder_of
from minping_web.snapshots.services import taking_over
from minping_web.snapshots.services.taking_over import HeldElsewhere, take_over
from minping_web.snapshots.services.unpacking import unpack
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
    with pytest.raises(RefusedError) as again:
        take_over(system_scope(), folder, about)
    assert [problem.code for problem in again.value.problems] == ["snapshots.known_already"]
    assert SealedSnapshot.objects.get() == made
    assert folder_of(made).is_dir()


def test_a_round_that_cannot_be_registered_leaves_the_folder_where_it_was(
    about: HeldElsewhere, folder: Path
) -> None:
    """Whoever brought it mends what was wrong and tries again."""
    with pytest.raises(IntegrityError), transaction.atomic():
        take_over(system_scope(), folder, replace(about, name=None))  # type: ignore[arg-type]
    assert (folder / "snapshot.json").is_file()
    assert not list(snapshots_home().glob("taken-over-*"))
    assert folder_of(take_over(system_scope(), folder, about)).is_dir()
    assert (folder / "snapshot.json").is_file()  # nobody else's folder is cleaned away


@pytest.mark.parametrize("died", ["_copied_and_registered", "_registered"])
def test_who_was_killed_on_the_way_calls_it_again(
    about: HeldElsewhere, folder: Path, monkeypatch: pytest.MonkeyPatch, died: str
) -> None:
    """Killed before or after the copy: what was brought is still there, and the second call takes it up."""
    sha256 = taking_over.bring_folder(system_scope(), folder)

    def killed(*_args: object) -> None:
        raise SystemExit  # as a signal: no handler for faults sees it

    with monkeypatch.context() as patch:
        patch.setattr(taking_over, died, killed)
        with pytest.raises(SystemExit):
            take_over(system_scope(), brought_folder(sha256), about)
    assert len(list(snapshots_home().glob("taken-over-*"))) == (died == "_registered")
    assert (brought_folder(sha256) / "snapshot.json").is_file()
    made = take_over(system_scope(), brought_folder(sha256), about)
    assert check_snapshot(folder_of(made)) == ()
    assert brought_folder(sha256).is_dir()  # until the row is durable
    with pytest.raises(RefusedError):  # killed after the row, before the cleaning
        take_over(system_scope(), brought_folder(sha256), about)
    assert not brought_folder(sha256).exists()
    assert folder_of(made).is_dir()


def zipped(folder: Path, **more: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, f"round/{path.relative_to(folder).as_posix()}")
        for name, content in more.items():
            archive.writestr(name.replace("__", "/"), content)
    return made.getvalue()


def test_two_persons_take_over_what_one_brought_as_zip(
    about: HeldElsewhere, folder: Path, client: Client
) -> None:
    first, second = user(), user()
    grant(first, "district_bureau")
    grant(second, "district_bureau")
    sign_in(client, first)
    assert "/snapshots/taking-over/" in client.get("/snapshots/").content.decode()
    brought = client.post("/snapshots/taking-over/", {"file": io.BytesIO(zipped(folder))})
    assert brought.status_code == 302
    plan = client.get(brought.url).content.decode()
    assert "2020年第4季度" in plan
    assert not SurveyRound.objects.exists()
    asked = {
        "name": "早先的一轮", "scheme": about.scheme.pk, "opened_on": "2020-12-01", "ended_on": "2020-12-20",
        "reason": "系统上线前的一轮",
    }  # fmt: skip
    assert client.post(brought.url, {**asked, "ended_on": "2020-11-20"}).status_code == 422
    assert client.post(brought.url, asked).status_code == 302
    assert "2020年第4季度" in client.get("/snapshots/taking-over/").content.decode()
    proposal = Proposal.objects.get(kind="snapshots.take_over")
    approve(replace(scope_of_user(second.pk), second_factor_at=now()), proposal.pk)
    found = SurveyRound.objects.get()
    assert (found.is_taken_over, found.level, found.subject) == (
        True,
        "responsibility_area",
        "community_worker",
    )
    sign_in(client, first)
    assert client.get(brought.url).status_code in (200, 404)


def test_faults_of_what_was_brought_are_told_at_once_and_nothing_is_kept(
    about: HeldElsewhere, folder: Path, client: Client
) -> None:
    who = user()
    grant(who, "district_bureau")
    sign_in(client, who)
    for file in sorted(folder.glob("*.parquet"))[:2]:
        file.write_bytes(file.read_bytes()[:-1])
    told = client.post("/snapshots/taking-over/", {"file": io.BytesIO(zipped(folder))})
    assert told.status_code == 422
    for file in sorted(folder.glob("*.parquet"))[:2]:
        assert file.name in told.content.decode()
    assert not [one for one in snapshots_home().glob(".br*") if one.is_dir()]


def _linked() -> bytes:
    made, link = io.BytesIO(), zipfile.ZipInfo("round/areas.parquet")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("round/snapshot.json", b"{}")
        archive.writestr(link, "/etc/passwd")
    return made.getvalue()


def _bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("snapshot.json", b"{}")
        archive.writestr("areas.parquet", bytes(3_000_000))
    return made.getvalue()


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (lambda folder: zipped(folder, **{"..__..__x.json": b"1"}), "snapshots.zip_outside"),
        (lambda folder: zipped(folder, **{"__etc__x.json": b"1"}), "snapshots.zip_outside"),
        (lambda folder: zipped(folder, **{"C:__x.json": b"1"}), "snapshots.zip_outside"),
        (lambda folder: zipped(folder, **{"round__run.sh": b"1"}), "snapshots.zip_other_file"),
        (lambda folder: zipped(folder, **{"other__snapshot.json": b"{}"}), "snapshots.zip_no_snapshot"),
        (lambda folder: _linked(), "snapshots.zip_outside"),
        (lambda folder: _bomb(), "snapshots.zip_too_large"),
        (lambda folder: zipped(folder)[:-40], "snapshots.zip_unreadable"),
        (lambda folder: b"no archive", "snapshots.zip_unreadable"),
    ],
)
def test_an_archive_writes_nothing_outside_and_fills_no_disk(
    folder: Path, tmp_path: Path, made: Callable[[Path], bytes], code: str
) -> None:
    target = tmp_path / "deep" / "er" / "unpacked"
    before = {one for one in tmp_path.rglob("*") if one.is_file()}
    with pytest.raises(RefusedError) as refused:
        unpack(made(folder), target, most_bytes=2_000_000)
    assert code in {one.code for one in refused.value.problems}
    assert not target.exists()
    assert {one for one in tmp_path.rglob("*") if one.is_file()} == before


def _packed(method: int, name: str = "snapshot.json") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        archive.writestr(name, bytes(range(256)) * 9)
    return made.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        _packed(zipfile.ZIP_LZMA),
        _packed(zipfile.ZIP_BZIP2),
        _packed(zipfile.ZIP_STORED, "é.json").replace("é".encode(), b"\xff\xfe"),
    ],
)
def test_an_archive_of_another_kind_is_refused_and_breaks_nothing(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(RefusedError) as refused:
        unpack(content, tmp_path / "unpacked")
    assert "snapshots.zip_unreadable" in {one.code for one in refused.value.problems}
    assert not (tmp_path / "unpacked").exists()


@pytest.mark.parametrize(
    ("key", "value"), [("source", None), ("period", "x" * 13), ("period_kind", "week"), ("merged_cells", {})]
)
def test_a_head_that_lacks_what_is_read_later_is_refused_when_it_is_brought(
    about: HeldElsewhere, folder: Path, key: str, value: object
) -> None:
    """Otherwise the list of what waits would break for everybody."""
    head = json.loads((folder / "snapshot.json").read_text("utf-8"))
    (folder / "snapshot.json").write_text(json.dumps({**head, key: value}), "utf-8")
    with pytest.raises(RefusedError) as refused:
        taking_over.bring_zip(system_scope(), zipped(folder))
    assert [one.code for one in refused.value.problems] == ["snapshots.head_wrong"]
    assert not list(snapshots_home().glob(".br*"))


def test_invented_data_are_no_round_of_a_real_district(
    about: HeldElsewhere, folder: Path, settings: Any
) -> None:
    settings.DEMO = False
    for step in (
        lambda: taking_over.bring_folder(system_scope(), folder),
        lambda: take_over(system_scope(), folder, about),
    ):
        with pytest.raises(RefusedError) as refused:
            step()
        assert [one.code for one in refused.value.problems] == ["snapshots.invented"]


def test_what_was_brought_waits_eight_days_from_when_it_was_brought(
    about: HeldElsewhere, folder: Path
) -> None:
    """However old the copied files are; after that a job deletes it and what killed calls left."""
    long_ago = (now() - timedelta(days=400)).timestamp()
    os.utime(folder, (long_ago, long_ago))
    waits = brought_folder(taking_over.bring_folder(system_scope(), folder))
    left = snapshots_home() / f"{taking_over.BRINGING}killed"
    left.mkdir()
    assert taking_over.forget_left_lying() == 0
    for one in (waits, left):
        os.utime(one, (long_ago, long_ago))
    assert taking_over.forget_left_lying() == 2
    assert not waits.exists()
    assert not left.exists()


@pytest.mark.django_db(transaction=True)
def test_two_take_the_same_round_over_at_once(about: HeldElsewhere, folder: Path) -> None:
    """The second waits for the first one's transaction; it takes no living copy for one that was left."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one transaction write at a time")
    done: list[object] = []

    def second() -> None:
        try:
            done.append(take_over(system_scope(), folder, about))
        except RefusedError as refused:
            done.append(refused.problems[0].code)
        finally:
            connection.close()

    other = threading.Thread(target=second)
    with transaction.atomic():
        made = take_over(system_scope(), folder, about)
        other.start()
        other.join(0.5)
        assert not done
    other.join(20)
    assert done == ["snapshots.known_already"]
    assert check_snapshot(folder_of(made)) == ()


def test_only_the_bureau_brings_rounds(client: Client, settings: Any, tmp_path: Path) -> None:
    settings.DATA_FOLDER = tmp_path / "data"
    who = user()
    grant(who, "auditor")
    sign_in(client, who)
    assert client.get("/snapshots/taking-over/").status_code == 403
    assert client.get(f"/snapshots/taking-over/{'0' * 64}/").status_code == 403
