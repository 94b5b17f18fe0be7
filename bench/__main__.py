"""`make bench`: one district-quarter (322,800 ballots), 10 and 100 of them, and all report cards.

Writes `bench/results/latest.md` and `.json`. Options: `--scales 1,10` to leave out the largest,
`--repeats N`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from bench.measure import Measured, jobs_in_turn, whole_command

HERE = Path(__file__).resolve().parent
PEERS = ("decode", "scan", "kernel", "kernel_cells", "ours", "polars", "pandas")
ABOUT = {
    "decode": "pyarrow decodes the needed columns (the floor)",
    "scan": "DuckDB merely scans and sums them",
    "kernel": "**our kernel**, as the scheme asks (target x mode)",
    "kernel_cells": "our kernel, divided by all cell variables",
    "ours": "**our run without papers** (scores, items, groups, trace)",
    "polars": "Polars, the same scores",
    "pandas": "pandas, the same scores",
}


def snapshot_of(districts: int) -> Path:
    """A snapshot with that many districts, made once."""
    from minping_engine.demo import seal_many_districts

    folder = HERE / "work" / f"districts-{districts}"
    if not (folder / "snapshot.json").is_file():
        print(f"making {districts} district-quarter(s) ...", flush=True)
        folder.parent.mkdir(exist_ok=True)
        seal_many_districts(folder, districts)
    return folder


def assess_command(snapshot: Path, *options: str) -> list[str]:
    """The command a bureau would give."""
    out = HERE / "work" / "out"
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "minping_engine", "assess", "gulou-worker", str(snapshot)]
    return [*command, "-o", str(out), "--demo-values", "--force", *options]


def row(cells: list[str]) -> str:
    """A line of a table."""
    return "| " + " | ".join(cells) + " |"


def peer_table(measured: dict[str, Measured]) -> list[str]:
    """Peers of one scale, with the ratio of CPU to the floor and to us."""
    floor, ours = measured["decode"].median("cpu"), measured["ours"].median("cpu")
    lines = [
        row(["job", "wall s", "CPU s", "CPU / floor", "CPU / ours", "peak MB"]),
        row(["---"] + ["---:"] * 5),
    ]
    for name, made in measured.items():
        cpu = made.median("cpu")
        figures = [f"{made.median('wall'):.3f}", f"{cpu:.3f}", f"{cpu / floor:.1f}", f"{cpu / ours:.2f}"]
        lines.append(row([ABOUT[name], *figures, f"{made.median('peak_mb'):.0f}"]))
    return lines


def command_table(measured: list[Measured]) -> list[str]:
    """Whole commands, start-up included."""
    lines = [
        row(["command", "wall s", "min", "max", "CPU s", "peak MB (largest process)"]),
        row(["---"] + ["---:"] * 5),
    ]
    for made in measured:
        walls = [run.wall for run in made.runs]
        figures = [made.median("wall"), min(walls), max(walls), made.median("cpu")]
        lines.append(
            row([made.name, *(f"{figure:.2f}" for figure in figures), f"{made.median('peak_mb'):.0f}"])
        )
    return lines


def same_answer(measured: dict[str, Measured]) -> None:
    """Peers must have made the same scores as we, else the race means nothing."""
    ours = measured["ours"].runs[0].check
    for name in ("polars", "pandas"):
        if abs(measured[name].runs[0].check - ours) > 1e-6:
            sys.exit(f"{name} made another mean: {measured[name].runs[0].check} instead of {ours}")


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--scales", default="1,10,100")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    scales = [int(scale) for scale in options.scales.split(",")]
    lines = [
        "# Measured",
        "",
        f"{os.cpu_count()} cores, Python {platform.python_version()}; medians, peers in turn in one run.",
        "Made by `make bench`; the machine is shared, so trust ratios before seconds.",
    ]
    raw: dict[str, object] = {}
    commands: list[Measured] = []
    for scale in scales:
        snapshot = snapshot_of(scale)
        repeats = options.repeats if scale == 1 else min(3, options.repeats)
        names = PEERS if scale < 100 else ("decode", "scan", "kernel", "ours", "polars", "pandas")
        measured = jobs_in_turn(names, snapshot, repeats)
        same_answer(measured)
        lines += ["", f"## {scale} district-quarter(s): {322_800 * scale:,} ballots, {repeats} run(s)", ""]
        lines += peer_table(measured)
        raw[f"jobs-{scale}"] = {name: asdict(made) for name, made in measured.items()}
        scheduler = "serial" if scale == 1 else "processes"
        command = assess_command(snapshot, "--no-cards", "--scheduler", scheduler)
        commands.append(whole_command(f"assess {scale}x, no PDFs, {scheduler}", command, repeats))
    if 1 in scales:
        command = assess_command(snapshot_of(1))
        commands.append(whole_command("assess 1x with all 1,076 PDFs and 120 merged files", command, 3))
    lines += ["", "## Whole commands, start-up included", "", *command_table(commands), ""]
    raw["commands"] = [asdict(made) for made in commands]
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / "latest.md").write_text("\n".join(lines), "utf-8")
    (results / "latest.json").write_text(json.dumps(raw, indent=1) + "\n", "utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
