"""Tasks by name. An app registers its functions; a job row names one and carries its arguments as JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol


class Progress(Protocol):
    """What a running task gets: it reports progress (which renews the lease) and may see a cancellation."""

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """Tell how far it is; raises `JobCancelledError` when somebody cancelled."""


TaskFunction = Callable[..., Any]
"""`task(progress, **arguments) -> JSON`; idempotent, since it may run again after a crash."""


@dataclass
class Registry:
    """The tasks of this process."""

    tasks: dict[str, TaskFunction] = field(default_factory=dict)

    def task(self, name: str) -> Callable[[TaskFunction], TaskFunction]:
        """Register under `app.verb`."""

        def registered(function: TaskFunction) -> TaskFunction:
            if name in self.tasks:
                raise ValueError(f"two tasks are called {name}")
            self.tasks[name] = function
            return function

        return registered


registry = Registry()
task = registry.task
