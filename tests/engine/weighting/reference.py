"""Reference cases of the weighting, read where they lie (never copied into the project).

In: the folder of outside data. Out: columns of `data.csv` and the numbers that R survey computed.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minping_engine.weighting import Margin


class Case:
    """One folder; each school is a cell of its own with one ballot."""

    def __init__(self, outside_data: Path, name: str) -> None:
        folder = outside_data.parent / "reference" / "stats" / name
        if not folder.is_dir():
            pytest.skip(f"no reference case at {folder}")
        with (folder / "data.csv").open() as stream:
            self.rows = list(csv.DictReader(stream))
        self.expected: dict[str, Any] = json.loads((folder / "expected.json").read_text())

    def column(self, name: str) -> np.ndarray:
        return np.array([float(row[name]) for row in self.rows])

    @property
    def base(self) -> np.ndarray:
        return self.column("pw")[None, :]

    @property
    def ones(self) -> np.ndarray:
        return np.ones((1, len(self.rows)))

    def margin(self, name: str, totals: list[dict[str, Any]]) -> Margin:
        names = [str(total[name]) for total in totals]
        level = np.array([names.index(row[name]) for row in self.rows])
        return Margin(name, level, np.array([[float(total["Freq"]) for total in totals]]))

    def design(self) -> np.ndarray:
        """~ stype + api99, treatment contrasts."""
        kind = [row["stype"] for row in self.rows]
        dummies = [[float(one == name) for one in kind] for name in ("H", "M")]
        return np.column_stack([np.ones(len(kind)), *dummies, self.column("api99")])

    def compare(self, total: np.ndarray, key: str) -> None:
        """Weights, their range, the mean and the total, relative 1e-8."""
        weights, wanted = total[0], self.expected[key]
        assert weights[:10] == pytest.approx(wanted["weights_first10"], rel=1e-8)
        assert [weights.min(), weights.max()] == pytest.approx(wanted["weights_range"], rel=1e-8)
        for name, value in wanted["mean"]["estimate"].items():
            assert (weights * self.column(name)).sum() / weights.sum() == pytest.approx(value, rel=1e-8)
        assert (weights * self.column("enroll")).sum() == pytest.approx(
            wanted["total"]["estimate"]["enroll"], rel=1e-8
        )
