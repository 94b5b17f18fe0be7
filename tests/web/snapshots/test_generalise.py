"""Cells are wide enough: whoever knows what the office knows of a household meets five ballots or more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_web.snapshots.rules.cells import NOT_APART, frame_variables, levels_of, parse_cell
from minping_web.snapshots.rules.collection import pool, split
from minping_web.snapshots.rules.generalise import Generalised, Merge, generalise
from minping_web.snapshots.rules.population import Cell, Dimension

LEAST = 5
DIMENSIONS = (
    Dimension("instrument", None), Dimension("kind", 3), Dimension("tenure", 2),
    Dimension("stratum", 0, is_weight=True),
    Dimension("mode", 0, is_local=True), Dimension("randomised", 0, is_local=True),
    Dimension("interviewer", 0, is_local=True),
)  # fmt: skip
OUTER = 4
HERE = (("instrument", 0), ("kind", 0), ("tenure", 0), ("stratum", 0))


def released(target: Sequence[int], rows: Sequence[Cell]) -> Generalised:
    """Generalise rows of (instrument, kind, tenure, stratum, mode, randomised, interviewer)."""
    columns = np.array(rows, np.int16).reshape(-1, len(DIMENSIONS)).T
    return generalise(np.array(target, np.int32), list(columns), DIMENSIONS, LEAST)


def merged(*cells: tuple[int, Cell]) -> Generalised:
    """So many ballots of each cell, in one area; what is left out at the end of a cell is 0."""
    rows = [(*cell, *[0] * (len(DIMENSIONS) - len(cell))) for many, cell in cells for _n in range(many)]
    return released([0] * len(rows), rows)


def rows_of(found: Generalised) -> list[Cell]:
    return list(zip(*(column.tolist() for column in found.columns), strict=True))


def sizes(found: Generalised, upto: int = len(DIMENSIONS)) -> dict[Cell, int]:
    return dict(Counter(row[:upto] for row in rows_of(found)))


def variables(found: Generalised) -> list[str]:
    return [merge.variable for merge in found.merges]


# --- the population: over the whole area -----------------------------------------------------


def test_wide_cells_are_left_alone() -> None:
    found = merged((5, (0, 0, 0, 0, 3)), (9, (0, 0, 1, 0, 4)))
    assert found.merges == ()
    assert sizes(found, 5) == {(0, 0, 0, 0, 3): 5, (0, 0, 1, 0, 4): 9}


def test_two_thin_levels_that_are_enough_together_touch_nobody_else() -> None:
    found = merged((20, (0, 0)), (3, (0, 1)), (2, (0, 2)))
    assert found.merges == (Merge(0, "kind", (1, 2), 3),)
    assert sizes(found, 2) == {(0, 0): 20, (0, 3): 5}


def test_tenure_is_given_up_before_strata() -> None:
    found = merged((6, (0, 0, 0, 0)), (6, (0, 0, 0, 1)), (2, (0, 0, 1, 0)), (2, (0, 0, 1, 1)))
    assert found.merges == (Merge(0, "tenure", (0, 1), 2),)
    assert sizes(found, OUTER) == {(0, 0, 2, 0): 8, (0, 0, 2, 1): 8}


def test_strata_are_given_up_last() -> None:
    found = merged((6, (0, 0, 0, 0)), (2, (0, 1, 1, 1)))
    assert variables(found) == ["tenure", "kind", "stratum"]
    assert found.small == ()


def test_thin_modes_cost_no_variable_of_the_population() -> None:
    found = merged(*((2, (0, 0, tenure, 0, mode)) for tenure in (0, 1) for mode in (1, 2, 3, 4)))
    assert set(variables(found)) == {"mode"}
    assert sizes(found, 5) == {(0, 0, 0, 0, 0): 8, (0, 0, 1, 0, 0): 8}


def test_questionnaires_are_never_merged_and_an_area_too_small_is_said() -> None:
    found = merged((9, (0,)), (2, (1,)))
    assert found.small == (0,)
    assert sizes(found, 1) == {(0,): 9, (1,): 2}


def test_areas_are_widened_apart() -> None:
    rows = [(0, 0, 0, 0, mode, 0, 0) for mode, many in ((3, 6), (4, 6), (3, 4), (4, 4)) for _n in range(many)]
    found = released([7] * 12 + [9] * 8, rows)
    assert {merge.target for merge in found.merges} == {9}
    assert rows_of(found)[:12] == rows[:12]
    assert {row[4] for row in rows_of(found)[12:]} == {0}


# --- collection: inside one cell ---------------------------------------------------------------


def test_a_thin_mode_joins_the_smallest_other_and_only_in_its_cell() -> None:
    found = merged(
        (20, (0, 0, 0, 0, 3)), (9, (0, 0, 0, 0, 4)), (2, (0, 0, 0, 0, 5)),
        (7, (0, 0, 1, 0, 4)), (8, (0, 0, 1, 0, 5)),
    )  # fmt: skip
    assert found.merges == (Merge(0, "mode", (4, 5), 0, HERE),)
    assert sizes(found, 5) == {
        (0, 0, 0, 0, 3): 20, (0, 0, 0, 0, 0): 11, (0, 0, 1, 0, 4): 7, (0, 0, 1, 0, 5): 8,
    }  # fmt: skip


def test_thin_modes_that_are_enough_together_leave_the_others() -> None:
    found = merged((6, (0, 0, 0, 0, 3)), (3, (0, 0, 0, 0, 4)), (2, (0, 0, 0, 0, 5)))
    assert found.merges == (Merge(0, "mode", (4, 5), 0, HERE),)


@pytest.mark.parametrize(("by_chance", "by_order"), [(4, 20), (20, 4)])
def test_a_thin_side_of_the_lot_takes_it_from_its_own_group_only(by_chance: int, by_order: int) -> None:
    found = merged(
        (by_chance, (0, 0, 0, 0, 3, 1)), (by_order, (0, 0, 0, 0, 3, 0)),
        (5, (0, 0, 0, 0, 4, 1)), (5, (0, 0, 0, 0, 4, 0)), (6, (0, 0, 0, 0, 6, 1)),
    )  # fmt: skip
    assert found.merges == (Merge(0, "randomised", (0, 1), 0, HERE, ((3,),)),)
    assert sizes(found, 6) == {
        (0, 0, 0, 0, 3, 0): 24, (0, 0, 0, 0, 4, 1): 5, (0, 0, 0, 0, 4, 0): 5, (0, 0, 0, 0, 6, 1): 6,
    }  # fmt: skip


def test_one_merge_tells_all_groups_of_a_cell_that_lost_the_same() -> None:
    found = merged(
        (9, (0, 0, 0, 0, 3, 0)), (1, (0, 0, 0, 0, 3, 1)), (9, (0, 0, 0, 0, 4, 0)), (2, (0, 0, 0, 0, 4, 1))
    )
    assert found.merges == (Merge(0, "randomised", (0, 1), 0, HERE, ((3,), (4,))),)


def test_an_interviewer_with_few_ballots_of_a_group_is_hidden_in_company() -> None:
    found = merged((6, (0, 0, 0, 0, 1, 0, 8)), (7, (0, 0, 0, 0, 1, 0, 9)), (2, (0, 0, 0, 0, 1, 0, 5)))
    assert sizes(found) == {(0, 0, 0, 0, 1, 0, 0): 8, (0, 0, 0, 0, 1, 0, 9): 7}


def test_what_is_pooled_anyway_takes_all_of_its_rest_level() -> None:
    assert pool({3: 9, 4: 2, 0: 8}, LEAST, 0) == {0, 4}
    assert pool({3: 9, 4: 9}, LEAST, 0) == frozenset()
    assert pool({3: 9, 4: 2, 5: 7}, LEAST, 0, already={3}) == {3, 4}


# --- whatever comes ------------------------------------------------------------------------------

BALLOTS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.tuples(
            st.integers(0, 1), st.integers(0, 2), st.integers(0, 1), st.integers(0, 2),
            st.integers(1, 5), st.integers(0, 1), st.integers(0, 2),
        ),
    ),
    max_size=90,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(BALLOTS)
def test_whoever_knows_a_household_meets_enough_ballots(ballots: list[tuple[int, Cell]]) -> None:
    """Every way of grouping by what the office knows, in its order: area, questionnaire, ... interviewer."""
    target, rows = [one[0] for one in ballots], [one[1] for one in ballots]
    asked = Counter((one, row[0]) for one, row in ballots)
    found = released(target, rows)
    for upto in range(1, len(DIMENSIONS) + 1):
        groups = Counter((one, row[:upto]) for one, row in zip(target, rows_of(found), strict=True))
        for (one, row), n in groups.items():
            assert n >= LEAST or asked[one, row[0]] < LEAST
    assert set(found.small) == {one for (one, _form), n in asked.items() if n < LEAST}


@settings(max_examples=150, deadline=None)
@given(BALLOTS)
def test_equal_households_stay_together_and_merging_twice_is_merging_once(
    ballots: list[tuple[int, Cell]],
) -> None:
    target, rows = [one[0] for one in ballots], [one[1] for one in ballots]
    found = released(target, rows)
    into: dict[tuple[int, Cell], set[Cell]] = {}
    for one, row, made in zip(target, rows, rows_of(found), strict=True):
        into.setdefault((one, row), set()).add(made)
    assert all(len(made) == 1 for made in into.values())
    assert rows_of(released(target, rows_of(found))) == rows_of(found)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.tuples(st.integers(1, 5), st.integers(0, 1)), st.integers(1, 30), min_size=1))
def test_a_mode_is_kept_or_pooled_in_a_cell_and_nothing_is_pooled_in_vain(counted: dict[Cell, int]) -> None:
    became = split(counted, DIMENSIONS[4:6], LEAST).became
    size = Counter[int]()
    for (mode, _chance), n in counted.items():
        size[mode] += n
    kept = {mode for (mode, _chance), into in became.items() if into[0] != 0}
    pooled = {mode for (mode, _chance), into in became.items() if into[0] == 0}
    assert not kept & pooled
    assert not pooled or min(size[mode] for mode in pooled) < LEAST
    enough = [mode for mode in pooled if size[mode] >= LEAST]
    assert len(enough) <= 1, "one wide mode is company enough"
    assert all(size[mode] >= max(size[one] for one in enough) for mode in kept if enough)


# --- how much is left of a common design --------------------------------------------------------

KEPT = {110: (0.75, 0.80, 0.22), 300: (0.99, 0.95, 0.64)}
"""Ballots an area -> at least this share of areas with tenure, of ballots with mode, and of the lot's ballots
that are still known as such. docs/method/vote.md tells what was measured."""


def simulated(each: int, areas: int = 200) -> tuple[float, float, float]:
    """Two strata 4:1, tenants 3 in 10, four modes, one in five by chance; what of it is released."""
    rng = np.random.default_rng(20260701)
    n = areas * each
    by_chance = rng.random(n) < 0.2
    mode = np.where(by_chance, rng.integers(3, 7, n), rng.choice([3, 4, 5, 6], n, p=[0.6, 0.2, 0.1, 0.1]))
    columns = [
        np.zeros(n, np.int16), np.zeros(n, np.int16), (rng.random(n) < 0.3).astype(np.int16),
        (rng.random(n) < 0.2).astype(np.int16), mode.astype(np.int8), by_chance.astype(np.int8),
        np.zeros(n, np.int32),
    ]  # fmt: skip
    target = np.repeat(np.arange(areas, dtype=np.int32), each)
    found = generalise(target, columns, DIMENSIONS, LEAST)
    lost = {merge.target for merge in found.merges if merge.variable == "tenure"}
    lot = found.columns[5][by_chance].mean()
    return 1 - len(lost) / areas, float((found.columns[4] != 0).mean()), float(lot)


@pytest.mark.parametrize("each", [110, 300])
def test_a_common_design_keeps_most_of_what_scores_are_levelled_for(each: int) -> None:
    found = simulated(each)
    assert all(share >= least for share, least in zip(found, KEPT[each], strict=True)), found


def test_frame_cells_are_read_in_any_order_and_nothing_else_is() -> None:
    assert parse_cell("tenure=1,kind=0") == (("kind", 0), ("tenure", 1))
    assert parse_cell("") == ()
    for wrong in ("tenure", "tenure=", "=1=2", "tenure=x"):
        with pytest.raises(ValueError, match=r".*"):
            parse_cell(wrong)
    (tenure,) = frame_variables(["tenure=0", "tenure=1", ""])
    assert tenure.all_labels == (("自有住房", "owner"), ("租住", "tenant"), NOT_APART)
    assert levels_of("", [tenure]) == (2,)
