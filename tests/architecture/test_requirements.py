"""docs/requirements.md is true: each requirement once, states from a closed list, paths that exist.

A line that says built or partly names at least one test file that cites the requirement; a
planned line names none, so that nobody takes a plan for a fact.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from tests.architecture.source_tree import ROOT

PAGE = ROOT / "docs" / "requirements.md"
STATES = {"built", "partly", "planned"}
WANTED = (
    [f"S{number}" for number in range(1, 117)]
    + [f"G{number}" for number in range(1, 5)]
    + [f"D{number}" for number in range(1, 15)]
)
SHORTEST = 15


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    number: str
    words: str
    state: str
    built: tuple[str, ...]
    tested: tuple[str, ...]


def _lines() -> list[Line]:
    found = []
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if re.fullmatch(r"[SGD]\d+", cells[0]):
            built, tested = (tuple(re.findall(r"`([^`]+)`", cell)) for cell in cells[3:5])
            found.append(Line(cells[0], cells[1], cells[2], built, tested))
    return found


LINES = _lines()
DONE = [line for line in LINES if line.state in {"built", "partly"}]
PLANNED = [line for line in LINES if line.state == "planned"]


def _cites(path: str, number: str) -> bool:
    """Whether the file names the requirement; `S36-S49` names what lies between."""
    text = (ROOT / path).read_text("utf-8")
    if re.search(rf"\b{number}\b", text):
        return True
    ranges = re.findall(rf"\b{number[0]}(\d+)-{number[0]}?(\d+)\b", text)
    return any(int(low) <= int(number[1:]) <= int(high) for low, high in ranges)


def test_every_requirement_has_exactly_one_line() -> None:
    assert [line.number for line in LINES] == WANTED


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.number)
def test_a_line_says_something_and_has_a_known_state(line: Line) -> None:
    assert len(line.words) >= SHORTEST
    assert line.state in STATES


@pytest.mark.parametrize("line", DONE, ids=lambda line: line.number)
def test_paths_of_what_is_built_exist(line: Line) -> None:
    assert line.built
    assert [path for path in (*line.built, *line.tested) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("line", DONE, ids=lambda line: line.number)
def test_what_is_built_is_tested_by_a_file_that_says_so(line: Line) -> None:
    assert any((ROOT / path).is_file() and _cites(path, line.number) for path in line.tested)


@pytest.mark.parametrize("line", PLANNED, ids=lambda line: line.number)
def test_a_plan_names_no_test(line: Line) -> None:
    assert line.tested == ()
