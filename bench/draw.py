"""`python -m bench.draw`: the draw of a district, from the frame's list to its check by an outsider.

Writes `draw.md` to `bench/results/`. Options: `--areas 1076`, `--units 430000`, `--runs 3`, `--out FOLDER`.
Aim: list, root and draw of 1,076 areas under 10 s. The floor is what no draw by keyed hash can do without:
one HMAC per unit. Figures are seconds, wall and of this process's processor time, medians.
"""

from __future__ import annotations

import argparse
import hmac
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from bench.tables import head, row
from minping_engine.sampling import (
    Design,
    DrawnValue,
    DrawSteps,
    FrameList,
    FrameUnit,
    NamedSeed,
    Stratum,
    draw_by_plan,
    plan_draw,
    write_draw,
)
from minping_engine.terms import Mode
from minping_engine.verification import verify_draw

AREAS, UNITS, RUNS, PER_AREA, AIM_S = 1076, 430_000, 3, 300, 10
RESULTS = Path(__file__).resolve().parent / "results"
NAMED = NamedSeed(
    source="bench", drawn_on=date(2026, 1, 1), form="######", fallback="dice", fallback_form="######"
)
DESIGN = Design(
    n=PER_AREA,
    strata=(Stratum(id="ordinary", share=4), Stratum(id="special", share=1)),
    modes=(Mode.SMS, Mode.VISIT),
    randomised_percent=20,
)
DRAWN_STEPS = ("root, list and plan", "draw, modes, digest")
Seconds = dict[str, tuple[float, float]]
Made = TypeVar("Made")


def frame_of(areas: int, units: int) -> list[FrameUnit]:
    """Units with random-looking ids; one in nine is special, one in seven rests."""
    return [
        FrameUnit(
            sha256(b"%d" % number).hexdigest()[:32],
            f"A{number % areas:05}",
            "ordinary" if number % 9 else "special",
            number % 7 == 0,
            sha256(b"c%d" % number).digest(),
        )
        for number in range(units)
    ]


def timed(seconds: Seconds, name: str, act: Callable[[], Made]) -> Made:
    """Run once and keep the seconds."""
    wall, own = time.perf_counter(), time.process_time()
    made = act()
    seconds[name] = (time.perf_counter() - wall, time.process_time() - own)
    return made


def one_run(rows: list[FrameUnit], folder: Path) -> Seconds:
    """All steps once."""
    seconds: Seconds = {}
    timed(seconds, "floor: one HMAC per unit", lambda: _hashes(rows))
    frame = timed(seconds, "columns of the list", lambda: FrameList.of(rows))
    plan = timed(seconds, DRAWN_STEPS[0], lambda: plan_draw(frame, DESIGN, NAMED))
    value = DrawnValue(value="071115")
    outcome, draw = timed(seconds, DRAWN_STEPS[1], lambda: draw_by_plan(plan, frame, value))
    timed(seconds, "write", lambda: write_draw(folder, (plan, outcome, DrawSteps()), frame, draw))
    report = timed(seconds, "an outsider reads and redoes it", lambda: verify_draw(folder))
    if not report.is_sound:
        raise RuntimeError(report.problems)
    return seconds


def _hashes(rows: list[FrameUnit]) -> None:
    for unit in rows:
        hmac.digest(bytes(32), unit.unit.encode(), "sha256")


def lines_of(runs: list[Seconds], areas: int, units: int) -> list[str]:
    """The page."""
    load = ", ".join(f"{number:.1f}" for number in os.getloadavg())
    total = [tuple(sum(run[name][part] for name in DRAWN_STEPS) for part in (0, 1)) for run in runs]
    named = {name: [run[name] for run in runs] for name in runs[0]}
    named[f"**plan and draw** (aim: under {AIM_S} s)"] = [(wall, own) for wall, own in total]
    return [
        "# Measured: the draw",
        "",
        f"{time.strftime('%Y-%m-%d')}; {os.cpu_count()} cores, Python {platform.python_version()}; load of "
        f"the machine at the end: {load}. {areas:,} areas, {units:,} units, {PER_AREA} per area, "
        f"{len(runs)} runs, medians. Made by `python -m bench.draw`.",
        "",
        *head(["step"], ["wall s", "work s"]),
        *(row([name, *(f"{statistics.median(column):.2f}" for column in zip(*some, strict=True))])
          for name, some in named.items()),
        "",
    ]  # fmt: skip


def measure_draw(out: Path, *, areas: int = AREAS, units: int = UNITS, runs: int = RUNS) -> None:
    """Measure and write the page."""
    rows = frame_of(areas, units)
    with tempfile.TemporaryDirectory() as folder:
        made = [one_run(rows, Path(folder) / str(number)) for number in range(runs)]
    out.mkdir(parents=True, exist_ok=True)
    lines = lines_of(made, areas, units)
    (out / "draw.md").write_text("\n".join(lines), "utf-8")
    print("\n".join(lines))


def main() -> None:
    """Measure as asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.draw")
    parser.add_argument("--areas", type=int, default=AREAS)
    parser.add_argument("--units", type=int, default=UNITS)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args()
    measure_draw(asked.out, areas=asked.areas, units=asked.units, runs=asked.runs)


if __name__ == "__main__":
    main()
