"""Real quarters of the small demonstration district: folders with snapshots and results."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from minping_engine.assessment import Result, assess, earlier_tables, write_result
from minping_engine.demo import QUARTERS, DemoParameters, make_district, seal_quarter
from minping_engine.evidence import scheduler_named
from minping_engine.scheme import LoadedScheme, load_scheme
from minping_engine.snapshot import Snapshot, open_snapshot


@dataclass(frozen=True)
class Quarters:
    """Results in order, each with its snapshot."""

    folder: Path
    scheme: LoadedScheme
    results: tuple[Result, ...]
    snapshots: tuple[Snapshot, ...]

    @property
    def result_folders(self) -> list[Path]:
        return [self.folder / "results" / result.period for result in self.results]


def small_quarters(folder: Path, count: int = 2, seed: int = 2019) -> Quarters:
    """The last `count` quarters of the small district."""
    scheme, results, snapshots = load_scheme("gulou-worker", demo=True), [], []
    district = make_district(DemoParameters.small(), seed)
    for quarter in QUARTERS[-count:]:
        seal_quarter(district, quarter, folder / "snapshots" / quarter, earlier_tables(results))
        snapshot = open_snapshot(folder / "snapshots" / quarter, verify=False)
        out = folder / "results" / quarter
        out.mkdir(parents=True)
        result = assess(snapshot, scheme, out, scheduler_named("serial", 1), clock=lambda: 0.0)
        write_result(result, out)
        results.append(result)
        snapshots.append(snapshot)
    return Quarters(folder, scheme, tuple(results), tuple(snapshots))
