"""Complete votes through the real server: open the link, send the form, be thanked when it is durable.

In: a migrated deployment. Out: per load the processor time of a complete vote (all threads of the serving
process, and every process of the database), the rate, and latencies, beside a bare program that renders a
static form and inserts one row on the same server and database. What the load itself takes is not counted,
but it runs on the same cores.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VOTES, DEVICES = 1500, 16
OPEN_VOTES, PER_SECOND, PAUSE = 700, 33.0, 3.0
WARM = 200
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class VoteFigure:
    """One load on one program."""

    name: str
    votes: int
    seconds: float
    own: float
    """Processor seconds of the serving process."""
    server: float
    """Processor seconds of the database's processes."""
    page: list[float]
    submit: list[float]

    @property
    def rate(self) -> float:
        """Complete votes a second."""
        return self.votes / self.seconds

    def at(self, share: float) -> float:
        """This quantile of all answers, pages and submissions, in seconds."""
        times = sorted(self.page + self.submit)
        return times[min(len(times) - 1, int(share * len(times)))]

    @property
    def per_vote(self) -> float:
        """Processor seconds of one complete vote."""
        return (self.own + self.server) / self.votes


def measure_votes(folder: Path, address: str, runs: int) -> list[dict[str, Any]]:
    """The floor and the vote in turn, saturated and under the load of an evening."""
    from bench.product.floor_server import make_table

    make_table(address)
    tokens = iter(_tokens(runs * (VOTES + OPEN_VOTES) + 2 * runs * WARM))
    made: dict[str, list[VoteFigure]] = {}
    for _ in range(runs):
        for name, command in (("floor", ["bench.product.floor_server", "{fd}", address]),
                              ("vote", ["minping_web.site.processes", "pages", "{fd}"])):  # fmt: skip
            with served(folder, command) as running:
                _one_load(folder, running, _taken(tokens, name, WARM), {"devices": DEVICES})
                for load, plan, votes in (
                    ("saturated", {"devices": DEVICES}, VOTES),
                    ("open", {"per_second": PER_SECOND, "pause": PAUSE}, OPEN_VOTES),
                ):
                    found = _one_load(folder, running, _taken(tokens, name, votes), plan)
                    made.setdefault(f"{name}, {load}", []).append(found)
    return [_summed(name, figures) for name, figures in made.items()]


def _taken(tokens: Iterator[str], name: str, number: int) -> list[str]:
    """Fresh ones for the vote; the floor knows none."""
    return ["x"] * number if name == "floor" else [next(tokens) for _ in range(number)]


def _tokens(number: int) -> Sequence[str]:
    from tests.web import factories
    from tests.web.rounds.factory import open_round

    district = factories.small_district()
    ready = open_round(district, n=-(-number // len(district.responsibility_areas)))
    return ready.all_tokens


@dataclass(frozen=True)
class Running:
    """A serving process and its port."""

    pid: int
    port: int


@contextmanager
def served(folder: Path, command: Sequence[str]) -> Iterator[Running]:
    """Start a module as a server on a socket of its own, until the end of the block."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
        handle = listening.fileno()
        words = [word.replace("{fd}", str(handle)) for word in command]
        process = subprocess.Popen([sys.executable, "-m", *words], pass_fds=(handle,))
        try:
            yield Running(process.pid, listening.getsockname()[1])
        finally:
            process.terminate()
            process.wait()


def _one_load(folder: Path, running: Running, tokens: list[str], plan: dict[str, Any]) -> VoteFigure:
    """Carry out one load and read the accounts before and after."""
    asked, told = folder / "plan.json", folder / "told.json"
    asked.write_text(
        json.dumps({"host": "127.0.0.1", "port": running.port, "tokens": tokens, **plan}), "utf-8"
    )
    before = _processor_seconds(running.pid), _database_seconds()
    subprocess.run([sys.executable, "-m", "bench.product.load", str(asked), str(told)], check=True)
    own, server = _processor_seconds(running.pid) - before[0], _database_seconds() - before[1]
    found = json.loads(told.read_text("utf-8"))
    return VoteFigure("", len(tokens), found["seconds"], own, server, found["page"], found["submit"])


def _processor_seconds(pid: int) -> float:
    """User and system time of a process with all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def _database_seconds() -> float:
    """Of every process of the cluster, those that ended included; 0 for SQLite, which works in ours."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    connection.ensure_connection()
    postmaster = int(_parent(connection.connection.info.backend_pid))
    while True:
        children = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
        living = [pid for pid in children if _parent(pid) == postmaster]
        with suppress(FileNotFoundError):  # one ended meanwhile (autovacuum): its time moved, count again
            return sum([_processor_seconds(pid) for pid in living]) + _ended(postmaster)


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _ended(pid: int) -> float:
    """Time of children that ended and were waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / TICK


def _summed(name: str, runs: Sequence[VoteFigure]) -> dict[str, Any]:
    """Medians over the runs; the least processor time, since others can only add to it."""
    return {
        "name": name,
        "runs": len(runs),
        "work_ms": [round(run.per_vote * 1000, 3) for run in runs],
        "own_ms": statistics.median(run.own / run.votes * 1000 for run in runs),
        "server_ms": statistics.median(run.server / run.votes * 1000 for run in runs),
        "per_second": statistics.median(run.rate for run in runs),
        "p50_ms": statistics.median(run.at(0.5) * 1000 for run in runs),
        "p95_ms": statistics.median(run.at(0.95) * 1000 for run in runs),
    }
