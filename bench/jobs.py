"""The jobs that are timed, each run in a process of its own: `python -m bench.jobs JOB SNAPSHOT`.

Prints one JSON line: wall and CPU seconds of the job's body (imports and start-up outside), peak
memory, and a check value by which peers are held to the same answer.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.measure import timed

if TYPE_CHECKING:
    from minping_engine.assessment import Result
    from minping_engine.scheme import LoadedScheme

ITEMS = ("q1", "q2", "q3", "q4", "q5")
COLUMNS = ["target", "stratum", "mode", "randomised", *(f"item_{item}" for item in ITEMS)]
BEHAVIOUR = {1: 20.0, 2: 0.0, 3: 10.0}
STEPS = {code: 5.0 * (code - 1) for code in range(1, 6)}
POINTS = {"q1": BEHAVIOUR, "q2": BEHAVIOUR, "q3": STEPS, "q4": STEPS, "q5": STEPS}


def parts_of(snapshot: Path) -> list[Path]:
    """Ballot files of a snapshot."""
    return sorted(snapshot.glob("ballots/*/*/*.parquet"))


def decode(snapshot: Path) -> float:
    """The floor: the needed columns decoded by pyarrow, one thread."""
    import pyarrow.parquet as pq

    rows = 0
    for part in parts_of(snapshot):
        rows += pq.read_table(part, columns=COLUMNS, use_threads=False, partitioning=None).num_rows
    return float(rows)


def scan(snapshot: Path) -> float:
    """DuckDB merely scanning and summing the needed columns, one thread."""
    import duckdb

    total = 0
    with duckdb.connect(config={"threads": 1}) as connection:
        for part in parts_of(snapshot):
            sums = ", ".join(f"sum({column})" for column in COLUMNS)
            row = connection.execute(f"SELECT count(*), {sums} FROM '{part}'").fetchone()
            total += row[0] if row else 0
    return float(total)


def _kernel(snapshot: Path, scheme: LoadedScheme) -> float:
    from minping_engine.assessment.chain import make_plan
    from minping_engine.evidence.kernel import Task, reduce_part
    from minping_engine.snapshot import open_snapshot

    spec = make_plan(scheme, open_snapshot(snapshot, verify=False)).spec
    kept = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, part in enumerate(parts_of(snapshot)):
            home = reduce_part(Task(part, "", spec, Path(folder) / str(number)))
            kept += json.loads((home / "manifest.json").read_text())["kept"]
    return float(kept)


def kernel(snapshot: Path) -> float:
    """Our kernel for plain means: target x mode sums of six variables, Parquet written."""
    return _kernel(snapshot, _scheme().with_fairness(None))


def kernel_cells(snapshot: Path) -> float:
    """Our kernel as the scheme asks: divided by cell variables, with answer counts and cross-products."""
    return _kernel(snapshot, _scheme())


def pandas_job(snapshot: Path) -> float:
    """The same scores with pandas: points, pro-rated totals, means and standard errors by target."""
    import pandas as pd

    frames = []
    for part in parts_of(snapshot):
        ballots = pd.read_parquet(part, columns=COLUMNS, partitioning=None)
        points = pd.DataFrame({item: ballots[f"item_{item}"].map(POINTS[item]) for item in ITEMS})
        answered = points.notna().sum(axis=1)
        bad = sum((ballots[f"item_{item}"].notna() & points[item].isna()) for item in ITEMS)
        keep = (bad == 0) & (answered >= 4) & (ballots["mode"] != 7)
        total = np.floor(points.sum(axis=1) * 5000 / answered + 0.5) / 1000
        wide = points.assign(total=total, target=ballots["target"])[keep]
        frames.append(wide.groupby("target").agg(["count", "mean", "sem"]))
    scores = pd.concat(frames)
    return float(scores[("total", "mean")].mean())


def polars_job(snapshot: Path) -> float:
    """The same with Polars, two threads."""
    import polars as pl

    frames = []
    for part in parts_of(snapshot):
        points = [
            pl.col(f"item_{item}")
            .replace_strict(POINTS[item], default=None, return_dtype=pl.Float64)
            .alias(item)
            for item in ITEMS
        ]
        wide = (
            pl.scan_parquet(part, hive_partitioning=False)
            .filter(pl.col("mode") != 7)
            .with_columns(points)
            .with_columns(
                answered=pl.sum_horizontal(pl.col(item).is_not_null() for item in ITEMS),
                given=pl.sum_horizontal(pl.col(f"item_{item}").is_not_null() for item in ITEMS),
                got=pl.sum_horizontal(ITEMS),
            )
            .filter((pl.col("answered") >= 4) & (pl.col("answered") == pl.col("given")))
            .with_columns(total=(pl.col("got") * 5000 / pl.col("answered") + 0.5).floor() / 1000)
        )
        names = (*ITEMS, "total")
        frames.append(
            wide.group_by("target")
            .agg(
                *(pl.col(name).count().alias(f"n_{name}") for name in names),
                *(pl.col(name).mean().alias(f"mean_{name}") for name in names),
                *((pl.col(name).std() / pl.col(name).count().sqrt()).alias(f"se_{name}") for name in names),
            )
            .collect()
        )
    return float(pl.concat(frames)["mean_total"].mean())


def ours(snapshot: Path) -> float:
    """Our whole run without papers, as the scheme asks: evidence, estimates, the fair chain, trace."""
    with tempfile.TemporaryDirectory() as folder:
        return _mean_total(_assessed(snapshot, _scheme(), Path(folder)))


def ours_bare(snapshot: Path) -> float:
    """The same without the scheme's part `fairness`: plain means with their errors."""
    with tempfile.TemporaryDirectory() as folder:
        return _mean_total(_assessed(snapshot, _scheme().with_fairness(None), Path(folder)))


def evidence(snapshot: Path) -> float:
    """The pass over the ballots alone, left in a folder for the job `chain`."""
    from minping_engine.assessment.chain import make_plan
    from minping_engine.evidence import collect_evidence, scheduler_named
    from minping_engine.snapshot import open_snapshot

    opened = open_snapshot(snapshot, verify=False)
    spec, folder = make_plan(_scheme(), opened).spec, kept(snapshot) / "trace" / "evidence"
    return float(collect_evidence(opened, spec, folder, scheduler_named("serial")).rows)


def chain(snapshot: Path) -> float:
    """What follows the kernel: estimates, the fair chain and tables from sums made before, written."""
    from minping_engine.assessment import write_result

    result = _assessed(snapshot, _scheme(), kept(snapshot))
    write_result(result, kept(snapshot))
    return _mean_total(result)


def papers(snapshot: Path) -> float:
    """All report cards of a result made before; two processes."""
    from minping_engine.assessment import read_result
    from minping_engine.reporting import write_cards
    from minping_engine.snapshot import open_snapshot

    with tempfile.TemporaryDirectory() as folder:
        opened = open_snapshot(snapshot, verify=False)
        return float(write_cards(read_result(kept(snapshot)), _scheme(), opened, Path(folder)))


def kept(snapshot: Path) -> Path:
    """Where evidence and result of a snapshot are kept between jobs of a run."""
    return snapshot.with_name(f"kept-{snapshot.name}")


def _scheme() -> LoadedScheme:
    from minping_engine.scheme import load_scheme

    return load_scheme("gulou-worker", demo=True)


def _assessed(snapshot: Path, scheme: LoadedScheme, folder: Path) -> Result:
    from minping_engine.assessment import assess
    from minping_engine.evidence import scheduler_named
    from minping_engine.snapshot import open_snapshot

    return assess(open_snapshot(snapshot, verify=False), scheme, folder, scheduler_named("serial"))


def _mean_total(result: Result) -> float:
    import pyarrow.compute as pc

    sums = result["trace/targets"].filter(pc.equal(result["trace/targets"]["variable"], "total"))
    by_target = sums.group_by("target").aggregate([("n", "max"), ("s", "max")]).filter(pc.field("n_max") > 0)
    return float(np.mean(by_target["s_max"].to_numpy() / by_target["n_max"].to_numpy() / 1000))


JOBS: dict[str, Callable[[Path], float]] = {
    "decode": decode,
    "scan": scan,
    "kernel": kernel,
    "kernel_cells": kernel_cells,
    "ours": ours,
    "ours_bare": ours_bare,
    "polars": polars_job,
    "pandas": pandas_job,
    "evidence": evidence,
    "chain": chain,
    "papers": papers,
}
RUN_ONCE = ("evidence", "papers")
"""Not warmed up: a second time there is nothing to do, or it takes as long again."""


def main() -> None:
    """Run one job once to warm the file cache's and libraries' first calls, then timed."""
    name, snapshot = sys.argv[1], Path(sys.argv[2])
    if len(parts_of(snapshot)) == 1 and name not in RUN_ONCE:
        JOBS[name](snapshot)
    timed(lambda: JOBS[name](snapshot), float)


if __name__ == "__main__":
    main()
