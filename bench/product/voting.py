"""`python -m bench.product.voting`: what a vote takes, and issuing and closing a round of full size.

Writes the section "The vote" of `bench/results/product.md` and `vote.json` beside it; part of
`python -m bench.product`. Options: `--units 322800`, `--runs 3`, `--databases postgresql,sqlite`, `--out`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.measure import environment
from bench.product.votes import DEVICES, OPEN_VOTES, PER_SECOND, VOTES, measure_votes
from bench.product.world import DATABASES, deployment
from bench.tables import head, put_section, row

UNITS, RUNS = 322_800, 3
RESULTS = Path(__file__).resolve().parents[1] / "results"
TITLE = "## The vote"
Raw = dict[str, dict[str, list[dict[str, Any]]]]


def measure_voting(
    out: Path, databases: Sequence[str] = DATABASES, *, units: int = UNITS, runs: int = RUNS
) -> None:
    """Measure, and put the section at the end of the page."""
    made: Raw = {database: _in_own_process(database, units, runs) for database in databases}
    out.mkdir(parents=True, exist_ok=True)
    (out / "vote.json").write_text(json.dumps(made, indent=1) + "\n", "utf-8")
    lines = lines_of(made, runs)
    put_section(out / "product.md", TITLE, lines)
    print("\n".join(lines))


def _in_own_process(database: str, units: int, runs: int) -> dict[str, list[dict[str, Any]]]:
    print(f"votes on {database} ...", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "made.json"
        command = [sys.executable, "-W", "ignore", "-m", "bench.product.voting"]
        asked = ["--job", database, "--units", str(units), "--runs", str(runs), "--out", str(out)]
        subprocess.run([*command, *asked], check=True, env=environment({"MINPING_STATIC": "plain"}))
        made: dict[str, list[dict[str, Any]]] = json.loads(out.read_text("utf-8"))
    return made


def _job(database: str, out: Path, units: int, runs: int) -> None:
    """One database."""
    from bench.product.big_round import measure_big_round

    made = {}
    with deployment(database) as folder:
        made["votes"] = measure_votes(folder, os.environ["DATABASE_URL"], runs)
        if units:
            made["round"] = measure_big_round(folder, units)
    out.write_text(json.dumps(made), "utf-8")


def lines_of(made: Raw, runs: int) -> list[str]:
    """The section."""
    load = ", ".join(f"{number:.1f}" for number in os.getloadavg())
    return [
        TITLE,
        "",
        f"{time.strftime('%Y-%m-%d')}, load of the machine at the end: {load}; {runs} run(s). A complete "
        "vote is the page and a submission that is durable when it is thanked for, through the server that "
        "`minping serve` starts (one process), PostgreSQL with its ordinary, durable settings. *Work* is "
        "processor time of that process and of the database's processes, least of all runs in brackets. "
        f"Saturated: {DEVICES} devices, {VOTES:,} votes; open: {PER_SECOND:.0f} pages and "
        f"{PER_SECOND:.0f} submissions begin each second, {OPEN_VOTES:,} votes. The load runs on the same "
        "cores. *Floor*: a bare program on the same server and database, a static form and one durable "
        "insert of as many bytes, in the same run. Aim on PostgreSQL: work at most 5 ms, at least 200 a "
        "second on 2 cores, 95 % of answers within 200 ms.",
        "",
        *_votes_table(made),
        "",
        "Measured for the project on another day, not in this run: LimeSurvey 6.4.2 some 180 ms of "
        "processor time for a page and its submission, 955 queries for the page; ODK Central 4 to 9 ms "
        "without a page.",
        "",
        *_round_table(made),
        "",
    ]


def _votes_table(made: Raw) -> list[str]:
    columns = [
        "work ms", "of it database", "times the floor", "votes a second", "p50 ms", "p95 ms",
    ]  # fmt: skip
    lines = head(["complete votes"], columns)
    for database, parts in made.items():
        found = {one["name"]: one for one in parts["votes"]}
        for name, one in found.items():
            floor = found[f"floor, {name.partition(', ')[2]}"]
            ratio = _median(one["work_ms"]) / _median(floor["work_ms"])
            lines.append(row([
                f"{name}, {database}", f"{_median(one['work_ms']):.1f} ({min(one['work_ms']):.1f})",
                f"{one['server_ms']:.1f}", f"{ratio:.1f}", f"{one['per_second']:.0f}",
                f"{one['p50_ms']:.0f}", f"{one['p95_ms']:.0f}",
            ]))  # fmt: skip
    return lines


def _round_table(made: Raw) -> list[str]:
    if not any("round" in parts for parts in made.values()):
        return []
    lines = head(["a round (aims: issue under 60 s, close under 120 s)"], ["wall s", "work s", "memory MB"])
    for database, parts in made.items():
        for one in parts.get("round", []):
            memory = "" if one["memory"] is None else f"{one['memory']:.0f}"
            lines.append(
                row([f"{one['name']}, {database}", f"{one['wall']:.1f}", f"{one['work']:.1f}", memory])
            )
    return lines


def _median(numbers: Sequence[float]) -> float:
    ordered = sorted(numbers)
    return ordered[len(ordered) // 2]


def main() -> None:
    """Measure as asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.product.voting")
    parser.add_argument("--units", type=int, default=UNITS, help="0 = no round of full size")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--databases", default=",".join(DATABASES))
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--job", default="", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.job:
        _job(asked.job, asked.out, asked.units, asked.runs)
    else:
        measure_voting(asked.out, asked.databases.split(","), units=asked.units, runs=asked.runs)


if __name__ == "__main__":
    main()
