"""Who maps the kernel over districts: `serial`, `processes`, or `spark` on a cluster.

A scheduler only carries tasks; it never looks into them, so all write the same bytes. Results
come back in the tasks' order whatever order they finish in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

from minping_engine.errors import RefusedError

Given = TypeVar("Given")
Made = TypeVar("Made")


class Scheduler(Protocol):
    """Maps a picklable function over tasks."""

    @property
    def name(self) -> str:
        """The name in `run.json`."""
        ...

    @property
    def workers(self) -> int:
        """How many processes of this machine the driver may use for what comes after the kernel."""
        ...

    def map(self, function: Callable[[Given], Made], tasks: Iterable[Given]) -> Iterator[Made]:
        """`function` of each task, in order."""
        ...


NAMES = ("serial", "processes", "spark")


def scheduler_named(name: str, workers: int = 2) -> Scheduler:
    """The scheduler of that name; `spark` goes by its cluster's address, such as `spark://host:7077`.

    Raises `RefusedError` for an unknown name, and for `spark` without an address.
    """
    if name == "serial":
        from minping_engine.evidence.schedulers.serial import Serial

        return Serial()
    if name == "processes":
        from minping_engine.evidence.schedulers.processes import Processes

        return Processes(workers)
    if name == "spark":
        raise RefusedError.of("evidence.spark_address")
    if name.startswith(("spark:", "local-cluster")):
        from minping_engine.evidence.schedulers.spark import ADDRESS, Spark

        if ADDRESS.fullmatch(name):
            return Spark(name)
    raise RefusedError.of("evidence.unknown_scheduler", name=name, known=", ".join(NAMES))
