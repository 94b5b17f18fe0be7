"""The method page of coaching: its tables and limits are what the code makes."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from minping_engine.coaching import GapRule, LadderRule, PlanWindow, comparison_needed, ladder_step
from minping_engine.coaching.expectation import LEAST_ALIKE
from minping_engine.coaching.levels import PASSES
from minping_engine.coaching.profiles import _stand
from tests.engine.coaching.districts import WINDOW
from tests.engine.coaching.test_ladder import quarters


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "method" / "coaching.md").read_text("utf-8")


def rows(page: str, head: str) -> list[list[str]]:
    """The cells of the table under a head."""
    lines = page.partition(f"{head}\n")[2].splitlines()[1:]
    table = lines[: next(number for number, line in enumerate(lines) if not line.startswith("|"))]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in table]


def test_the_ladder_of_the_page_is_the_codes(page: str) -> None:
    table = rows(page, "| quarters, oldest first | step | counted |")
    assert len(table) == 9
    for said, step, counted in table:
        made = ladder_step(quarters(said))
        assert (f"{made.side}, {made.level}" if made.level else "–", str(made.quarters)) == (step, counted)


def test_the_worked_step_up_is_the_codes(page: str) -> None:
    table = rows(page, "| p | limit | stands |")
    p = np.array([float(row[0]) for row in table])
    assert [float(row[1]) for row in table] == pytest.approx(0.025 * np.arange(1, 6) / 5)
    assert [row[2] == "yes" for row in table] == _stand(p, 0.025).tolist()


def test_the_limits_of_the_page_are_those_of_the_code(page: str) -> None:
    plain = " ".join(page.split())
    assert f"at least {PlanWindow.least_days} days before" in plain
    assert f"Needed: {comparison_needed(0)}, and {comparison_needed(9) // 9} for each coefficient" in plain
    assert f"fewer than {LEAST_ALIKE} expects nothing" in plain
    assert f"by {PASSES} steps of EM" in plain
    assert f"hold {GapRule().least_peers} others" in plain
    community, street, district = LadderRule().quarters
    assert f"{community} asks the community, {street} the street, {district} the district" in plain
    assert f"below {LadderRule().least_reliability:.2f}" in plain
    assert WINDOW.least_days == PlanWindow.least_days


def test_what_was_measured_keeps_the_promise(page: str) -> None:
    """Without effect, all that is needed given: help in at most 5 % of 500 districts, 7.5 % of 200."""
    columns = "over all | before and after | single plans | holds, over all | holds, single | error"
    table = rows(page, f"| design | districts | {columns} |")
    null = [row for row in table if "no effect" in row[0]]
    assert len(null) >= 8
    assert re.fullmatch(r"500", null[0][1])
    assert float(null[0][2]) <= 5.0
    assert all(float(row[2]) <= 7.5 for row in null)
