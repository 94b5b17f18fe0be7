"""Backup under load, restore into an empty place: nothing is lost, nothing is half there, the log goes on."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from minping_web.site.demo.accounts import ACCOUNTS
from tests.web.postgres import Cluster, own_cluster
from tests.web.site.conftest import NewDistrict
from tests.web.site.running import Deployment, set_up

PASSPHRASE = "correct horse battery"
SEED = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from minping_engine.demo import DemoParameters, make_district
from minping_web.common.crypto import make_keys
from minping_web.site.demo.seed import fill
from django.conf import settings
make_keys(settings.KEY_FOLDER)
fill(make_district(DemoParameters.small(), 1), households=300, tell=lambda line: None)
from minping_web.ledger.services import sequence
sequence()
"""
WRITE = """
import itertools
from django.db import transaction
from minping_web.accounts.models import User, OneTimeLink
from minping_web.common.clock import now
from minping_web.ledger.services import sequence, stage
for number in itertools.count():
    with transaction.atomic():
        user = User.objects.create_user(f"writer{number}", is_invented=True)
        OneTimeLink.objects.create(
            user=user, digest=number.to_bytes(32, "big"), made_at=now(), expires_at=now(), used_at=now()
        )
        stage("test.written", f"written/{number}", {"n": number})
    if number % 5 == 0:
        sequence()
    if number == 10:
        print("writing", flush=True)
"""
PROTECTED = """
from datetime import date
from minping_web.common.scope import entered, system_scope
from minping_web.frames.services.loading import NewUnit, load_frame
from minping_web.places.models import Area
from minping_web.places.services.areas import create_area
above = Area.objects.get(level="district")
for level in ("street", "community", "responsibility_area"):
    above = create_area(system_scope(), parent=above, values={"level": level, "code": level, "name": level})
with entered(system_scope()):
    units = [NewUnit(area_code="responsibility_area", house_code=str(n)) for n in range(3)]
    load_frame(system_scope(), "x", units, as_of=date(2026, 1, 1))
"""
LOOK = """
import json
from minping_web.accounts.models import User, OneTimeLink
from minping_web.common.scope import entered, system_scope
from minping_web.frames.models import Unit, UnitContact
from minping_web.ledger.models import StagedEntry
writers = User.objects.filter(username__startswith="writer")
with entered(system_scope()):
    units, contacts = Unit.objects.count(), UnitContact.objects.count()
print(json.dumps({
    "writers": writers.count(),
    "links": OneTimeLink.objects.count(),
    "entries": StagedEntry.objects.filter(kind="test.written").count(),
    "units": units, "contacts": contacts,
}))
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Deployment, Deployment]]:
    """A deployment that runs, and an empty one to restore into, on each kind of database."""
    if request.param == "sqlite":
        yield Deployment(tmp_path / "a"), Deployment(tmp_path / "b")
        return
    with own_cluster() as cluster:
        yield _on_postgresql(cluster, tmp_path)


def _on_postgresql(cluster: Cluster, folder: Path) -> tuple[Deployment, Deployment]:
    cluster.run("createdb", "-h", str(cluster.socket), "-U", "minping", "-T", "template0", "other")
    url = f"postgresql://minping@/{{}}?host={cluster.socket}"
    return Deployment(folder / "a", url.format("minping")), Deployment(folder / "b", url.format("other"))


@pytest.fixture
def on_postgresql(tmp_path: Path) -> Iterator[tuple[Deployment, Deployment]]:
    """The same two on PostgreSQL."""
    with own_cluster() as cluster:
        yield _on_postgresql(cluster, tmp_path)


@pytest.mark.deep
def test_a_district_moves_to_another_postgresql_with_its_protected_rows(
    on_postgresql: tuple[Deployment, Deployment], tmp_path: Path
) -> None:
    """The rows that row-level security hides from an ordinary connection are in the backup too."""
    source, target = on_postgresql
    set_up(source)
    before = json.loads(source.program(PROTECTED + LOOK))
    assert source.minping("backup", str(tmp_path / "backup")).returncode == 0
    done = target.minping("restore", str(tmp_path / "backup"))
    assert done.returncode == 0, done.stderr
    found = json.loads(target.program(LOOK))
    assert found["units"] == 3
    assert found == before


@pytest.mark.deep
def test_a_backup_under_load_restores_whole(places: tuple[Deployment, Deployment], tmp_path: Path) -> None:
    source, target = places
    secret = tmp_path / "passphrase"
    secret.write_text(PASSPHRASE + "\n", "utf-8")
    source.program(SEED, demo=True)
    writer = source.started(WRITE, demo=True)
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        keys = ("--keys", str(tmp_path / "safe.keys"), "--passphrase-file", str(secret))
        made = source.minping("backup", str(tmp_path / "backup"), *keys)
        assert made.returncode == 0, made.stderr
        time.sleep(1)
    finally:
        writer.kill()
        writer.communicate()
    later = json.loads(source.program(LOOK))
    manifest = json.loads((tmp_path / "backup" / "manifest.json").read_text("utf-8"))

    done = target.minping("restore", str(tmp_path / "backup"), *keys)
    assert done.returncode == 0, done.stderr
    found = json.loads(target.program(LOOK))
    assert 10 < found["writers"] == found["links"] < later["writers"]
    assert found["writers"] <= found["entries"] <= later["entries"]
    assert found["writers"] + len(ACCOUNTS) == manifest["rows"]["accounts_user"]
    assert (found["units"], found["contacts"]) == (later["units"], later["contacts"])
    assert found["contacts"] > 0
    checked = target.minping("ledger", "verify")
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.fixture(scope="module")
def prepared(new_district: NewDistrict, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real district without anything in it, on SQLite (`a`), and its backup (`backup`)."""
    folder = tmp_path_factory.mktemp("prepared")
    source = new_district(folder / "a")
    made = source.minping("backup", str(folder / "backup"))
    assert made.returncode == 0, made.stderr
    assert "The keys are not in it" in made.stdout
    return folder


@pytest.fixture
def small(prepared: Path, tmp_path: Path) -> tuple[Deployment, Path]:
    """A copy of it that a test may spoil."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    return Deployment(tmp_path / "a"), tmp_path / "backup"


def test_a_backup_holds_no_key(small: tuple[Deployment, Path]) -> None:
    source, backup = small
    keys = [path.read_bytes() for path in (source.data / "keys").rglob("*") if path.is_file()]
    kept = [path.read_bytes() for path in backup.rglob("*") if path.is_file()]
    assert keys
    assert kept
    assert not any(key in content for key in keys for content in kept)


def test_only_the_owner_may_read_a_backup(small: tuple[Deployment, Path]) -> None:
    _, backup = small
    assert backup.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in backup.rglob("*") if path.is_file())


def test_a_changed_backup_is_refused_and_the_file_is_named(
    small: tuple[Deployment, Path], tmp_path: Path
) -> None:
    _, backup = small
    with (backup / "database.sqlite3").open("r+b") as file:
        file.seek(4096)
        file.write(b"forged")
    done = Deployment(tmp_path / "b").minping("restore", str(backup))
    assert done.returncode != 0
    assert "database.sqlite3 differs" in done.stderr
    assert "sessions" not in (tmp_path / "b").joinpath("minping.sqlite3").read_bytes().decode("latin-1")


def test_a_manifest_that_points_outside_the_backup_is_refused(
    small: tuple[Deployment, Path], tmp_path: Path
) -> None:
    _, backup = small
    manifest = json.loads((backup / "manifest.json").read_text("utf-8"))
    manifest["files"]["../answers.yaml"] = "0" * 64
    (backup / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    assert "../answers.yaml" in Deployment(tmp_path / "b").minping("restore", str(backup)).stderr


def test_a_restore_never_overwrites(small: tuple[Deployment, Path]) -> None:
    source, backup = small
    done = source.minping("restore", str(backup))
    assert done.returncode != 0
    assert "holds data already" in done.stderr


def with_kept_files(source: Deployment) -> dict[str, bytes]:
    """A snapshot and a draw as they lie in the data folder, and files that are being written."""
    kept = {
        "snapshots/round-1-0123456789ab/head.json": b"{}",
        "snapshots/round-1-0123456789ab/ballots.parquet": bytes(range(256)),
        "draws/round-1/steps.json": b"[]",
        "draws/round-2.named.csv": b"position\n",
    }
    passing = dict.fromkeys(("snapshots/.round-2-ab/head.json", "draws/round-3.named.partial"), b"half")
    for name, content in {**kept, **passing}.items():
        (source.data / name).parent.mkdir(parents=True, exist_ok=True)
        (source.data / name).write_bytes(content)
    return kept


def files_in(folder: Path) -> dict[str, bytes]:
    """Names and contents of snapshots and draws."""
    paths = [path for name in ("snapshots", "draws") for path in (folder / name).rglob("*")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths if path.is_file()}


def test_snapshots_and_draws_come_back_since_nothing_else_holds_the_votes(
    small: tuple[Deployment, Path], tmp_path: Path
) -> None:
    source, _ = small
    kept = with_kept_files(source)
    assert source.minping("backup", str(tmp_path / "second")).returncode == 0
    manifest = json.loads((tmp_path / "second" / "manifest.json").read_text("utf-8"))
    assert {f"data/{name}" for name in kept} <= manifest["files"].keys()
    target = Deployment(tmp_path / "b")
    done = target.minping("restore", str(tmp_path / "second"))
    assert done.returncode == 0, done.stderr
    assert files_in(target.data) == kept


@pytest.mark.deep
def test_a_snapshot_that_differs_is_not_overwritten_and_one_that_is_the_same_stays(
    small: tuple[Deployment, Path], tmp_path: Path
) -> None:
    source, _ = small
    kept = with_kept_files(source)
    assert source.minping("backup", str(tmp_path / "second")).returncode == 0
    target = Deployment(tmp_path / "b")
    own = target.data / "draws" / "round-1" / "steps.json"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"[1]")
    done = target.minping("restore", str(tmp_path / "second"))
    assert done.returncode != 0
    assert "holds data already" in done.stderr
    assert own.read_bytes() == b"[1]"
    own.write_bytes(kept["draws/round-1/steps.json"])
    assert target.minping("restore", str(tmp_path / "second")).returncode == 0
    assert files_in(target.data) == kept


def test_a_changed_snapshot_in_the_backup_is_named(small: tuple[Deployment, Path], tmp_path: Path) -> None:
    source, _ = small
    with_kept_files(source)
    assert source.minping("backup", str(tmp_path / "second")).returncode == 0
    (tmp_path / "second" / "data" / "draws" / "round-1" / "steps.json").write_bytes(b"[2]")
    assert (
        "steps.json differs" in Deployment(tmp_path / "b").minping("restore", str(tmp_path / "second")).stderr
    )


def test_an_interrupted_backup_has_no_manifest_and_is_refused(
    small: tuple[Deployment, Path], tmp_path: Path
) -> None:
    _, backup = small
    (backup / "manifest.json").unlink()
    assert "manifest.json is missing" in Deployment(tmp_path / "b").minping("restore", str(backup)).stderr


def test_a_second_backup_into_the_same_folder_is_refused(small: tuple[Deployment, Path]) -> None:
    source, backup = small
    assert "not empty" in source.minping("backup", str(backup)).stderr


def test_keys_never_go_beside_the_data(small: tuple[Deployment, Path], tmp_path: Path) -> None:
    source, _ = small
    target = tmp_path / "third"
    done = source.minping("backup", str(target), "--keys", str(target / "keys"))
    assert "may not lie in the same folder" in done.stderr
    assert not target.exists()


def test_a_killed_backup_leaves_no_manifest(small: tuple[Deployment, Path], tmp_path: Path) -> None:
    source, _ = small
    text = (
        "import os\nfrom pathlib import Path\nfrom minping_web.site import backups\n"
        "real = backups._copy_ledger\n"
        "backups._copy_ledger = lambda *a: os._exit(9)\n"
        f"backups.make_backup(Path({str(tmp_path / 'killed')!r}))\n"
    )
    run = source.started(text)
    run.communicate(timeout=60)
    assert run.returncode == 9
    assert os.listdir(tmp_path / "killed") == ["database.sqlite3"]


def test_pg_dump_that_is_missing_is_named(tmp_path: Path) -> None:
    text = (
        "import os\nos.environ['PATH'] = '/nonexistent'\n"
        "from minping_web.site import dumps\n"
        "from minping_web.common.problems import RefusedError\n"
        "try:\n    dumps._run(['pg_dump'])\nexcept RefusedError as e:\n    print(e.problems[0].params)\n"
    )
    shown = Deployment(tmp_path / "a").program(text)
    assert "pg_dump" in shown
    assert "not installed" in shown
