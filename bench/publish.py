"""`python -m bench.publish`: a district-quarter from snapshot to publication; a whole year checked offline.

Writes `publish.md` to `bench/results/`. Options: `--quarters 4`, `--out FOLDER`. Aims: assessment, 1,076
cards, bulletin, open data and ledger within 60 s; a year of such quarters checked within 120 s; both with two
processes. Wall time, and processor time of this process and its children: on a busy machine the second says
more. Ballots are the demonstration district's; the log of the year is small, as the product's is.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bench.tables import head, row
from minping_engine.assessment import Result, assess, write_result
from minping_engine.demo import DemoParameters
from minping_engine.evidence import scheduler_named
from minping_engine.proof import Entry, FolderStore
from minping_engine.reporting import OpenDataRound, write_cards, write_open_data, write_papers
from minping_engine.scheme import LoadedScheme, load_scheme
from minping_engine.snapshot import Snapshot, json_sha256, open_snapshot
from minping_engine.verification import verify_year
from tests.engine.proof.logs import KEY, grown
from tests.engine.verification.years import make_year

RESULTS = Path(__file__).resolve().parent / "results"
QUARTERS, PROCESSES = 4, 2
Made = TypeVar("Made")
Seconds = dict[str, tuple[float, float]]


def processor() -> float:
    """Seconds of this process and of the children that ended."""
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def timed(seconds: Seconds, name: str, act: Callable[[], Made]) -> Made:
    """Run once and keep wall and processor time."""
    wall, own = time.perf_counter(), processor()
    made = act()
    seconds[name] = (time.perf_counter() - wall, processor() - own)
    print(f"{name}: {seconds[name][0]:.1f} s, work {seconds[name][1]:.1f} s", flush=True)
    return made


def publish_quarter(seconds: Seconds, snapshot: Snapshot, scheme: LoadedScheme, out: Path) -> int:
    """Everything between the sealed count and the publication; gives how many cards."""
    result: Result = timed(
        seconds, "assessment", lambda: assess(snapshot, scheme, out, scheduler_named("serial"))
    )
    timed(seconds, "result, workbook, bulletin", lambda: _papers(result, scheme, snapshot, out))
    cards = timed(
        seconds, "cards", lambda: write_cards(result, scheme, snapshot, out / "cards", processes=PROCESSES)
    )
    held = OpenDataRound(result, scheme, snapshot)
    timed(seconds, "open data with audit", lambda: write_open_data(held, out / "open-data"))
    timed(seconds, "ledger", lambda: _ledger(result, out / "log"))
    return cards


def _papers(result: Result, scheme: LoadedScheme, snapshot: Snapshot, out: Path) -> None:
    write_result(result, out)
    write_papers(result, scheme, snapshot, out, language="zh")


def _ledger(result: Result, folder: Path) -> None:
    """Result and publication as entries; files, signature, flush."""
    sha256 = bytes.fromhex(json_sha256(result.head))
    entries = [bytes(Entry(kind, f"{kind}/1", sha256)) for kind in ("assessment.result", "publication.made")]
    grown(entries, [1, 2], FolderStore(folder))


def lines_of(seconds: Seconds, cards: int, counts: dict[str, int]) -> list[str]:
    """The page."""
    load = ", ".join(f"{number:.1f}" for number in os.getloadavg())
    published = {name: spent for name, spent in seconds.items() if not name.startswith("a year")}
    total = tuple(sum(part) for part in zip(*published.values(), strict=True))
    rows = [*published.items(), ("together (aim: 60)", total)]
    rows += [(name, spent) for name, spent in seconds.items() if name not in published]
    return [
        "# Measured: publishing a quarter, checking a year",
        "",
        f"{time.strftime('%Y-%m-%d')}; {os.cpu_count()} cores, Python {platform.python_version()}; load of "
        f"the machine at the end: {load}. {cards:,} cards; the year: {counts['ballots']:,} ballots in "
        f"{counts['snapshots']} quarters, {counts['entries']} entries. One run, {PROCESSES} processes. "
        "Seconds. Made by `python -m bench.publish`.",
        "",
        *head(["step"], ["wall", "work"]),
        *(row([name, f"{spent[0]:.1f}", f"{spent[1]:.1f}"]) for name, spent in rows),
        "",
    ]


def measure(out: Path, quarters: int) -> None:
    """Make a year, publish its first quarter once more, check the year."""
    seconds: Seconds = {}
    scheme = load_scheme("gulou-worker", demo=True)
    with tempfile.TemporaryDirectory() as place:
        year = Path(place) / "year"
        print("making a year ...", flush=True)
        make_year(year, quarters=quarters, parameters=DemoParameters())
        snapshot = open_snapshot(sorted((year / "snapshots").iterdir())[0])
        cards = publish_quarter(seconds, snapshot, scheme, Path(place) / "quarter")
        report = timed(
            seconds, "a year checked (aim: 120)",
            lambda: verify_year(year, str(KEY.verifier), processes=PROCESSES),
        )  # fmt: skip
    if not report.is_sound:
        raise RuntimeError(report.problems)
    out.mkdir(parents=True, exist_ok=True)
    (out / "publish.md").write_text("\n".join(lines_of(seconds, cards, dict(report.counts))), "utf-8")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Publish a quarter, check a year.")
    parser.add_argument("--quarters", type=int, default=QUARTERS)
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args()
    measure(asked.out, asked.quarters)


if __name__ == "__main__":
    main()
