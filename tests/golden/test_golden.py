"""Golden rounds come out as they did, to the bit where that is promised."""

from __future__ import annotations

import json

import pytest

from minping_engine.scheme import load_scheme
from minping_engine.snapshot import open_snapshot
from tests.golden.make import ROUND, expected_of, mixed_round, run
from tests.oracle import sums_of


@pytest.fixture(scope="module")
def made() -> dict[str, object]:
    """What comes out now."""
    result = expected_of(run(open_snapshot(ROUND / "snapshot")))
    return json.loads(json.dumps(result))  # type: ignore[no-any-return]


@pytest.mark.parametrize("part", ["counts", "warnings", "scores", "groups", "fingerprints"])
def test_the_mixed_round_comes_out_as_it_did(made: dict[str, object], part: str) -> None:
    expected = json.loads((ROUND / "expected.json").read_text("utf-8"))
    assert made[part] == expected[part]


def test_the_golden_scores_are_those_of_an_exact_scorer(made: dict[str, object]) -> None:
    """The golden file itself is held to account: a one-target worker's score by fractions."""
    sums = sums_of(mixed_round().ballots, load_scheme("gulou-worker", demo=True))
    n = sum(n for (target, _, _, variable), (n, _, _) in sums.items() if (target, variable) == (0, "total"))
    s = sum(s for (target, _, _, variable), (_, s, _) in sums.items() if (target, variable) == (0, "total"))
    score = next(row for row in made["scores"] if row["assessee_id"] == "W00-whole")  # type: ignore[attr-defined]
    assert (score["n_ballots"], score["direct"]) == (n, s / (n * 1000))
