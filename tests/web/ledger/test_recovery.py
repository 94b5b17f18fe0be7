"""After a restore nothing is written before the log was recovered; what was published stands."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from minping_engine.proof import parse_note, verifier_key
from minping_web.common.problems import RefusedError
from minping_web.ledger import selectors
from minping_web.ledger.models import Log, StagedEntry
from minping_web.ledger.services import (
    Lost,
    forget,
    lost_by_kind,
    open_successor,
    recover,
    sequence,
    stage,
    stage_many,
    verify,
)
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


def _lost_step() -> None:
    """`step:0` was published, then the database was set back to the moment before."""
    taken = backup()
    stage_some(1)
    sequence()
    restore(taken)
    recover()


def test_a_step_with_the_name_of_a_lost_one_enters_the_log_as_another() -> None:
    """Restores set the database's numbers back: the next grant has the number of a lost one."""
    _lost_step()
    made = stage("test.step", "step:0", {"number": 7})
    assert (made.step_id, made.record) == ("step:0@2", {"number": 7})
    assert stage("test.step", "step:0", {"number": 7}).pk == made.pk, "a repeat stays one entry"
    sequence()
    assert published_steps() == ["step:0", "step:0@2"]
    assert verify().is_sound


def test_each_further_restore_gives_the_next_name() -> None:
    _lost_step()
    taken = backup()
    stage_some(1)
    sequence()
    restore(taken)
    recover()
    assert stage("test.step", "step:0", {"number": 9}).step_id == "step:0@3"


def test_bulk_steps_step_past_lost_names_too() -> None:
    _lost_step()
    stage_many("test.step", [("step:0", {"number": 3}), ("step:1", {"number": 4})])
    sequence()
    assert published_steps() == ["step:0", "step:0@2", "step:1"]


def test_a_forgotten_step_is_not_entered_twice() -> None:
    stage_some(1)
    sequence()
    forget(["step:0"])
    assert stage("test.step", "step:0", {"number": 0}).step_id == "step:0"
    assert lost_by_kind() == []


def test_what_was_lost_is_listed_by_kind_in_the_order_of_the_log() -> None:
    taken = backup()
    for kind, step in (("access.revoke", "b"), ("access.grant", "a"), ("access.revoke", "c")):
        stage(kind, step, {})
    sequence()
    restore(taken)
    recover()
    stage_some(1)
    sequence()
    assert lost_by_kind() == [Lost("access.grant", ("a",), 1, 1), Lost("access.revoke", ("b", "c"), 0, 2)]
