"""Layouts with a column lost, renamed or moved: the guess may refuse, it may not go wrong."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from minping_engine.errors import ImportRefusedError
from minping_engine.snapshot.importing import guess_map, read_raw
from tests.engine.snapshot.guess.kept_layouts import (
    ballots_by,
    files_of,
    layouts,
    scheme,
    truth_of,
    truth_table,
)

GUESSED = [name for name in layouts("known") if truth_of("known", name)["outcome"] == "guess"]
CHECKED = ("target", "q1", "q2", "q3", "q4", "q5")
Grid = list[list[str]]


def grid_of(name: str) -> Grid:
    """All rows of a layout under one header row."""
    tables = [table for path in files_of("known", name) for table in read_raw(path)]
    rows = [[cell or "" for cell in row.values()] for table in tables for row in table.cells.to_pylist()]
    return [list(tables[0].names), *rows]


def write(grid: Grid, folder: Path) -> Path:
    path = folder / "damaged.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(grid)
    return path


def votes_by_target(ballots: Counter[tuple[str, ...]]) -> Counter[tuple[tuple[str, ...], ...]]:
    """What each target got, whatever the target is called (its number or its worker's name)."""
    targets: dict[str, list[tuple[str, ...]]] = {}
    for (target, *answers), count in ballots.items():
        targets.setdefault(target, []).extend([tuple(answers)] * count)
    return Counter(tuple(sorted(votes)) for votes in targets.values())


def true_votes(name: str) -> Counter[tuple[tuple[str, ...], ...]]:
    header, ballots = truth_table("known", name)
    chosen = [header.index(column) for column in CHECKED]
    shaped: Counter[tuple[str, ...]] = Counter()
    for ballot, count in ballots.items():
        shaped[tuple(ballot[index] for index in chosen)] += count
    return votes_by_target(shaped)


def is_right_or_refused(grid: Grid, name: str, folder: Path) -> bool:
    folder.mkdir(parents=True)
    path = write(grid, folder)
    guess = guess_map([path], scheme())
    if guess.map is None:
        return True
    try:
        return votes_by_target(ballots_by(guess.map, [path], folder, CHECKED)) == true_votes(name)
    except ImportRefusedError:
        return True


def without_column(grid: Grid) -> Iterator[tuple[str, Grid]]:
    for index, column in enumerate(grid[0]):
        yield f"without {column}", [row[:index] + row[index + 1 :] for row in grid]


def with_nameless_column(grid: Grid) -> Iterator[tuple[str, Grid]]:
    for index, column in enumerate(grid[0]):
        head = [*grid[0][:index], f"列{index}", *grid[0][index + 1 :]]
        yield f"{column} renamed", [head, *grid[1:]]


@pytest.mark.parametrize("name", GUESSED)
def test_the_order_of_columns_and_rows_does_not_matter(name: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    head, *rows = grid_of(name)
    columns, order = rng.permutation(len(head)), rng.permutation(len(rows))
    moved = [[row[column] for column in columns] for row in [head, *(rows[index] for index in order)]]

    assert is_right_or_refused(moved, name, tmp_path / "moved")


@pytest.mark.deep
@pytest.mark.parametrize("damage", [without_column, with_nameless_column])
@pytest.mark.parametrize("name", GUESSED)
def test_a_lost_or_renamed_column_never_makes_a_wrong_import(name: str, damage: type, tmp_path: Path) -> None:
    damaged = enumerate(damage(grid_of(name)))
    wrong = [
        what
        for number, (what, grid) in damaged
        if not is_right_or_refused(grid, name, tmp_path / str(number))
    ]

    assert wrong == []
