"""No state without a way out: sealing that moved or broke off, loads that failed, files of nobody."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from minping_engine.errors import MinpingError
from minping_web.common import approval
from minping_web.common.clock import now, today
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import entered, system_scope
from minping_web.frames import rules
from minping_web.frames.models import Frame, FrameImport, Unit
from minping_web.frames.services import importing
from minping_web.frames.services.exclusions import exclude, include
from minping_web.frames.services.frames import edit_frame, retire_frame
from minping_web.frames.services.loading import begin_frame, write_chunk
from minping_web.frames.services.retention import erase_what_is_due, hold, lift
from minping_web.frames.services.sealing import propose_seal, reopen, reopen_failed, seal_frame
from minping_web.frames.services.uploads import seal_file, upload_folder
from minping_web.jobs.models import Job
from minping_web.ledger.models import StagedEntry
from tests.web.frames import factory
from tests.web.frames.conftest import World
from tests.web.frames.test_loading import Reports
from tests.web.ledger_words import commits_to

pytestmark = pytest.mark.sqlite


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, settings: Any) -> None:
    """Uploads of this test alone."""
    settings.DATA_FOLDER = tmp_path


def proposed(world: World) -> Proposal:
    with entered(world.bureau):
        return propose_seal(world.bureau, world.frame.pk, reason="覆盖情况已核对")


def being_sealed(world: World) -> Job:
    """A second person approved; the job waits."""
    proposal = proposed(world)
    with entered(world.second):
        approval.approve(world.second, proposal.pk)
    world.frame.refresh_from_db()
    assert world.frame.sealing_job is not None
    return world.frame.sealing_job


def ended(job: Job | None, state: str) -> None:
    assert job is not None
    job.state = state
    job.save()


def test_a_frame_that_changed_since_it_was_proposed_is_not_sealed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the counts come out the same: one household for another."""
    monkeypatch.setattr(rules, "EXCLUDED_ALONE_SHARE", 0.5)
    proposal = proposed(world)
    with entered(world.bureau):
        key = Unit.objects.filter(frame=world.frame)[0].pk
        exclude(world.bureau, world.frame.pk, [key], reason="vacant", note="上门两次无人")
        include(world.bureau, world.frame.pk, [key])
    with entered(world.second), pytest.raises(MinpingError) as refused:
        approval.approve(world.second, proposal.pk)
    world.frame.refresh_from_db()
    assert refused.value.problems[0].code == "frame.moved_since"
    assert world.frame.state == "draft"


def test_the_second_person_reads_what_was_proposed_and_that_it_moved(world: World) -> None:
    proposal = proposed(world)
    describe = approval.act_of(proposal.kind).describe
    before = dict(describe(proposal.payload))
    assert {"24", "2026年秋季抽样框", "2026-09-01"} <= set(before.values())
    with entered(world.bureau):
        edit_frame(world.bureau, world.frame.pk, name="改名", needed_until=world.frame.needed_until)
    after = dict(describe(proposal.payload))
    assert set(after) - set(before)
    assert "2026年秋季抽样框" in after.values()


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_frame_whose_sealing_failed_is_a_draft_again_by_the_clock(world: World, state: str) -> None:
    ended(being_sealed(world), state)
    scope = system_scope()
    with entered(scope):
        assert reopen_failed(scope) == 1
    world.frame.refresh_from_db()
    assert world.frame.state == "draft"
    job = being_sealed(world)
    with entered(world.bureau):
        seal_frame(world.second, world.frame.pk, Reports(world.second))  # type: ignore[arg-type]
    world.frame.refresh_from_db()
    assert (job.is_open, world.frame.state) == (True, "sealed")


def test_a_frame_that_a_job_seals_is_neither_reopened_nor_taken_out_of_use(world: World) -> None:
    being_sealed(world)
    scope = system_scope()
    with entered(scope):
        assert reopen_failed(scope) == 0
        for act in (reopen, lambda who, key: retire_frame(who, key, reason="数据有误")):
            with pytest.raises(RefusedError):
                act(world.bureau, world.frame.pk)


def test_a_frame_whose_sealing_failed_can_be_taken_out_of_use(world: World) -> None:
    ended(being_sealed(world), "failed")
    retire_frame(world.bureau, world.frame.pk, reason="数据有误")
    world.frame.refresh_from_db()
    assert world.frame.state == "superseded"


def loading(world: World) -> FrameImport:
    """An import that a job loads: its file lies there, a torso of a frame too."""
    stored_as, size = seal_file("责任片编号,联系电话\n".encode())
    made = importing.start_import(
        world.bureau, "f", stored_as, file_name="f.csv", size=size,
        dates=(date(2026, 9, 1), date(2026, 12, 1)),
    )  # fmt: skip
    with entered(world.bureau):
        made.frame = begin_frame(world.bureau, "f", as_of=made.as_of)
        areas = importing.areas_for_units(world.bureau, "frames.edit")
        write_chunk(made.frame, list(factory.new_units(world.district.responsibility_areas)), areas)
    made.state, made.made_at = FrameImport.State.LOADING, now() - timedelta(days=30)
    made.save()
    return made


@pytest.mark.parametrize(("state", "left"), [("failed", 0), ("cancelled", 0), ("queued", 1), ("running", 1)])
def test_the_file_of_a_load_that_failed_is_erased_in_time(world: World, state: str, left: int) -> None:
    ended(loading(world).job, state)
    with entered(system_scope()):
        erase_what_is_due()
    assert len(list(upload_folder().iterdir())) == left


@pytest.mark.django_db(transaction=True)
def test_a_load_that_failed_can_be_dropped_with_all_it_left(world: World) -> None:
    made = loading(world)
    with pytest.raises(RefusedError), entered(world.bureau):
        importing.drop(world.bureau, made.pk)
    ended(made.job, "failed")
    with entered(world.bureau):
        importing.drop(world.bureau, made.pk)
        assert not Unit.objects.filter(frame=made.frame_id).exists()
    made.refresh_from_db()
    assert made.state == "dropped"
    assert not Frame.objects.filter(state="loading").exists()
    assert list(upload_folder().iterdir()) == []


def test_a_file_that_no_import_knows_goes_after_a_day(world: World) -> None:
    old, _size = seal_file(b"x")
    fresh, _size = seal_file(b"y")
    two_days_ago = (now() - timedelta(days=2)).timestamp()
    os.utime(upload_folder() / old, (two_days_ago, two_days_ago))
    with entered(system_scope()):
        assert erase_what_is_due() == {"uploads": 1}
    assert [file.name for file in upload_folder().iterdir()] == [fresh]


def test_edits_of_a_frame_and_ends_of_holds_stand_in_the_ledger(world: World) -> None:
    with entered(world.bureau):
        frame = edit_frame(world.bureau, world.frame.pk, name="改名", needed_until=today())
        made = hold(world.bureau, frame.pk, reason="复核争议期间", until=today() + timedelta(days=9))
        lift(world.bureau, made.pk)
        retire_frame(world.bureau, frame.pk, reason="数据有误")
    entries = {row.kind: row.record for row in StagedEntry.objects.filter(kind__startswith="frame.")}
    assert commits_to(entries["frame.edited"], "name", "改名")
    assert commits_to(entries["frame.held"], "reason", "复核争议期间")
    assert entries["frame.hold_lifted"]["by"] == world.bureau.user_id  # type: ignore[index]
    assert commits_to(entries["frame.retired"], "reason", "数据有误")
