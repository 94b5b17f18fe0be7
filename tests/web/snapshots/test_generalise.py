"""Cells are wide enough: whoever knows what the office knows of a household meets five ballots or more."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_web.snapshots.rules.cells import NOT_APART, frame_variables, levels_of, parse_cell
from minping_web.snapshots.rules.generalise import Dimension, Generalised, Merge, generalise

LEAST = 5
DIMENSIONS = (
    Dimension("instrument", None), Dimension("mode", 0), Dimension("tenure", 2), Dimension("stratum", 0),
)  # fmt: skip


def merged(*cells: tuple[int, tuple[int, int, int, int]], target: int = 0) -> Generalised:
    """Generalise so many ballots of each (instrument, mode, tenure, stratum) in one area."""
    rows = np.array([cell for many, cell in cells for _n in range(many)])
    return generalise(np.full(len(rows), target), rows, DIMENSIONS, LEAST)


def sizes(found: Generalised) -> dict[tuple[int, ...], int]:
    cells, counts = np.unique(found.rows, axis=0, return_counts=True)
    return {tuple(cell): int(n) for cell, n in zip(cells.tolist(), counts.tolist(), strict=True)}


def test_wide_cells_are_left_alone() -> None:
    found = merged((5, (0, 3, 0, 0)), (9, (0, 4, 1, 0)))
    assert found.merges == ()
    assert sizes(found) == {(0, 3, 0, 0): 5, (0, 4, 1, 0): 9}


def test_a_thin_mode_joins_the_next_thinnest_and_the_others_stay() -> None:
    found = merged((20, (0, 3, 0, 0)), (9, (0, 4, 0, 0)), (2, (0, 5, 0, 0)))
    assert found.merges == (Merge(0, "mode", (4, 5), 0),)
    assert sizes(found) == {(0, 3, 0, 0): 20, (0, 0, 0, 0): 11}


def test_two_thin_modes_that_are_enough_together_touch_nobody_else() -> None:
    found = merged((20, (0, 3, 0, 0)), (3, (0, 4, 0, 0)), (2, (0, 5, 0, 0)))
    assert found.merges == (Merge(0, "mode", (4, 5), 0),)


def test_where_the_mode_does_not_help_tenure_is_given_up() -> None:
    found = merged((6, (0, 3, 0, 0)), (2, (0, 3, 1, 0)))
    assert found.merges == (Merge(0, "tenure", (0, 1), 2),)
    assert sizes(found) == {(0, 3, 2, 0): 8}


def test_questionnaires_are_never_merged_and_an_area_too_small_is_said() -> None:
    found = merged((9, (0, 3, 0, 0)), (2, (1, 3, 0, 0)))
    assert found.small == (0,)
    assert found.rows[:, 0].tolist().count(1) == 2


def test_areas_are_widened_apart() -> None:
    rows = np.array([(0, 3, 0, 0)] * 6 + [(0, 4, 0, 0)] * 6 + [(0, 3, 0, 0)] * 4 + [(0, 4, 0, 0)] * 4)
    found = generalise(np.repeat([7, 9], [12, 8]), rows, DIMENSIONS, LEAST)
    assert {merge.target for merge in found.merges} == {9}
    assert (found.rows[:12] == rows[:12]).all()


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(1, 5), st.integers(0, 1), st.integers(0, 2)), max_size=60
    )
)
def test_every_cell_is_wide_or_its_area_is_said_to_be_small(ballots: list[tuple[int, int, int, int]]) -> None:
    target = np.array([one[0] for one in ballots], np.int64)
    rows = np.array([(0, *one[1:]) for one in ballots], np.int64).reshape(-1, 4)
    found = generalise(target, rows, DIMENSIONS, LEAST)
    for number in set(target.tolist()):
        _cells, counts = np.unique(found.rows[target == number], axis=0, return_counts=True)
        assert counts.min() >= LEAST or number in found.small
        assert (number in found.small) == ((target == number).sum() < LEAST)
    again = generalise(target, found.rows, DIMENSIONS, LEAST)
    assert (again.rows == found.rows).all()


def test_frame_cells_are_read_in_any_order_and_nothing_else_is() -> None:
    assert parse_cell("tenure=1,kind=0") == (("kind", 0), ("tenure", 1))
    assert parse_cell("") == ()
    for wrong in ("tenure", "tenure=", "=1=2", "tenure=x"):
        with pytest.raises(ValueError, match=r".*"):
            parse_cell(wrong)
    (tenure,) = frame_variables(["tenure=0", "tenure=1", ""])
    assert tenure.all_labels == (("自有住房", "owner"), ("租住", "tenant"), NOT_APART)
    assert levels_of("", [tenure]) == (2,)
