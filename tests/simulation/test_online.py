"""A stuffed open online sample moves nobody by more than the bound, from ballots to the score that counts.

The bound is 3 sqrt(cap) errors of her own drawn sample (online-sample.md), known before the first ballot.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from minping_engine.terms import Mode
from tests.simulation.designs import (
    TUNING,
    Floats,
    Ints,
    People,
    Round,
    draw_round,
    make_people,
)
from tests.simulation.trials import ONLINE_CAP_PERCENT, OpenOnline, Run, assess_round

SEED, HONEST = 4, 40
BOUND_ERRORS = 3 * np.sqrt(ONLINE_CAP_PERCENT / 100)


class Town:
    """One replicate, its drawn sample, and an honest open sample of people in a good mood."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.people: People = make_people(TUNING, 1, np.random.default_rng([SEED, 1]))
        self.drawn: Round = draw_round(TUNING, self.people, np.random.default_rng([SEED, 2]))
        drawn_only = assess_round(TUNING, self.people, self.drawn, folder / "drawn", Run())
        self.score, self.error = drawn_only["adjusted"][0], drawn_only["adjusted_se"][0]
        self.honest = np.repeat(np.arange(len(self.people.score)), HONEST)

    def moved(self, stuffed: Ints, points: int, run: str = "online", mode: Mode = Mode.OPEN_ONLINE) -> Floats:
        """What the ballots change for each, in errors of her drawn sample."""
        rng = np.random.default_rng([SEED, 5])
        mood = self.people.score[self.honest] + 5 + rng.normal(0, 8, len(self.honest))
        usual = np.clip(np.rint(mood), 0, 100).astype(np.int64)
        ballots = OpenOnline(
            np.concatenate([self.honest, stuffed]),
            np.concatenate([usual, np.full(len(stuffed), points)]),
            mode,
        )
        folder = self.folder / f"{run}-{mode}-{len(stuffed)}-{points}"
        trial = assess_round(TUNING, self.people, self.drawn, folder, Run(run, online=ballots))
        moved: Floats = (trial["adjusted"][0] - self.score) / self.error
        return moved


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return Town(tmp_path_factory.mktemp("town"))


@pytest.mark.parametrize(
    ("people", "each", "points"), [(1, 3000, 100), (15, 200, 100), (15, 200, 56), (75, 60, 0), (150, 60, 100)]
)
def test_stuffing_moves_nobody_by_more_than_the_bound(
    town: Town, people: int, each: int, points: int
) -> None:
    moved = town.moved(np.repeat(np.arange(people), each), points)
    assert np.abs(moved).max() <= BOUND_ERRORS * (1 + 1e-6)
    assert np.abs(moved).max() > 0


def test_by_default_no_number_of_open_ballots_moves_anybody(town: Town) -> None:
    moved = town.moved(np.repeat(np.arange(15), 1000), 100, "online_unused")
    assert np.abs(moved).max() <= 1e-9


def test_ballots_taken_for_drawn_ones_would_break_the_bound(town: Town) -> None:
    moved = town.moved(np.repeat(np.arange(15), 200), 100, "full", Mode.QR)
    assert np.abs(moved[:15]).min() > BOUND_ERRORS
