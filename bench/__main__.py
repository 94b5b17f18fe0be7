"""`make bench`: one district-quarter (322,800 ballots), 10 and 100 of them, beside peers in the same run.

Writes `latest.md` and `latest.json` to `bench/results/`. Options: `--scales 1,10` to leave out the largest,
`--repeats N`, `--no-r` without the peers in R (minutes), `--no-spark`, `--no-product` without the web product
(its page is `product.md`), `--out FOLDER`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.jobs import kept
from bench.measure import Measured, jobs_in_turn, whole_command
from bench.product.__main__ import PAGE_RUNS, UNITS, measure_product
from bench.races import R_NEEDED, has_r, statistics_races
from bench.tables import command_table, growth_table, peer_table, statistics_table

HERE = Path(__file__).resolve().parent
WORK = HERE / "work"
PEERS = ("decode", "scan", "kernel", "kernel_cells", "ours", "ours_bare", "polars", "pandas")
SPARK_PYTHON = HERE.parent / ".venv-spark" / "bin" / "python"
SPARK_NEEDED = (
    "The Spark rows need .venv-spark and Java: run tools/setup.sh spark, tools/system-packages.sh spark."
)
CLUSTER = "local-cluster[2,1,512]"
SPARK_SCALE = 10

Raw = dict[str, object]


def snapshot_of(districts: int, *, small: bool = False) -> Path:
    """A snapshot with that many districts, made once; `small` ones are nearly empty."""
    from minping_engine.demo import DemoParameters, seal_many_districts

    folder = WORK / f"{'small-' if small else ''}districts-{districts}"
    if not (folder / "snapshot.json").is_file():
        print(f"making {districts} district-quarter(s) ...", flush=True)
        folder.parent.mkdir(exist_ok=True)
        seal_many_districts(folder, districts, DemoParameters.small() if small else None)
    return folder


def assess_command(snapshot: Path, *options: str, python: str = sys.executable) -> list[str]:
    """The command a bureau would give."""
    out = WORK / "out"
    shutil.rmtree(out, ignore_errors=True)
    command = [python, "-m", "minping_engine", "assess", "gulou-worker", str(snapshot)]
    return [*command, "-o", str(out), "--demo-values", "--force", *options]


def same_answer(measured: dict[str, Measured]) -> None:
    """Peers must have made the same scores as we, else the race means nothing."""
    ours = measured["ours_bare"].runs[0].check
    for name in ("ours", "polars", "pandas"):
        if abs(measured[name].runs[0].check - ours) > 1e-6:
            sys.exit(f"{name} made another mean: {measured[name].runs[0].check} instead of {ours}")


def repeats_at(scale: int, repeats: int) -> int:
    """Large scales are run less often."""
    return repeats if scale == 1 else min(3, repeats)


def race_passes(scales: Sequence[int], repeats: int, raw: Raw) -> list[str]:
    """Passes over the ballots beside pyarrow, DuckDB, Polars and pandas."""
    lines = []
    for scale in scales:
        runs = repeats_at(scale, repeats)
        measured = jobs_in_turn(PEERS, (snapshot_of(scale),), runs)
        same_answer(measured)
        lines += ["", f"## {scale} district-quarter(s): {322_800 * scale:,} ballots, {runs} run(s)", ""]
        lines += peer_table(measured)
        raw[f"jobs-{scale}"] = {name: asdict(made) for name, made in measured.items()}
    return lines


def race_statistics(repeats: int, raw: Raw, *, with_r: bool) -> list[str]:
    """The statistics beside R and exact references, one district-quarter."""
    lines = ["", f"## Statistics of one district-quarter, ours {repeats} run(s)", ""]
    if with_r and not has_r():
        print(R_NEEDED, flush=True)
        lines += [R_NEEDED, ""]
        with_r = False
    races = statistics_races(snapshot_of(1), WORK / "statistics", repeats, with_r=with_r)
    raw["statistics"] = [asdict(race) for race in races]
    return [*lines, *statistics_table(races)]


def measure_growth(scales: Sequence[int], repeats: int, raw: Raw) -> list[str]:
    """Kernel, chain and papers by scale; report cards of one district only."""
    made: dict[int, dict[str, Measured]] = {}
    for scale in scales:
        snapshot = snapshot_of(scale)
        shutil.rmtree(kept(snapshot), ignore_errors=True)
        made[scale] = jobs_in_turn(("evidence",), (snapshot,), 1)
        made[scale] |= jobs_in_turn(("chain",), (snapshot,), repeats_at(scale, repeats))
        if scale == 1:
            made[scale] |= jobs_in_turn(("papers",), (snapshot,), 1)
        shutil.rmtree(kept(snapshot))
    raw["growth"] = {
        scale: {name: asdict(one) for name, one in steps.items()} for scale, steps in made.items()
    }
    return ["", "## Steps by scale, one process", "", *growth_table(made)]


def measure_commands(scales: Sequence[int], repeats: int, *, with_spark: bool) -> list[Measured]:
    """Whole commands: without papers at every scale, with all papers at one district, on a cluster."""
    commands = []
    for scale in scales:
        scheduler = "serial" if scale == 1 else "processes"
        command = assess_command(snapshot_of(scale), "--no-cards", "--scheduler", scheduler)
        name = f"assess {scale}x, no PDFs, {scheduler}"
        commands.append(whole_command(name, command, repeats_at(scale, repeats)))
    if SPARK_SCALE in scales and with_spark:
        commands += _on_spark(repeats_at(SPARK_SCALE, repeats))
    if 1 in scales:
        command = assess_command(snapshot_of(1))
        commands.append(whole_command("assess 1x with all 1,076 PDFs and 120 merged files", command, 1))
    return commands


def _on_spark(repeats: int) -> list[Measured]:
    """The same job on the cluster, and on it a nearly empty one, which is the start-up."""
    asked = ("--no-cards", "--on", CLUSTER)
    sizes = {
        f"assess {SPARK_SCALE}x, no PDFs, on Spark {CLUSTER}": snapshot_of(SPARK_SCALE),
        "assess one tiny district on the same cluster (its start-up)": snapshot_of(1, small=True),
    }
    return [
        whole_command(
            name,
            assess_command(snapshot, *asked, python=str(SPARK_PYTHON)),
            repeats,
            {"SPARK_LOCAL_IP": "127.0.0.1"},
        )
        for name, snapshot in sizes.items()
    ]


def has_spark() -> bool:
    """Whether the cluster's environment and Java are here."""
    return SPARK_PYTHON.is_file() and shutil.which("java") is not None


def asked_options() -> argparse.Namespace:
    """What the caller wants."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--scales", default="1,10,100")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--no-r", dest="r", action="store_false")
    parser.add_argument("--no-spark", dest="spark", action="store_false")
    parser.add_argument("--no-product", dest="product", action="store_false")
    parser.add_argument("--out", type=Path, default=HERE / "results")
    return parser.parse_args()


def main() -> None:
    """Measure and write the tables."""
    options = asked_options()
    scales = [int(scale) for scale in options.scales.split(",")]
    raw: Raw = {}
    lines = [
        "# Measured",
        "",
        f"{os.cpu_count()} cores, Python {platform.python_version()}; medians, peers in turn in one run.",
        "Made by `make bench`; the machine is shared, so trust ratios before seconds.",
    ]
    lines += race_passes(scales, options.repeats, raw)
    lines += race_statistics(options.repeats, raw, with_r=options.r)
    lines += measure_growth(scales, options.repeats, raw)
    with_spark = options.spark and has_spark()
    commands = measure_commands(scales, options.repeats, with_spark=with_spark)
    lines += ["", "## Whole commands, start-up included", "", *command_table(commands), ""]
    if options.spark and not with_spark:
        lines += [SPARK_NEEDED, ""]
    raw["commands"] = [asdict(made) for made in commands]
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "latest.md").write_text("\n".join(lines), "utf-8")
    (options.out / "latest.json").write_text(json.dumps(raw, indent=1) + "\n", "utf-8")
    print("\n".join(lines))
    if options.product:
        measure_product(options.out, units=UNITS, runs=PAGE_RUNS)


if __name__ == "__main__":
    main()
