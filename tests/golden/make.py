"""Makes the golden rounds: `make golden`. Never edit a golden file by hand.

`mixed_round` holds one worker for each situation that changes arithmetic; see its README. The
ballots come from a seeded generator, so that the round can be made again from nothing.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from minping_engine.assessment import Result, assess
from minping_engine.evidence import scheduler_named
from minping_engine.scheme import load_scheme
from minping_engine.snapshot import Snapshot
from tests.rounds import Ballot, Round, seal

HERE = Path(__file__).resolve().parent
ROUND = HERE / "mixed_round"
SEED = 20_200_401


def mixed_round() -> Round:
    """Eleven workers, nine targets, 1,000-odd ballots."""
    rng = np.random.default_rng(SEED)
    sizes = {0: 300, 1: 120, 2: 60, 3: 45, 4: 29, 5: 9, 6: 80, 7: 200, 8: 40}
    ballots = [_ballot(rng, target, 0.95 - 0.06 * target) for target, n in sizes.items() for _ in range(n)]
    workers: dict[str, list[tuple[int, int]]] = {
        "W00-whole": [(0, 1000)],
        "W01-two-areas": [(1, 1000), (2, 1000)],
        "W02-moved-out": [(3, 400)],
        "W03-moved-in": [(3, 600), (6, 1000)],
        "W04-twenty-nine": [(4, 1000)],
        "W05-nine": [(5, 1000)],
        "W06-shared-a": [(7, 1000)],
        "W07-shared-b": [(7, 1000)],
        "W08-no-ballots": [(9, 1000)],
    }
    eligible = {0: 420, 1: 300, 2: 310, 3: 333, 4: 350, 5: 320, 6: 500, 7: 200, 9: 345}
    communities = {"W06-shared-a": "990101001002", "W07-shared-b": "990101001002"}
    return Round(ballots, workers=workers, eligible=eligible, communities=communities, cells={"tenure": 2})


def _ballot(rng: np.random.Generator, target: int, level: float) -> Ballot:
    def behaviour() -> int:
        return int(rng.choice([1, 2, 3], p=[level, (1 - level) * 0.7, (1 - level) * 0.3]))

    def step() -> int:
        return 1 + int(rng.binomial(4, level))

    answers: dict[str, int | None] = {
        "q1": behaviour(),
        "q2": behaviour(),
        "q3": step(),
        "q4": step(),
        "q5": step(),
    }
    for item in answers:
        if rng.random() < 0.04:
            answers[item] = None
    if rng.random() < 0.01:
        answers["q3"] = 8
    mode = int(rng.choice([1, 2, 3, 7], p=[0.5, 0.25, 0.2, 0.05]))
    return Ballot(
        target, answers, mode, randomised=int(rng.random() < 0.1), cells={"tenure": int(rng.random() < 0.3)}
    )


def run(snapshot: Snapshot) -> Result:
    """Assess a golden snapshot."""
    with TemporaryDirectory() as folder:
        scheme = load_scheme("gulou-worker", demo=True)
        return assess(snapshot, scheme, Path(folder), scheduler_named("serial"))


def expected_of(result: Result) -> dict[str, Any]:
    """What is held: the fingerprints, and every score in full so that a change can be read."""
    return {
        "fingerprints": result.head["fingerprints"],
        "counts": result.head["counts"],
        "warnings": [warning["code"] for warning in result.head["warnings"]],
        "scores": result["scores"].to_pylist(),
        "groups": [row for row in result["groups"].to_pylist() if row["variable"] == "total"],
    }


def main() -> None:
    """Make the snapshot if it is not there, and what is expected of it."""
    folder = ROUND / "snapshot"
    with TemporaryDirectory() as work:
        made = seal(mixed_round(), Path(work) / "snapshot")
        if not folder.exists():
            shutil.copytree(made.folder, folder)
    from minping_engine.snapshot import open_snapshot

    expected = expected_of(run(open_snapshot(folder)))
    text = json.dumps(expected, ensure_ascii=False, indent=1) + "\n"
    (ROUND / "expected.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
