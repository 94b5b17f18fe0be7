"""The default for one district: here, now, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Serial:
    """Runs tasks in this process."""

    name: str = "serial"
    workers: int = 1

    def map(self, function: Callable[[Given], Made], tasks: Iterable[Given]) -> Iterator[Made]:
        """`function` of each task, in order."""
        return map(function, tasks)
