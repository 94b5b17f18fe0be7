"""Several districts at once on one machine.

Processes are spawned, never forked: a fork would copy the threads' locks of arrow and DuckDB.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Processes:
    """Runs tasks in a pool of `workers` processes."""

    workers: int = 2
    name: str = "processes"

    def map(self, function: Callable[[Given], Made], tasks: Iterable[Given]) -> Iterator[Made]:
        """`function` of each task, in order."""
        with ProcessPoolExecutor(self.workers, mp_context=get_context("spawn")) as pool:
            yield from pool.map(function, tasks, chunksize=1)
