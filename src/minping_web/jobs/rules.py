"""Tasks by name, and when periodic ones are due. An app registers its functions in its `tasks` module.

A job row names a task and carries its arguments as JSON. A task may run again after a crash, so it must be
idempotent; how much the queue does for that says its `Mode`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Protocol, TypedDict

from django.utils.functional import Promise

from minping_web.common.scope import Scope

LONGEST_BACK_OFF = timedelta(hours=1)
AFTER_FAILURE = timedelta(minutes=10)
"""A periodic task that failed for good is not queued again before this has passed."""


class JobCancelledError(Exception):
    """Somebody cancelled the job; raised inside the task by its next report."""


class LeaseLostError(Exception):
    """Another worker may have the job by now; this one must not write any more."""


class WorkerStoppingError(Exception):
    """The worker was asked to stop: the job goes back into the queue."""


class Progress(Protocol):
    """What a running task gets: it reports how far it is, and hears of a cancellation thereby."""

    @property
    def scope(self) -> Scope:
        """The scope of the job's actor, as it is now."""
        ...

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """Tell how far it is; no personal data in the note.

        Raises `JobCancelledError`, `LeaseLostError` or `WorkerStoppingError`, which the task lets pass.
        """


class Mode(Enum):
    """How a task's writes hang together with the end of its job."""

    SCOPED = "scoped"
    """Inside the actor's scope: on PostgreSQL one transaction with the job's end, so done exactly once."""
    WHOLE = "whole"
    """One transaction with the job's end on SQLite too; there it holds the only write lock: keep it short."""
    PIECES = "pieces"
    """No transaction around: the task commits piece by piece, entering `progress.scope` itself."""


TaskFunction = Callable[..., Any]
"""`task(progress, **arguments) -> JSON`."""


@dataclass(frozen=True)
class Task:
    """A registered task. `start` is the permission to start it by hand from the jobs page."""

    name: str
    function: TaskFunction
    title: str | Promise
    mode: Mode
    start: str | None


@dataclass(frozen=True)
class Periodic:
    """A task that is queued by the clock, once per slot, and only when `wanted` says so."""

    task: str
    every: timedelta
    offset: timedelta = timedelta()
    wanted: Callable[[], bool] = lambda: True

    def key(self, moment: datetime) -> str:
        """Names the slot: two workers that queue the same slot collide on it."""
        return f"{self.task}@{slot_of(moment, self.every, self.offset)}"


@dataclass
class Registry:
    """The tasks of this process."""

    tasks: dict[str, Task] = field(default_factory=dict)
    periodic: dict[str, Periodic] = field(default_factory=dict)

    def task(
        self, name: str, *, title: str | Promise = "", mode: Mode = Mode.SCOPED, start: str | None = None
    ) -> Callable[[TaskFunction], TaskFunction]:
        """Register a function under `app.verb`."""

        def registered(function: TaskFunction) -> TaskFunction:
            if name in self.tasks:
                raise ValueError(f"two tasks are called {name}")
            self.tasks[name] = Task(name, function, title or name, mode, start)
            return function

        return registered

    def repeat(self, periodic: Periodic) -> Periodic:
        """Queue a registered task by the clock."""
        if periodic.task not in self.tasks:
            raise ValueError(f"no task is called {periodic.task}")
        self.periodic[periodic.task] = periodic
        return periodic

    def title_of(self, name: str) -> str:
        """What a task is called, in the language of the page."""
        return str(self.tasks[name].title) if name in self.tasks else name


registry = Registry()
task = registry.task
repeat = registry.repeat


class Nightly(TypedDict):
    """The clock of a nightly task."""

    every: timedelta
    offset: timedelta


def nightly(hour: int = 3) -> Nightly:
    """`Periodic(task, **nightly(3))`: once a day, from that hour on."""
    return {"every": timedelta(days=1), "offset": timedelta(hours=hour)}


def slot_of(moment: datetime, every: timedelta, offset: timedelta = timedelta()) -> int:
    """Number of the slot a moment lies in, by its own wall clock; a day's slot begins at `offset`."""
    wall = moment.replace(tzinfo=None) - datetime(2000, 1, 1) - offset  # noqa: DTZ001  (both naive)
    return wall // every


def back_off(tries: int) -> timedelta:
    """How long to wait after so many failed tries: 2, 4, 8 ... seconds, at most an hour."""
    return min(timedelta(seconds=2 ** min(tries, 20)), LONGEST_BACK_OFF)
