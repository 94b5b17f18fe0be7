"""After a restore nothing is written before the log was recovered; what was published stands."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from minping_engine.proof import parse_note, verifier_key
from minping_web.common.problems import RefusedError
from minping_web.ledger import selectors
from minping_web.ledger.models import Log, StagedEntry
from minping_web.ledger.services import open_successor, recover, sequence, verify
from minping_web.ledger.services.keys import key_file
from tests.web.ledger.logs import backup, published_steps, report, restore, stage_some

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def _codes() -> list[str]:
    return [problem.code for problem in selectors.blocking_problems()]


def test_a_database_set_back_is_noticed_and_publishes_nothing() -> None:
    stage_some(3)
    sequence()
    taken = backup()
    stage_some(4, "later")
    sequence()
    before = published_steps()
    restore(taken)
    stage_some(1, "early")  # staging goes on: the step is kept, its entry waits
    assert _codes() == ["ledger.database_behind"]
    assert not selectors.has_work()
    with pytest.raises(RefusedError):
        sequence()
    assert published_steps() == before


def test_recovery_takes_over_what_was_published_before_anything_else() -> None:
    stage_some(3)
    sequence()
    kept = (selectors.folder_of(1) / "checkpoint").read_bytes()
    taken = backup()
    stage_some(300, "later")
    sequence()
    newest = (selectors.folder_of(1) / "checkpoint").read_bytes()
    restore(taken)
    stage_some(1, "new")
    done = recover()
    assert (done.source, done.size, done.lost, done.matched) == ("files", 303, 300, 0)
    assert sequence() == 1
    assert published_steps() == [
        *(f"step:{n}" for n in range(3)),
        *(f"later:{n}" for n in range(300)),
        "new:0",
    ]
    assert report(older=kept).is_sound
    assert report(older=newest).is_sound
    assert verify().is_sound


def test_a_second_recovery_changes_nothing() -> None:
    stage_some(3)
    sequence()
    taken = backup()
    stage_some(3, "later")
    sequence()
    restore(taken)
    recover()
    rows = backup()
    done = recover()
    assert (done.matched, done.lost, done.waiting_again) == (0, 0, 0)
    assert backup() == rows


def test_rows_that_were_staged_before_the_backup_find_their_published_entry() -> None:
    stage_some(5)
    taken = backup()  # staged, not yet sequenced
    sequence()
    restore(taken)
    done = recover()
    assert (done.matched, done.lost) == (5, 0)
    assert StagedEntry.objects.get(step_id="step:4").record == {"number": 4}
    assert verify().is_sound


def test_a_step_done_again_after_the_restore_is_entered_as_a_second_one() -> None:
    taken = backup()
    stage_some(2)
    sequence()
    restore(taken)
    stage_some(2)  # the same steps, with new nonces
    recover()
    sequence()
    assert published_steps() == ["step:0", "step:1", "step:0@2", "step:1@2"]
    assert StagedEntry.objects.get(step_id="step:0@2").record == {"number": 0}
    assert verify().is_sound


def test_an_empty_database_is_recovered_from_files_and_key() -> None:
    stage_some(3)
    sequence()
    StagedEntry.objects.all().delete()
    Log.objects.all().delete()
    assert _codes() == ["ledger.database_behind"]
    assert recover().lost == 3
    assert sequence() == 0
    assert verify().is_sound


def test_lost_files_come_back_from_the_mirror() -> None:
    stage_some(300)
    sequence()
    shutil.rmtree(selectors.folder_of(1))
    assert _codes() == ["ledger.files_behind"]
    assert recover().source == "mirror"
    assert len(published_steps()) == 300
    assert report().is_sound


def test_database_and_files_set_back_together_are_noticed_by_the_mirror(own_log: Path) -> None:
    stage_some(3)
    sequence()
    taken = backup()
    shutil.copytree(own_log / "ledger", own_log / "old ledger")
    stage_some(3, "later")
    sequence()
    restore(taken)
    shutil.rmtree(own_log / "ledger")
    (own_log / "old ledger").rename(own_log / "ledger")
    assert _codes() == ["ledger.mirror_ahead"]
    assert recover().source == "mirror"
    assert len(published_steps()) == 6
    assert verify().is_sound


def test_two_histories_stop_the_recovery_as_well(own_log: Path) -> None:
    stage_some(2)
    sequence()
    taken = backup()
    files = shutil.copytree(selectors.folder_of(1), own_log / "at two")
    stage_some(2, "true")
    sequence()
    restore(taken)
    shutil.rmtree(selectors.folder_of(1))
    shutil.copytree(files, selectors.folder_of(1))
    mirror = (own_log / "mirror").rename(own_log / "mirror away")
    stage_some(1, "forged")
    sequence()  # nobody can know: files, database agree, the mirror is away
    mirror.rename(own_log / "mirror")
    with pytest.raises(RefusedError) as refused:
        recover()
    assert refused.value.problems[0].code == "ledger.forked"


def test_files_without_any_copy_are_written_anew_only_when_a_person_says_so(own_log: Path) -> None:
    stage_some(300)
    sequence()
    checkpoint = (selectors.folder_of(1) / "checkpoint").read_bytes()
    shutil.rmtree(selectors.folder_of(1))
    shutil.rmtree(own_log / "mirror" / "1")
    with pytest.raises(RefusedError) as refused:
        recover()
    assert refused.value.problems[0].code == "ledger.published_lost"
    assert recover(rebuild=True).source == "database"
    assert (selectors.folder_of(1) / "checkpoint").read_bytes() == checkpoint
    assert report().is_sound


def test_a_successor_says_which_log_was_lost_and_holds_all_entries(own_log: Path) -> None:
    stage_some(3)
    sequence()
    old = Log.objects.get(number=1)
    shutil.rmtree(selectors.folder_of(1))
    shutil.rmtree(own_log / "mirror" / "1")
    stage_some(1, "waiting")
    open_successor("fire in the machine room")
    assert published_steps(2) == ["ledger.succession:2", "step:0", "step:1", "step:2", "waiting:0"]
    ((number, statement),) = selectors.successions()
    note = parse_note(statement.encode())
    assert number == 2
    assert note is not None
    assert note.holds(verifier_key(old.verifier)) is True
    assert note.holds(verifier_key(Log.objects.get(number=2).verifier)) is True
    assert b"old-size 3\n" in note.text
    assert verify().is_sound
    stage_some(1, "after")
    assert sequence() == 1


def test_a_successor_opens_without_the_old_key(own_log: Path) -> None:
    stage_some(1)
    sequence()
    old = Log.objects.get(number=1)
    shutil.rmtree(selectors.folder_of(1))
    shutil.rmtree(own_log / "mirror" / "1")
    key_file(1).unlink()
    open_successor("everything lost")
    ((_, statement),) = selectors.successions()
    note = parse_note(statement.encode())
    assert note is not None
    assert note.holds(verifier_key(old.verifier)) is None


def test_a_lost_key_is_named_and_nothing_is_written() -> None:
    stage_some(1)
    sequence()
    key_file(1).unlink()
    stage_some(1, "later")
    with pytest.raises(Exception, match=r"ledger\.key_lost"):
        sequence()
    assert published_steps() == ["step:0"]
