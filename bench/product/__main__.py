"""`python -m bench.product`: import, pages, ledger, vote and publishing of the product; part of `make bench`.

Writes `product.md` and `product.json` to `bench/results/`. Options: `--units 400000`, `--runs 15` (per
page), `--databases postgresql,sqlite`, `--out FOLDER`. Needs PostgreSQL's server programs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.measure import environment
from bench.product.job import ENTRIES, IMPORT_RUNS, LEDGER_RUNS
from bench.product.meter import Figure, figure_of
from bench.product.pages import AIM_MS
from bench.product.publishing import measure_publishing
from bench.product.tables import entry_table, page_table, seconds_table
from bench.product.voting import measure_voting
from bench.product.world import DATABASES

UNITS, PAGE_RUNS = 400_000, 15
RESULTS = Path(__file__).resolve().parents[1] / "results"
Raw = dict[str, dict[str, list[dict[str, Any]]]]


def measure_all(databases: Sequence[str], units: int, runs: int) -> Raw:
    """Each database in a process of its own, one after the other."""
    made: Raw = {}
    with tempfile.TemporaryDirectory() as folder:
        for database in databases:
            print(f"product on {database} ...", flush=True)
            out = Path(folder) / f"{database}.json"
            command = [sys.executable, "-m", "bench.product.job", database, str(out), str(units), str(runs)]
            subprocess.run(command, check=True, env=environment({}))
            made[database] = json.loads(out.read_text("utf-8"))
    return made


def lines_of(made: Raw, units: int, runs: int) -> list[str]:
    """The page."""
    load = ", ".join(f"{number:.1f}" for number in os.getloadavg())
    return [
        "# Measured: the product",
        "",
        f"{time.strftime('%Y-%m-%d')}; {os.cpu_count()} cores, {_processor()}, "
        f"Python {platform.python_version()}; load of the machine at the end: {load}. Medians.",
        "Made by `python -m bench.product` (part of `make bench`). *Work* is processor time of our "
        "process and of the database's process together; a machine that others use inflates it, too. "
        "*Wall* is what the clock said on a machine that others use as well.",
        "",
        f"## A frame of {units:,} units, {IMPORT_RUNS} run(s)",
        "",
        *seconds_table(_part(made, "import")),
        "",
        f"## Pages of the full district, {runs} run(s) each",
        "",
        f"Server time of a warm process, Django's test client; aim: at most {AIM_MS} ms. "
        "Bold: even the least work of all runs is more.",
        "",
        *page_table(_part(made, "pages")),
        "",
        f"## Ledger, {ENTRIES:,} entries, {LEDGER_RUNS} run(s)",
        "",
        *entry_table(_part(made, "ledger"), ENTRIES),
        "",
    ]


def _part(made: Raw, part: str) -> Mapping[str, Sequence[Figure]]:
    return {database: [figure_of(one) for one in parts[part]] for database, parts in made.items()}


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def measure_product(out: Path, databases: Sequence[str] = DATABASES, *, units: int, runs: int) -> None:
    """Measure and write the page."""
    made = measure_all(databases, units, runs)
    out.mkdir(parents=True, exist_ok=True)
    lines = lines_of(made, units, runs)
    (out / "product.md").write_text("\n".join([*lines, ""]), "utf-8")
    (out / "product.json").write_text(json.dumps(made, indent=1) + "\n", "utf-8")
    print("\n".join(lines))
    measure_voting(out, databases)
    measure_publishing(out, databases)


def main() -> None:
    """Measure as asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.product")
    parser.add_argument("--units", type=int, default=UNITS)
    parser.add_argument("--runs", type=int, default=PAGE_RUNS)
    parser.add_argument("--databases", default=",".join(DATABASES))
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args()
    measure_product(asked.out, asked.databases.split(","), units=asked.units, runs=asked.runs)


if __name__ == "__main__":
    main()
