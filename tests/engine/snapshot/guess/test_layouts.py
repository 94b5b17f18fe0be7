"""Firms' layouts, kept as files: guessed right and imported true, or refused; never wrong silently.

Every layout of `tests/layouts` is guessed, checked against its `truth.yaml`, then imported by the
real importer and compared with the ballots it was made from, answer by answer.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.snapshot.guess.kept_layouts import (
    LAYOUTS,
    columns_by_role,
    guessed,
    imported,
    layouts,
    truth_of,
    truth_table,
)


@pytest.mark.parametrize("name", layouts("known"))
def test_a_known_layout_is_guessed_as_it_truly_is_or_refused_for_the_right_reason(name: str) -> None:
    assert_as_expected("known", name)


@pytest.mark.parametrize("name", layouts("traps"))
def test_a_trap_is_refused_for_the_right_reason(name: str) -> None:
    assert_as_expected("traps", name)


def assert_as_expected(group: str, name: str) -> None:
    truth, guess = truth_of(group, name), guessed(group, name)
    if truth["outcome"] == "guess":
        assert guess.map, [problem.code for problem in guess.problems]
        assert columns_by_role(guess.map) == truth["roles"]
    else:
        assert guess.map is None
        assert set(truth["refused_for"]) <= {problem.code for problem in guess.problems}


@pytest.mark.parametrize("name", [n for n in layouts("known") if truth_of("known", n)["outcome"] == "guess"])
def test_a_guessed_map_imports_the_ballots_as_they_were_given(name: str, tmp_path: Path) -> None:
    assert imported("known", name, tmp_path) == truth_table("known", name)[1]


@pytest.mark.parametrize("group", ["known", "traps", "unseen"])
def test_no_layout_is_guessed_wrong(group: str, tmp_path: Path) -> None:
    wrong = [
        name
        for name in layouts(group)
        if guessed(group, name).map
        and (
            truth_of(group, name)["outcome"] == "refuse"
            or imported(group, name, tmp_path / name) != truth_table(group, name)[1]
        )
    ]

    assert wrong == []


def test_at_least_27_of_the_30_known_layouts_are_guessed() -> None:
    names = layouts("known")

    assert len(names) == 30
    assert sum(guessed("known", name).map is not None for name in names) >= 27


def test_the_committed_layouts_are_what_the_script_makes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(LAYOUTS / "make_layouts.py"), str(tmp_path)], check=True)

    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert made == {name: (LAYOUTS / name).read_bytes() for name in made}
