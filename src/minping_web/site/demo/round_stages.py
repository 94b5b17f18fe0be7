"""The demonstration's rounds as one background job that works in stages.

Each run looks how far everything is and goes on from there. Where a stage queues a job of the product (draw,
messages, letters, count), this one queues itself behind it and ends; so a worker that is stopped or killed at
any moment leaves nothing that the next start would not finish.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property

from minping_engine.demo import QUARTERS, DemoParameters, District, make_district
from minping_web.ballots.models import RoundClosing
from minping_web.ballots.rules.words import ClosingState
from minping_web.common.scope import Scope, system_scope
from minping_web.jobs.models import Job
from minping_web.jobs.rules import Progress
from minping_web.jobs.services import enqueue
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.services.opening import open_round
from minping_web.site.demo import assessment_seed, closing_seed, history_seed, round_seed
from minping_web.site.demo.history_tables import Pilot
from minping_web.site.demo.round_plan import BUREAU, LAST, RUNNING, RoundPlan, RoundSize, acting
from minping_web.site.demo.votes_seed import Answering, Voting

TASK, TITLE = "site.demo_rounds", "演示数据正在生成"
State = SurveyRound.State
Told = Callable[[int, int], object]
PATIENCE = 0.3
"""Seconds before looking again at a job that another worker has."""
STEPS = {State.DRAFT: 1, State.FIXING: 1, State.FIXED: 2, State.DRAWING: 3, State.DRAWN: 4, State.OPEN: 5,
         State.STOPPED: 8, State.CLOSING: 8, State.CLOSED: 9}  # fmt: skip
LAST_STEP, PARTS = 10, 100
CLOSING = 2
"""The pass of `Making.run` that brings the first round to its end."""


def queue_rounds(seed: int, size: RoundSize, *, small: bool = False) -> Job:
    """Queue the job that makes the rounds; `small` as for the district that was filled in."""
    return enqueue(system_scope(), TASK, title=TITLE, seed=seed, size=asdict(size), small=small)


@dataclass
class Heeding:
    """Progress of a step inside: says what the whole says, and stops when that is stopped."""

    whole: Progress
    say: Callable[[], object]

    @property
    def scope(self) -> Scope:
        """The whole's."""
        return self.whole.scope

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """Another sign of life."""
        self.say()


@dataclass
class Making:
    """One run of the job."""

    seed: int
    size: RoundSize
    small: bool
    progress: Progress

    @cached_property
    def district(self) -> District:
        """The engine's, made when the first vote or quarter needs it."""
        return make_district(DemoParameters.small() if self.small else DemoParameters(), self.seed)

    @cached_property
    def answering(self) -> Answering:
        """What its households say."""
        return Answering(self.district)

    @cached_property
    def pilot(self) -> Pilot:
        """Two streets of it."""
        return history_seed.pilot_of(self.district)

    def run(self) -> bool:
        """Go as far as possible; False when a job of the product must run first."""
        round_seed.seed_texts()
        closing_seed.seed_custodians()
        for number, plan in enumerate((LAST, RUNNING, LAST)):  # visitors vote before the first one is counted
            if any(_is_waiting(job) for job in self._steps(plan, number)):
                return False
        return True

    def _steps(self, plan: RoundPlan, number: int) -> list[Job | None]:
        """Advance one round by as many steps as need no job; the jobs that must run first, if any."""
        found = plan.found() or round_seed.seed_draft(plan, self.size, self.seed)
        before = None
        while before != (before := str(found.state)):
            self._tell(number, found)
            jobs = self._advance(plan, found, number)
            if any(_is_waiting(job) for job in jobs):
                return jobs
            found.refresh_from_db()
        return []

    def _advance(self, plan: RoundPlan, found: SurveyRound, number: int) -> list[Job | None]:
        if found.state == State.DRAFT:
            round_seed.seed_fixed(found)
        elif found.state == State.FIXED:
            return [round_seed.seed_value(found, self.seed)]
        elif found.state in (State.FIXING, State.DRAWING):
            return [found.job]
        elif found.state == State.DRAWN:
            return _invite_and_open(found)
        elif found.state == State.OPEN:
            self._vote(plan, found, number)
            if number == CLOSING:
                return self._end(found)
        elif found.state in (State.STOPPED, State.CLOSING) and plan.ends:
            return self._close(found)
        elif found.state == State.CLOSED:
            return [assessment_seed.seed_run(found)]
        return []

    def _vote(self, plan: RoundPlan, found: SurveyRound, number: int) -> None:
        voting = Voting(plan, found, self.answering)
        voting.cast_all(lambda done, total: self._tell(number, found, done / total))
        voting.enter_found()
        if not plan.ends:
            closing_seed.seed_paper(found)

    def _end(self, found: SurveyRound) -> list[Job | None]:
        """Earlier quarters stand in its snapshot, so they are published before it is counted."""
        for quarter in QUARTERS[len(QUARTERS) - self.size.history :]:
            heeding = Heeding(self.progress, lambda: self._tell(CLOSING, found))
            while waiting := history_seed.publish(quarter, self.pilot, heeding):
                if any(_is_waiting(job) for job in waiting):
                    return waiting
        closing_seed.end_voting(found)
        return []

    def _close(self, found: SurveyRound) -> list[Job | None]:
        if found.state == State.STOPPED:
            closing_seed.end_voting(found)
        return [closing_seed.bring_keys(found)]

    def _tell(self, number: int, found: SurveyRound, share: float = 0.0) -> None:
        at = (number * LAST_STEP + STEPS.get(State(found.state), 0) + 3 * share) * PARTS
        self.progress(round(at), 3 * LAST_STEP * PARTS, found.name)


def _invite_and_open(found: SurveyRound) -> list[Job | None]:
    """Messages, letters, sending: each a job of its own; then the opening."""
    for stage in (round_seed.seed_messages, round_seed.seed_letters, round_seed.seed_sending):
        job = stage(found)
        if _is_waiting(job):
            return [job]
    open_round(acting(BUREAU), found.pk)
    return []


def _is_waiting(job: Job | None) -> bool:
    """Whether a job must still run; RuntimeError for one that cannot."""
    if job is None:
        return False
    job.refresh_from_db()
    if job.state in (Job.State.FAILED, Job.State.CANCELLED):
        raise RuntimeError(f"the job {job.task} of the demonstration ended badly")
    return job.is_open


def make_rounds(progress: Progress, seed: int, size: RoundSize, *, small: bool) -> bool:
    """One run; queues the next one where it did not come to the end. Gives whether it did."""
    done = Making(seed, size, small, progress).run()
    if not done:
        time.sleep(PATIENCE)
        queue_rounds(seed, size, small=small)
    return done


def is_closed() -> bool:
    """Whether the first round was counted and its keys are gone."""
    found = LAST.found()
    return bool(found and RoundClosing.objects.filter(pk=found.pk, state=ClosingState.PURGED).exists())


def last_job() -> Job | None:
    """The newest run."""
    return Job.objects.filter(task=TASK).order_by("-pk").first()
