"""Thresholds, states and grades."""

from __future__ import annotations

import numpy as np
import pytest

from minping_engine.scheme import load_scheme
from minping_engine.scoring import grade_of, judge

SCHEME = load_scheme("gulou-worker", demo=True)


def test_thresholds_come_from_the_one_dated_file() -> None:
    verdicts = judge(np.array([0, 9, 10, 29, 30]), SCHEME.disclosure)
    assert verdicts.shown.tolist() == [False, False, True, True, True]
    assert verdicts.assessed.tolist() == [False, False, False, False, True]
    assert verdicts.reason.tolist() == ["no_sample", "too_few", "too_few", "too_few", None]


@pytest.mark.parametrize(
    ("points", "grade"), [(94.0, "A"), (93.9999, "B"), (90.0, "B"), (80.0, "C"), (0.0, "D")]
)
def test_a_band_starts_at_its_points_unrounded(points: float, grade: str) -> None:
    assert grade_of(np.array([points]), np.array([True]), SCHEME.bands).tolist() == [grade]


def test_who_is_not_assessed_has_no_grade() -> None:
    assert grade_of(np.array([99.0]), np.array([False]), SCHEME.bands).tolist() == [None]


def test_without_bands_nobody_has_a_grade() -> None:
    assert grade_of(np.array([99.0]), np.array([True]), ()).tolist() == [None]
