"""The statistics beside R and beside exact references, at one district-quarter.

In: a snapshot with one district. Out: the rows of the table, after every answer was held against the
peer's (`agreement.py`). Jobs in R take minutes and run once; ours run in turn, with medians.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bench import agreement
from bench.district import known_of
from bench.measure import Measured, jobs_in_turn, r_job
from bench.peer_data import write_columns
from bench.statistics import FEW, MANY
from bench.tables import Race

SCRIPT = Path(__file__).with_name("peers.R")
IN_TURN = ("means", "rakings", "rakings_of_sums", "reml", "marginal", "simultaneous", "ranks_few")
R_NEEDED = (
    "R with survey and lme4 is not here: run tools/system-packages.sh r. The rows beside R have no peer."
)
R_ROWS: tuple[tuple[str, str, str, str, Callable[[Path], str]], ...] = (
    (
        "means",
        "1,076 means with errors and FPC, 5 items and the total, pass included",
        "R survey: svydesign + svyby, one item; once",
        ">= 200x",
        agreement.means_agree,
    ),
    (
        "rakings",
        "1,076 rakings, errors of 5 items and the total, pass included",
        "R survey: rake + svymean per worker, 5 items; once",
        ">= 1,000x",
        agreement.rakings_agree,
    ),
    (
        "reml",
        "REML and BLUPs beside adjusters and modes, pass included",
        "R lme4: lmer, the same model; once",
        ">= 20x",
        agreement.reml_agrees,
    ),
)
RAKINGS = 1
"""Place of the rakings in `R_ROWS`: shown with and without the pass, beside the same run of R."""


def has_r() -> bool:
    """Whether Rscript and both packages are here."""
    if not shutil.which("Rscript"):
        return False
    asked = ["Rscript", "-e", "library(survey); library(lme4)"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def statistics_races(snapshot: Path, folder: Path, repeats: int, *, with_r: bool) -> list[Race]:
    """All rows; those beside R have no peer where `with_r` is off."""
    folder.mkdir(parents=True, exist_ok=True)
    ours = jobs_in_turn(IN_TURN, (snapshot, folder), repeats, "bench.statistics")
    if with_r:
        write_columns(snapshot, known_of(snapshot), folder)
    races = [_beside_r(ours[row[0]], row, folder, with_r=with_r) for row in R_ROWS]
    again = replace(
        races[RAKINGS], about="the same rakings from the sums of a pass", ours=ours["rakings_of_sums"]
    )
    races.insert(RAKINGS + 1, again)
    return [*races, *_rank_rows(ours, snapshot, folder)]


def _beside_r(
    ours: Measured, row: tuple[str, str, str, str, Callable[[Path], str]], folder: Path, *, with_r: bool
) -> Race:
    job, about, peer, aim, agree = row
    if not with_r:
        return Race(about, "not asked", ours, None, aim, "-")
    print(f"R: {job} ...", flush=True)
    theirs = r_job(SCRIPT, job, folder)
    return Race(about, peer, ours, theirs, aim, agree(folder))


def _rank_rows(ours: dict[str, Measured], snapshot: Path, folder: Path) -> list[Race]:
    """Beside references of our own: plain, slow and exact."""
    many = jobs_in_turn(("ranks_many",), (snapshot, folder), 1, "bench.statistics")["ranks_many"]
    told = agreement.ranks_agree()
    return [
        Race(
            "marginal rank sets of 1,076 workers, 5 items",
            "own reference: the integral over all rivals, one item",
            ours["marginal"],
            None,
            "<= 0.5 s",
            agreement.marginal_agree(folder),
        ),
        Race(
            "simultaneous rank sets of 1,076 workers",
            "own reference: studentized range, all pairs",
            ours["simultaneous"],
            None,
            "<= 1 s",
            agreement.simultaneous_agree(folder),
        ),
        Race(
            f"expected ranks of {FEW:,}",
            "own reference: all pairs",
            ours["ranks_few"],
            None,
            "<= 0.3 s",
            told,
        ),
        Race(f"expected ranks of {MANY:,}, once", "-", many, None, "recorded", "-"),
    ]
