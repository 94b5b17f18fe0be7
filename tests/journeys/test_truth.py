"""How well the engine recovers the truth that the demonstration district was made with."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from minping_engine.assessment import assess
from minping_engine.demo import DemoParameters, make_district, seal_quarter, write_truth
from minping_engine.estimation import interval
from minping_engine.evidence import scheduler_named
from minping_engine.scheme import load_scheme
from minping_engine.snapshot import open_snapshot


@pytest.fixture(scope="module")
def recovered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """Expected and estimated scores of one full quarter, without the one balanced draw."""
    folder = tmp_path_factory.mktemp("truth")
    district = make_district(DemoParameters(), 3)
    seal_quarter(district, "2020Q4", folder / "s", truth=folder / "truth")
    write_truth(district, folder / "truth")
    scheme = load_scheme("gulou-worker", demo=True)
    result = assess(open_snapshot(folder / "s"), scheme, folder / "o", scheduler_named("serial"))
    workers = pq.read_table(folder / "truth/workers.parquet")
    workers = workers.filter(pc.equal(workers["period"], "2020Q4"))
    truth = {row["assessee_id"]: row for row in workers.to_pylist()}
    rows = [
        row
        for row in result["scores"].to_pylist()
        if row["status"] == "assessed" and not truth[row["assessee_id"]]["balanced_draw"]
    ]
    return {
        "true": np.array([truth[row["assessee_id"]]["expected_direct"] for row in rows]),
        "direct": np.array([row["direct"] for row in rows]),
        "se": np.array([row["direct_se"] for row in rows]),
        "n": np.array([row["n_ballots"] for row in rows]),
    }


def test_intervals_cover_the_truth_about_as_often_as_they_say(recovered: dict[str, np.ndarray]) -> None:
    """1,070-odd intervals at 95 %: three binomial standard deviations are 2 points."""
    low, high = interval(recovered["direct"], recovered["se"], recovered["n"] - 1, 95)
    covered = ((low <= recovered["true"]) & (recovered["true"] <= high)).mean()
    assert 0.925 < covered < 0.975


def test_scores_are_not_biased(recovered: dict[str, np.ndarray]) -> None:
    error = recovered["direct"] - recovered["true"]
    assert abs(error.mean()) < 4 * error.std() / np.sqrt(len(error))


def test_scores_tell_workers_apart(recovered: dict[str, np.ndarray]) -> None:
    """Spread of truth about 2, error about 0.55: correlation near 0.96."""
    assert np.corrcoef(recovered["true"], recovered["direct"])[0, 1] > 0.93
