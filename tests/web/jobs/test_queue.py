"""The queue: a job is done once in effect, tried again when it breaks, and stops for a person after that."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import close_old_connections, connection, transaction

from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import scope_of_user
from minping_web.jobs.models import Job
from minping_web.jobs.rules import Periodic, back_off, nightly, registry, slot_of
from minping_web.jobs.selectors import queue_state
from minping_web.jobs.services import cancel, claim, prune, queue_periodic, retry
from tests.web.factories import SmallDistrict, grant, scope_with, user
from tests.web.jobs.worlds import effects, queued, work

LEASE = timedelta(seconds=60)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def test_a_job_is_done_and_its_result_kept() -> None:
    job = queued("test.effect", name="once")
    assert work() == 1
    job.refresh_from_db()
    assert (job.state, job.tries, job.done, job.total, job.result) == ("done", 1, 2, 2, "system")
    assert effects("once") == 1


def test_a_job_is_invisible_until_its_step_is_committed() -> None:
    def step() -> None:
        with transaction.atomic():
            queued("test.effect", name="taken back")
            assert work_elsewhere() == 0
            raise ZeroDivisionError

    def work_elsewhere() -> int:
        """What another process would find now."""
        found: list[int] = []
        thread = threading.Thread(target=lambda: found.append(_seen()))
        thread.start()
        thread.join(10)
        return found[0]

    with pytest.raises(ZeroDivisionError):
        step()
    assert work() == 0


def test_a_broken_job_leaves_no_effect_and_is_tried_again_later() -> None:
    job = queued("test.broken", name="half")
    work()
    job.refresh_from_db()
    assert (job.state, job.tries) == ("queued", 1)
    assert timedelta(seconds=1) < job.run_at - now() <= timedelta(seconds=2)
    assert effects("half") == 0


def test_an_error_is_kept_without_its_text() -> None:
    job = queued("test.broken", name="half", max_tries=1)
    work()
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.error.startswith("ValueError (worlds.py:")
    assert "王芳" not in job.error


@pytest.mark.parametrize(
    ("task", "error"), [("test.refused", "change.still_used"), ("test.forbidden", "jobs.not_permitted")]
)
def test_what_is_refused_is_not_tried_again(task: str, error: str) -> None:
    job = queued(task)
    work()
    job.refresh_from_db()
    assert (job.state, job.tries, job.error) == ("failed", 1, error)


def test_back_off_doubles_up_to_an_hour() -> None:
    waits = [back_off(tries) for tries in (1, 2, 3, 10, 60)]
    assert [wait.total_seconds() for wait in waits] == [2, 4, 8, 1024, 3600]


def test_a_lease_that_ran_out_is_anyones() -> None:
    job = queued("test.effect", name="orphan")
    assert claim("dead worker", LEASE) is not None
    assert claim("other", LEASE) is None
    Job.objects.update(lease_until=now() - timedelta(seconds=1))
    work()
    job.refresh_from_db()
    assert (job.state, job.tries) == ("done", 2)


def test_a_job_whose_workers_die_each_time_stops_for_a_person() -> None:
    job = queued("test.effect", name="deadly", max_tries=2)
    for _ in range(2):
        claim("dead worker", LEASE)
        Job.objects.update(lease_until=now() - timedelta(seconds=1))
    assert work() == 0
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "jobs.lease_ran_out")


def test_a_worker_that_lost_its_lease_leaves_nothing_behind(tmp_path: object) -> None:
    """Another worker takes the job over while the first one works: the first one's effect is rolled back."""
    job = queued("test.effect", name="stolen", folder=str(tmp_path))
    thread = threading.Thread(target=_work_aside, kwargs={"lease": timedelta(seconds=1.2)})
    if connection.vendor == "sqlite":
        pytest.skip("on SQLite the open transaction itself keeps others from the row")
    thread.start()
    while not (tmp_path / "begun").exists():  # type: ignore[operator]
        pass
    Job.objects.filter(pk=job.pk).update(worker="thief", tries=9)
    thread.join(10)
    assert not thread.is_alive()
    assert effects("stolen") == 0


def _seen() -> int:
    try:
        return Job.objects.count()
    finally:
        connection.close()


def _work_aside(**settings: object) -> None:
    try:
        work(**settings)
    finally:
        connection.close()


def test_many_workers_share_the_queue_and_do_each_job_once() -> None:
    names = [f"job {n}" for n in range(40)]
    for name in names:
        queued("test.effect", name=name)
    threads = [threading.Thread(target=_work_aside) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [effects(name) for name in names] == [1] * 40
    assert set(Job.objects.values_list("tries", flat=True)) == {1}


def test_a_running_job_hears_that_it_was_cancelled(district: SmallDistrict) -> None:
    scope = scope_with("administrator")
    job = queued("test.slow", scope, steps=2000)
    thread = threading.Thread(target=_work_aside)
    thread.start()
    while not Job.objects.filter(pk=job.pk, state="running", done__gt=0).exists():
        assert thread.is_alive()
    cancel(scope, job.pk)
    thread.join(15)
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_a_waiting_job_is_cancelled_at_once_and_can_be_tried_again(district: SmallDistrict) -> None:
    scope = scope_with("district_bureau")
    job = queued("test.effect", scope, name="on second thoughts")
    cancel(scope, job.pk)
    assert work() == 0
    with pytest.raises(RefusedError):
        cancel(scope, job.pk)
    retry(scope, job.pk)
    assert work() == 1
    with pytest.raises(RefusedError):
        retry(scope, job.pk)


def test_a_job_runs_with_the_rights_its_actor_has_now(district: SmallDistrict) -> None:
    who = user()
    held = grant(who, "district_bureau")
    grant(who, "worker")
    allowed = queued("test.rights", scope_of_user(who.pk))
    work()
    held.revoked_at = now()
    held.save()
    late = queued("test.rights", scope_of_user(who.pk))
    work()
    allowed.refresh_from_db()
    late.refresh_from_db()
    assert (allowed.state, late.state, late.error) == ("done", "failed", "jobs.not_permitted")


def test_a_job_of_somebody_who_may_not_enter_any_more_fails(district: SmallDistrict) -> None:
    who = user()
    grant(who, "district_bureau")
    job = queued("test.effect", scope_of_user(who.pk), name="too late")
    who.is_active = False
    who.save()
    work()
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "jobs.actor_gone")
    assert effects("too late") == 0


def test_a_stopping_worker_gives_its_job_back_uncounted() -> None:
    from minping_web.jobs.services import WorkerSettings, run_worker

    job = queued("test.slow", steps=2000)
    stop = threading.Event()

    def run() -> None:
        try:
            run_worker(stop, WorkerSettings(periodic=False))
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    while not Job.objects.filter(pk=job.pk, state="running").exists():
        assert thread.is_alive()
    stop.set()
    thread.join(10)
    job.refresh_from_db()
    assert (job.state, job.tries, job.worker) == ("queued", 0, "")


# --- by the clock -------------------------------------------------------------------------------------------
@pytest.fixture
def clock_only(monkeypatch: pytest.MonkeyPatch) -> Periodic:
    """Only one periodic task: every hour."""
    periodic = Periodic("test.clock", every=timedelta(hours=1))
    monkeypatch.setattr(registry, "periodic", {"test.clock": periodic})
    return periodic


def test_two_workers_queue_a_periodic_job_once_per_slot(clock_only: Periodic) -> None:
    barrier = threading.Barrier(4)

    def look() -> None:
        barrier.wait()
        try:
            queue_periodic()
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert Job.objects.filter(task="test.clock").count() == 1


def test_a_periodic_job_waits_for_the_last_one_and_pauses_after_a_failure(clock_only: Periodic) -> None:
    assert queue_periodic() == 1
    Job.objects.update(key="an earlier slot")
    assert queue_periodic() == 0  # still open
    Job.objects.update(state="failed", ended_at=now())
    assert queue_periodic() == 0  # has just failed
    Job.objects.update(ended_at=now() - timedelta(hours=1))
    assert queue_periodic() == 1


def test_a_nightly_slot_begins_at_its_hour_and_lasts_a_day() -> None:
    moment = now().replace(hour=3, minute=0, second=0, microsecond=0)
    night = nightly(3)
    slots = [
        slot_of(moment + timedelta(minutes=m), night["every"], night["offset"]) for m in (-1, 0, 1439, 1440)
    ]
    assert [slot - slots[0] for slot in slots] == [0, 1, 1, 2]


def test_old_jobs_are_removed_and_failed_ones_stay_longer() -> None:
    long_ago = now() - timedelta(days=100)
    for state in ("done", "failed"):
        job = queued("test.effect", name=state)
        Job.objects.filter(pk=job.pk).update(state=state, ended_at=long_ago)
    assert prune() == 1
    assert list(Job.objects.values_list("state", flat=True)) == ["failed"]


def test_depth_and_age_of_the_queue_are_counted() -> None:
    job = queued("test.effect", name="old")
    queued("test.effect", name="later")
    Job.objects.filter(pk=job.pk).update(run_at=now() - timedelta(minutes=2))
    state = queue_state()
    assert (state.waiting, state.running, state.failed) == (2, 0, 0)
    assert 120 <= state.oldest_wait_seconds < 130
