"""One vote per household and target: the fast rule equals a naive one; row order decides nothing."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_engine.snapshot import table_fingerprint
from minping_engine.snapshot.importing.apply_times import UNKNOWN
from minping_engine.snapshot.importing.apply_votes import choose_votes
from tests.engine.snapshot.factory import HEADER, ballots, imported, make_map, write_csv

BALLOT = st.tuples(st.integers(-1, 3), st.integers(0, 2), st.one_of(st.just(UNKNOWN), st.integers(0, 5)))


def naive(cast: list[tuple[int, int, int]], rule: str) -> list[int]:
    """Which ballots count, by hand."""
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    alone = []
    for number, (household, target, _) in enumerate(cast):
        if household < 0:
            alone.append(number)
        else:
            groups[household, target].append(number)
    kept = alone
    for group in groups.values():
        timed = [number for number in group if cast[number][2] != UNKNOWN] or group
        if rule == "latest":
            kept.append(max(timed, key=lambda number: (cast[number][2], number)))
        elif rule == "first":
            kept.append(min(timed, key=lambda number: (cast[number][2], number)))
        elif len(group) == 1:
            kept.append(group[0])
    return sorted(kept)


@pytest.mark.parametrize("rule", ["latest", "first", "reject"])
@given(cast=st.lists(BALLOT, max_size=30))
@settings(max_examples=60, deadline=None)
def test_the_chosen_ballots_are_those_that_one_would_choose_by_hand(
    rule: str, cast: list[tuple[int, int, int]]
) -> None:
    household, target, time = (np.array([one[part] for one in cast], np.int64) for part in range(3))
    votes = choose_votes(household, target, time, rule)  # type: ignore[arg-type]
    assert votes.kept.tolist() == naive(cast, rule)
    assert sorted([*votes.kept.tolist(), *votes.dropped.tolist()]) == list(range(len(cast)))
    if rule != "reject":
        assert set(votes.instead.tolist()) <= set(votes.kept.tolist())


ROW = st.tuples(
    st.sampled_from(["甲片", "乙片", "丙片"]),
    st.sampled_from(["H1", "H2", "H3", "H4"]),
    st.sampled_from(["入户", "电话", ""]),
    st.sampled_from(["是", "否", ""]),
    st.sampled_from(["满意", "5", ""]),
)


@given(rows=st.lists(ROW, min_size=1, max_size=12), data=st.data())
@settings(max_examples=25, deadline=None)
def test_the_order_of_rows_changes_nothing_but_ballot_ids(
    rows: list[tuple[str, ...]], data: st.DataObject
) -> None:
    timed = [(row[0], row[1], f"2019-01-05 10:{minute:02d}", *row[2:]) for minute, row in enumerate(rows)]
    shuffled = data.draw(st.permutations(timed))
    map_ = make_map(cells={"way": {"column": "方式"}})
    seen = []
    for order in (timed, shuffled):
        with TemporaryDirectory() as folder:
            snapshot = imported(write_csv(Path(folder) / "a.csv", order, HEADER), map_)
            names = ("areas", "assessees", "targets", "postings", "cell_variables", "item_codes")
            tables = [table_fingerprint(snapshot.table(name)) for name in names]
            seen.append((tables, ballots(snapshot)))
    assert seen[0] == seen[1]
