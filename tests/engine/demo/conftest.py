"""Districts to test with, and a plain oracle: ballots as sealed -> scores, in a few lines of numpy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest

from minping_engine.demo import DemoParameters, District, make_district
from minping_engine.scheme import load_scheme

ENOUGH = 30


@dataclass(frozen=True)
class Scores:
    """By target: usable ballots, mean and standard deviation; by assessee: direct score if n >= 30."""

    n: np.ndarray
    mean: np.ndarray
    sd: np.ndarray
    direct: Mapping[str, float]

    @property
    def district_mean(self) -> float:
        return float(np.mean(list(self.direct.values())))


def oracle(tables: Mapping[str, pa.Table], ballots: pa.Table) -> Scores:
    """Scores by the rules of scheme gulou-worker, straight from the ballots."""
    scheme = load_scheme("gulou-worker", demo=True).scheme
    total, answered = np.zeros(ballots.num_rows), np.zeros(ballots.num_rows)
    for item in scheme.instrument.items:
        points = {answer.code: answer.points / 1000 for answer in item.answers}
        given = [points.get(code) for code in ballots[f"item_{item.id}"].to_pylist()]
        total += np.array([0 if value is None else value for value in given])
        answered += np.array([value is not None for value in given])
    usable = answered >= scheme.scoring.total.minimum_answered
    score = np.floor(total[usable] * 5 / answered[usable] * 1000 + 0.5) / 1000
    target, count = ballots["target"].to_numpy()[usable], tables["targets"].num_rows
    n = np.bincount(target, minlength=count)
    mean = np.bincount(target, score, count) / np.maximum(1, n)
    square = np.bincount(target, (score - mean[target]) ** 2, count)
    return Scores(n, mean, np.sqrt(square / np.maximum(1, n - 1)), _direct(tables, n, mean))


def _direct(tables: Mapping[str, pa.Table], n: np.ndarray, mean: np.ndarray) -> dict[str, float]:
    eligible = np.bincount(tables["sample"]["target"].to_numpy(), tables["sample"]["eligible"].to_numpy())
    parts: dict[str, list[tuple[float, float, int]]] = {}
    for row in tables["postings"].to_pylist():
        at = row["target"]
        parts.setdefault(row["assessee_id"], []).append((eligible[at] * row["share"], mean[at], n[at]))
    return {
        who: sum(w * m for w, m, _ in some) / sum(w for w, _, _ in some)
        for who, some in parts.items()
        if sum(count for _, _, count in some) >= ENOUGH
    }


@pytest.fixture(scope="session")
def full() -> District:
    """The district at full size."""
    return make_district(DemoParameters(), seed=11)


@pytest.fixture(scope="session")
def little() -> District:
    """The little district."""
    return make_district(DemoParameters.small(), seed=11)


@pytest.fixture(scope="session")
def scores_of():
    """The oracle."""
    return oracle
