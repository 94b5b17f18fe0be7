"""Running a command or a job several times, by the operating system's own accounting."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """One run: seconds, and the largest process's memory in MB."""

    wall: float
    cpu: float
    peak_mb: float
    check: float = 0.0


@dataclass(frozen=True)
class Measured:
    """Several runs of one thing."""

    name: str
    runs: tuple[Run, ...]

    def median(self, figure: str) -> float:
        """Median of a figure over the runs."""
        return statistics.median(float(getattr(run, figure)) for run in self.runs)


def whole_command(name: str, command: Sequence[str], repeats: int) -> Measured:
    """A command from its start to its end; start-up included."""
    return Measured(name, tuple(_whole(command) for _ in range(repeats)))


def _whole(command: Sequence[str]) -> Run:
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    if status:
        sys.exit(f"{' '.join(command)} failed:\n{errors.decode()}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


PEERS_PYTHON = Path(__file__).resolve().parents[1] / ".venv-bench" / "bin" / "python"
"""Peers have an environment of their own: where pandas is installed, arrow loads it at start-up."""


def jobs_in_turn(names: Sequence[str], snapshot: Path, repeats: int) -> dict[str, Measured]:
    """Each job in a process of its own, in turn A B C A B C, so that drift of the machine hits all."""
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for _ in range(repeats):
        for name in names:
            python = str(PEERS_PYTHON) if name in ("pandas", "polars") else sys.executable
            out = subprocess.run(
                [python, "-m", "bench.jobs", name, str(snapshot)], check=True, capture_output=True
            )
            runs[name].append(Run(**json.loads(out.stdout)))
    return {name: Measured(name, tuple(made)) for name, made in runs.items()}
