"""Running a command or a job several times, by the operating system's own accounting."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Made = TypeVar("Made")


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


def timed(body: Callable[[], Made], check: Callable[[Made], float]) -> Made:
    """Run the body of a job and print one line of JSON about it; `check` is what peers must agree on."""
    wall, cpu = time.perf_counter(), time.process_time()
    made = body()
    seconds = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps({**seconds, "peak_mb": max(_own_peak(), children) / 1024, "check": check(made)}))
    return made


def _own_peak() -> int:
    """Peak memory of this process in KB, without that of the process that started it."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def whole_command(
    name: str, command: Sequence[str], repeats: int, settings: Mapping[str, str] | None = None
) -> Measured:
    """A command from its start to its end; start-up included. `settings` join the environment."""
    return Measured(name, tuple(_whole(command, settings or {})[0] for _ in range(repeats)))


def r_job(script: Path, name: str, folder: Path) -> Measured:
    """A job in R, once: seconds as R measured them, memory of the whole process."""
    whole, told = _whole(["Rscript", str(script), name, str(folder)], {})
    seconds = json.loads(told)
    return Measured(name, (Run(seconds["wall"], seconds["cpu"], whole.peak_mb, seconds["check"]),))


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Ours with `settings`; without the switch by which Python would compile its modules at every start."""
    return {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {
        **settings
    }


def _whole(command: Sequence[str], settings: Mapping[str, str]) -> tuple[Run, str]:
    """One run through `launch.py`, and what it printed; ends the bench where it fails."""
    with tempfile.TemporaryDirectory() as folder:
        usage = Path(folder) / "usage.json"
        launched = subprocess.run(
            [sys.executable, "-S", str(LAUNCH), str(usage), *command],
            capture_output=True,
            env=environment(settings),
            check=False,
        )
        if launched.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{launched.stderr.decode()}")
        return Run(**json.loads(usage.read_text("utf-8"))), launched.stdout.decode()


LAUNCH = Path(__file__).with_name("launch.py")
PEERS_PYTHON = Path(__file__).resolve().parents[1] / ".venv-bench" / "bin" / "python"
"""Peers have an environment of their own: where pandas is installed, arrow loads it at start-up."""


def jobs_in_turn(
    names: Sequence[str], places: Sequence[Path], repeats: int, module: str = "bench.jobs"
) -> dict[str, Measured]:
    """Each job in a process of its own, in turn A B C A B C, so that drift of the machine hits all."""
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for _ in range(repeats):
        for name in names:
            python = str(PEERS_PYTHON) if name in ("pandas", "polars") else sys.executable
            _, told = _whole([python, "-m", module, name, *map(str, places)], {})
            runs[name].append(Run(**json.loads(told)))
    return {name: Measured(name, tuple(made)) for name, made in runs.items()}
