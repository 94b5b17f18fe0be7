"""The method page of two-way choice: its worked case is what the code makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from minping_engine.matching import Tiers, match_stably, unmatched_in_words
from tests.engine.matching.test_reasons import CASES, RULE


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "method" / "two-way-choice.md").read_text("utf-8")


def rows(page: str, head: str) -> list[list[str]]:
    """The cells of the table under a head."""
    lines = page.partition(f"{head}\n")[2].splitlines()[1:]
    table = lines[: next(number for number, line in enumerate(lines) if not line.startswith("|"))]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in table]


def written(choices: Tiers) -> str:
    """A list as the page writes it."""
    return ", ".join(tier[0] if len(tier) == 1 else f"({' '.join(tier)})" for tier in choices) or "–"


def test_the_worked_lists_are_those_of_the_tests(page: str) -> None:
    people = [[one.person_id, written(one.choices), ""] for one in CASES.people]
    positions = [[one.position_id, written(one.choices), str(one.capacity)] for one in CASES.positions]
    assert rows(page, "| list of | choices, best first | seats |") == people + positions
    assert f"The stated order for ties is {', '.join(RULE.people)}." in page


def test_the_worked_outcome_is_what_the_code_makes(page: str) -> None:
    made = match_stably(CASES, RULE)
    told = [[pair.person_id, pair.position_id] for pair in made.pairs]
    for person in made.unmatched:
        sentences = unmatched_in_words(person, "en")
        told += [[person.person_id, sentence] for sentence in sentences[-len(person.refused) or None :]]
    assert rows(page, "| who | outcome |") == told
