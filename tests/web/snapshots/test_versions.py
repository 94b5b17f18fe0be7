"""Further versions of a sealed snapshot: what they may change, and that the parent stays as it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from django.core.exceptions import PermissionDenied
from pytest_django import DjangoDbBlocker

from minping_engine.errors import MinpingError
from minping_engine.snapshot import check_snapshot, open_snapshot, read_parquet
from minping_web.common.scope import system_scope
from minping_web.ledger.models import StagedEntry
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.selectors.register import folder_of, manifest_of
from minping_web.snapshots.services.versions import FIXED, Correction, make_version
from tests.web import factories
from tests.web.assessments import factory as assessing
from tests.web.snapshots import factory

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


@pytest.fixture(scope="module")
def closed_once(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[SealedSnapshot]:
    """A closed round of two areas, made once."""
    with factory.kept_for_a_module(django_db_blocker):
        yield assessing.close_for_two(assessing.open_for_two(factories.small_district()))


@pytest.fixture
def sealed(closed_once: SealedSnapshot, db: None) -> SealedSnapshot:
    """The same, with rows taken back that a test adds."""
    return SealedSnapshot.objects.select_related("round").get(pk=closed_once.pk)


def correction(**values: object) -> Correction:
    """With a reason and a cause."""
    return Correction("核查后更正", ("objection-1-decided-2",), **values)  # type: ignore[arg-type]


def refused(sealed: SealedSnapshot, wanted: Correction) -> set[str]:
    """The codes that a version is refused with."""
    with pytest.raises(MinpingError) as error:
        make_version(system_scope(), sealed, wanted)
    return {one.code for one in error.value.problems}


def bytes_of(folder: Path) -> dict[str, str]:
    """Hash of every file."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def covariates(sealed: SealedSnapshot, value: float) -> pa.Table:
    """One figure of a place, as a whole table."""
    area = open_snapshot(folder_of(sealed)).table("areas")["area_id"][0].as_py()
    return pa.table({
        "area_id": pa.array([area]), "covariate": pa.array(["share_aged_60"]), "value": pa.array([value]),
    })  # fmt: skip


def test_a_version_names_its_parent_and_leaves_it_as_it_is(sealed: SealedSnapshot) -> None:
    """Another folder with the parent's hash in its manifest; register and ledger know it."""
    before = bytes_of(folder_of(sealed))
    version = make_version(
        system_scope(), sealed, correction(tables={"area_covariates": covariates(sealed, 0.5)})
    )
    assert (version.parent, version.ballots, version.round) == (sealed, sealed.ballots, sealed.round)
    assert bytes_of(folder_of(sealed)) == before
    told = manifest_of(version)["import_rule"]["version"]
    assert told["parent_sha256"] == sealed.sha256
    assert (told["tables"], told["causes"]) == (["area_covariates"], ["objection-1-decided-2"])
    after = bytes_of(folder_of(version))
    changed = {name for name in before if after.get(name) != before[name]}
    assert changed <= {"snapshot.json", "area_covariates.parquet"}
    assert not check_snapshot(folder_of(version))
    record = StagedEntry.objects.get(kind="snapshot.version").record
    assert (record["parent_sha256"], record["snapshot_sha256"]) == (sealed.sha256, version.sha256)
    assert "reason" not in record


def test_a_whole_area_may_be_left_out_and_nothing_of_the_other(sealed: SealedSnapshot) -> None:
    """Its ballots go, those of the other area are the same to the last answer."""
    opened = open_snapshot(folder_of(sealed))
    rows = opened.table("targets").to_pylist()
    gone, stays = rows[1], rows[0]
    version = make_version(system_scope(), sealed, correction(excluded_areas=frozenset({gone["area_id"]})))
    parts = [read_parquet(part.path) for part in open_snapshot(folder_of(version)).parts]
    left = [row for part in parts for row in part.to_pylist()]
    former = [row for part in opened.parts for row in read_parquet(part.path).to_pylist()]
    assert {row["target"] for row in left} == {stays["target"]}
    assert left == [row for row in former if row["target"] == stays["target"]]
    told = manifest_of(version)["import_rule"]["version"]
    assert told["ballots_left_out"] == len(former) - len(left) == sealed.ballots - version.ballots > 0


@pytest.mark.parametrize("table", sorted(FIXED))
def test_what_residents_and_the_draw_said_is_never_replaced(sealed: SealedSnapshot, table: str) -> None:
    assert refused(sealed, correction(tables={table: pa.table({})})) == {"snapshots.fixed_table"}


def test_a_round_has_one_line_of_versions(sealed: SealedSnapshot) -> None:
    """A second child of the same parent would be a fork: refused, and never registered."""
    wanted = correction(tables={"area_covariates": covariates(sealed, 0.5)})
    version = make_version(system_scope(), sealed, wanted)
    other = correction(tables={"area_covariates": covariates(sealed, 0.6)})
    assert refused(sealed, other) == {"snapshots.not_the_newest"}
    assert make_version(system_scope(), version, other).parent == version
    assert SealedSnapshot.objects.filter(parent=sealed).count() == 1


def test_what_breaks_the_contract_is_refused_and_nothing_is_registered(sealed: SealedSnapshot) -> None:
    """An area that nobody knows, a missing reason, a table that refers to nothing, no right."""
    unknown = correction(excluded_areas=frozenset({"nowhere"}))
    assert refused(sealed, unknown) == {"snapshots.area_not_in_round"}
    nobody = correction(excluded_batches=frozenset({7}))
    assert refused(sealed, nobody) == {"snapshots.batch_not_in_round"}
    silent = Correction(" ", ("x",), excluded_areas=frozenset({"nowhere"}))
    assert refused(sealed, silent) == {"snapshots.version_reason_missing"}
    broken = covariates(sealed, 0.5).set_column(0, "area_id", pa.array(["nowhere"]))
    assert any(
        code.startswith("snapshot.")
        for code in refused(sealed, correction(tables={"area_covariates": broken}))
    )
    with pytest.raises(PermissionDenied):
        make_version(factories.scope_with("auditor"), sealed, correction())
    assert SealedSnapshot.objects.filter(round=sealed.round).count() == 1
    assert not list(folder_of(sealed).parent.glob(f".round-{sealed.round_id}-*"))


def test_a_parent_whose_bytes_changed_is_refused(sealed: SealedSnapshot) -> None:
    SealedSnapshot.objects.filter(pk=sealed.pk).update(sha256="0" * 64)
    sealed.refresh_from_db()
    assert refused(sealed, correction()) == {"snapshots.other_hash"}
