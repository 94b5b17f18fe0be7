"""Staged entries get their index once, in order, and the published files always hold together."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from minping_engine.errors import InputError
from minping_engine.proof import FolderStore, opens
from minping_web.common.problems import RefusedError
from minping_web.ledger import selectors
from minping_web.ledger.models import Log, StagedEntry
from minping_web.ledger.services import (
    BusyError,
    forget,
    only_writer,
    sequence,
    sequencing,
    stage,
    stage_many,
    verify,
)
from tests.web.ledger.logs import published_steps, report, stage_some

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_entries_are_published_in_the_order_of_staging() -> None:
    stage_some(3)
    assert sequence() == 3
    stage_some(2, "later")
    assert sequence() == 2
    assert published_steps() == ["step:0", "step:1", "step:2", "later:0", "later:1"]
    assert report().is_sound


def test_a_repeated_step_is_entered_once() -> None:
    first = stage("access.grant", "grant:1", {"user": 7})
    assert stage("access.grant", "grant:1", {"user": 7}).pk == first.pk
    sequence()
    assert published_steps() == ["grant:1"]


def test_a_step_cannot_be_sealed_again_with_another_record() -> None:
    stage("access.grant", "grant:1", {"user": 7})
    with pytest.raises(RefusedError) as refused:
        stage("access.grant", "grant:1", {"user": 8})
    assert refused.value.problems[0].code == "ledger.step_differs"


def test_a_step_cannot_be_sealed_again_as_another_kind() -> None:
    stage("access.grant", "grant:1", {"user": 7})
    with pytest.raises(RefusedError):
        stage("access.revoke", "grant:1", {"user": 7})


def test_what_a_step_takes_back_is_not_staged() -> None:
    def step() -> None:
        with transaction.atomic():
            stage("test.step", "step:1", {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        step()
    assert not StagedEntry.objects.exists()


def test_public_words_of_an_entry_are_checked_when_it_is_staged() -> None:
    with pytest.raises(InputError):
        stage("test.step", "王芳 的授权", {})


def test_database_refuses_two_entries_at_one_index() -> None:
    stage_some(2)
    sequence()
    with pytest.raises(IntegrityError), transaction.atomic():
        StagedEntry.objects.filter(index=1).update(index=0)


def test_an_empty_run_publishes_an_empty_log_only_once() -> None:
    assert sequence() == 0
    first = (selectors.folder_of(1) / "checkpoint").stat().st_mtime_ns
    assert sequence() == 0
    assert (selectors.folder_of(1) / "checkpoint").stat().st_mtime_ns == first


def test_the_signing_key_is_made_at_first_use_readable_by_the_owner_only(own_log: Path) -> None:
    stage_some(1)
    sequence()
    path = own_log / "keys" / "ledger-key-1"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Log.objects.get().verifier not in path.read_text("utf-8")


def test_batches_across_the_edges_of_tiles_give_one_sound_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencing, "BATCH", 100)
    monkeypatch.setattr(sequencing.assign, "__defaults__", (100,))
    stage_many("test.step", ((f"bulk:{n}", {"n": n}) for n in range(613)))
    assert sequence() == 613
    assert published_steps() == [f"bulk:{n}" for n in range(613)]
    assert report().is_sound


def test_only_one_process_writes() -> None:
    with only_writer(), pytest.raises(BusyError):
        sequence()


def test_the_mirror_follows_each_checkpoint(own_log: Path) -> None:
    for prefix in ("a", "b"):
        stage_some(200, prefix)
        sequence()
    mirrored = own_log / "mirror" / "1"
    assert published_steps(folder=mirrored) == published_steps()
    assert (mirrored / "checkpoint").read_bytes() == (selectors.folder_of(1) / "checkpoint").read_bytes()


def test_a_mirror_that_was_away_catches_up(own_log: Path) -> None:
    (own_log / "mirror").rename(own_log / "away")
    stage_some(300)
    sequence()
    assert not (own_log / "mirror").exists(), "an unmounted share must not become a folder here"
    (own_log / "away").rename(own_log / "mirror")
    assert selectors.has_work()
    sequence()
    assert len(published_steps(folder=own_log / "mirror" / "1")) == 300


def test_deleting_record_and_nonce_leaves_every_proof_valid() -> None:
    stage_some(3)
    sequence()
    kept = StagedEntry.objects.get(step_id="step:2")
    assert forget(["step:0", "step:1"]) == 2
    assert not StagedEntry.objects.filter(step_id="step:0", record__isnull=False).exists()
    assert report().is_sound
    assert verify().is_sound
    entry = selectors.assigned_entries(Log.objects.get(), 2, 3)[0]
    assert opens(entry, kept.record, bytes(kept.nonce))


def test_recheck_names_an_entry_that_was_changed_in_the_database() -> None:
    stage_some(3)
    sequence()
    StagedEntry.objects.filter(index=1).update(commitment=b"x" * 32)
    check = verify()
    assert not check.is_sound
    assert [problem["code"] for problem in check.problems] == ["ledger.database_differs"]


def test_recheck_names_a_changed_file() -> None:
    stage_some(3)
    sequence()
    bundle = selectors.folder_of(1) / "tile/entries/000.p/3"
    bundle.write_bytes(bundle.read_bytes().replace(b"step:1", b"step:9"))
    codes = {problem["code"] for problem in verify().problems}
    assert "ledger.entry_changed" in codes


class Killed(BaseException):
    """Stands for kill -9: nothing catches it, open transactions are rolled back."""


def _points() -> Iterator[str]:
    yield "after the indexes"
    yield from (f"before write {number}" for number in range(4))
    yield from (f"after write {number}" for number in range(4))
    yield "before the note in the database"
    yield "before the mirror"


@pytest.mark.parametrize("point", list(_points()))
def test_a_kill_at_any_point_loses_and_doubles_nothing(point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stage_some(255, "old")
    sequence()
    kept = (selectors.folder_of(1) / "checkpoint").read_bytes()
    stage_some(3)
    with monkeypatch.context() as patched:
        _kill_at(point, patched)
        with pytest.raises(Killed):
            sequence()
    stage_some(2, "new")
    sequence()
    expected = [f"old:{n}" for n in range(255)] + ["step:0", "step:1", "step:2", "new:0", "new:1"]
    assert published_steps() == expected
    assert report(older=kept).is_sound
    assert verify().is_sound


def _kill_at(point: str, patched: pytest.MonkeyPatch) -> None:
    if point == "after the indexes":
        patched.setattr(sequencing, "_extended", _killed)
    elif point == "before the note in the database":
        patched.setattr(Log, "save", _kill_on_publish(Log.save))
    elif point == "before the mirror":
        patched.setattr(sequencing, "copy_files", _killed)
    else:
        patched.setattr(FolderStore, "write", _kill_on_write(FolderStore.write, point))


def _killed(*_: object, **__: object) -> None:
    raise Killed


def _kill_on_publish(save: object) -> object:
    def saved(self: Log, **options: object) -> None:
        if "checkpoint" in options.get("update_fields", ()):  # type: ignore[operator]
            raise Killed
        save(self, **options)  # type: ignore[operator]

    return saved


def _kill_on_write(write: object, point: str) -> object:
    moment, _, number = point.partition(" write ")
    count = [0]

    def written(self: FolderStore, path: str, content: bytes) -> None:
        here = count[0] == int(number)
        count[0] += 1
        if here and moment == "before":
            raise Killed
        write(self, path, content)  # type: ignore[operator]
        if here:
            raise Killed

    return written
