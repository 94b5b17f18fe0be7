"""Suppression: what is hidden cannot be worked out, and nothing is hidden without need."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_engine.disclosure import (
    Cell,
    Dimension,
    Limits,
    Link,
    Protected,
    PublishedTable,
    Reason,
    audit,
    intervals,
    protect,
    table_from_leaves,
)
from minping_engine.disclosure.intervals import Work
from minping_engine.disclosure.suppress import spared
from minping_engine.errors import InputError, RefusedError
from tests.engine.disclosure.oracle import reader_interval

MODES = ("visit", "phone", "sms")
STREETS = {"c1": "s1", "c2": "s1", "c3": "s2", "c4": "s2", "s1": "*", "s2": "*"}
WAY = Dimension.flat("mode", MODES)
AREA = Dimension("area", STREETS)


def by_place(counts: dict[str, tuple[int, ...]]) -> PublishedTable:
    """Communities x modes with streets between."""
    leaves = {(area, mode): n for area, row in counts.items() for mode, n in zip(MODES, row, strict=True)}
    return table_from_leaves("ballots", [AREA, WAY], leaves)


def hidden_at(safe: Protected) -> set[tuple[str, ...]]:
    table = safe.tables[0]
    return {at for at in table.cells if table.key(at) in safe.hidden}


def test_a_thin_number_is_hidden_and_so_is_what_would_give_it_away() -> None:
    safe = protect([table_from_leaves("ballots", [WAY], {("visit",): 90, ("phone",): 40, ("sms",): 3})])
    assert hidden_at(safe) == {("sms",), ("phone",)}
    assert safe.hidden["ballots", (("mode", "phone"),)] is Reason.COMPLEMENT
    assert safe.shown(safe.tables[0], ("*",)) == 133


def test_two_thin_numbers_with_a_thin_sum_need_a_third() -> None:
    """3 + 2 of a total of 95 would tell that five answered so."""
    safe = protect([table_from_leaves("ballots", [WAY], {("visit",): 90, ("phone",): 3, ("sms",): 2})])
    assert hidden_at(safe) == {("visit",), ("phone",), ("sms",)}


def test_nothing_is_hidden_where_no_cell_is_thin() -> None:
    safe = protect([by_place(dict.fromkeys(("c1", "c2", "c3", "c4"), (10, 25, 300)))])
    assert safe.hidden == {}


def test_a_thin_community_is_not_worked_out_from_its_street() -> None:
    safe = protect(
        [by_place({"c1": (40, 30, 4), "c2": (50, 20, 30), "c3": (60, 60, 60), "c4": (70, 70, 70)})]
    )
    assert ("c2", "sms") in hidden_at(safe)
    assert not any(at[0] in ("c3", "c4") for at in hidden_at(safe)), "the other street keeps all its numbers"


def test_all_the_same_answer_is_hidden_though_many_answered() -> None:
    answers = Dimension.flat("answer", ["yes", "no"])
    leaves = {("c1", "yes"): 60, ("c2", "yes"): 40, ("c2", "no"): 30, ("c3", "yes"): 40, ("c3", "no"): 30}
    leaves |= {("c4", "yes"): 40, ("c4", "no"): 30}
    safe = protect([table_from_leaves("ballots", [AREA, answers], leaves, shares_of="answer")])
    assert safe.hidden["ballots", (("answer", "yes"), ("area", "c1"))] is Reason.SAME
    assert safe.unsafe() == ()


def test_full_marks_of_everybody_are_hidden() -> None:
    cells = {
        ("visit",): Cell(600, 30, None, 600),
        ("phone",): Cell(450, 30, None, 600),
        ("sms",): Cell(400, 30, None, 600),
    }
    safe = protect([table_from_leaves("points:q1", [WAY], cells)])
    assert safe.hidden["points:q1", (("mode", "visit"),)] is Reason.SAME
    assert len(safe.hidden) > 1


def test_a_sum_that_one_contributor_commands_is_hidden() -> None:
    cells = {("visit",): Cell(100, 20, 80), ("phone",): Cell(100, 20, 10), ("sms",): Cell(100, 20, 10)}
    safe = protect([table_from_leaves("yuan", [WAY], cells)])
    assert safe.hidden["yuan", (("mode", "visit"),)] is Reason.DOMINATED


def test_linked_tables_hide_their_common_margin_together() -> None:
    """A street that is thin in one table is the same cell in the other."""
    tenure = Dimension.flat("tenure", ["owner", "tenant"])
    small = {"c1": 4, "c2": 0, "c3": 200, "c4": 200}
    first = by_place({area: (n // 2, n // 4, n - n // 2 - n // 4) for area, n in small.items()})
    second = table_from_leaves(
        "ballots",
        [AREA, tenure],
        {(area, kind): n // 2 for area, n in small.items() for kind in ("owner", "tenant")},
    )
    safe = protect([first, second])
    assert safe.shown(first, ("s1", "*")) is None
    assert safe.shown(second, ("s1", "*")) is None
    assert safe.unsafe() == ()


def test_tables_that_disagree_on_a_margin_are_refused() -> None:
    tenure = Dimension.flat("tenure", ["owner", "tenant"])
    other = table_from_leaves("ballots", [AREA, tenure], {("c1", "owner"): 7})
    with pytest.raises(InputError) as caught:
        protect([by_place({"c1": (40, 30, 40)}), other])
    assert caught.value.problems[0].code == "disclosure.tables_differ"


def test_a_mean_does_not_solve_two_hidden_answers() -> None:
    """a + b and 20a + 10b together are a and b: the sum of points or a third answer must go too."""
    answers = Dimension.flat("answer", ["good", "fair", "poor"])
    table = table_from_leaves(
        "ballots", [answers], {("good",): 80, ("fair",): 30, ("poor",): 5}, shares_of="answer"
    )
    points = table_from_leaves(
        "points", [Dimension.flat("mode", ["visit"])], {("visit",): Cell(1900, 115, None, 2300)}
    )
    parts = {
        ("ballots", (("answer", name),)): worth for name, worth in (("good", 20), ("fair", 10), ("poor", 0))
    }
    loose = protect([table, points])
    tied = protect([table, points], links=[Link(("points", ()), parts)])
    assert loose.hidden.keys() == {("ballots", (("answer", name),)) for name in ("fair", "poor")}
    assert tied.hidden.keys() != loose.hidden.keys()
    assert tied.unsafe() == ()


def test_what_the_caller_withholds_cannot_be_worked_out_either() -> None:
    table = by_place(dict.fromkeys(("c1", "c2", "c3", "c4"), (50, 60, 70)))
    safe = protect([table], withheld={table.key(("c1", "visit"))})
    assert safe.hidden[table.key(("c1", "visit"))] is Reason.WITHHELD
    assert len(safe.hidden) == 4, "a rectangle is the least that hides one cell of a table"


def test_the_audit_tells_the_interval_of_a_hidden_cell() -> None:
    safe = protect([table_from_leaves("ballots", [WAY], {("visit",): 90, ("phone",): 40, ("sms",): 3})])
    cell = safe.system.at["ballots", (("mode", "sms"),)]
    known = audit(safe.system, [safe.system.at[key] for key in safe.hidden], [cell])[cell]
    assert (known.low, known.high) == (0, 43)


tables = st.lists(
    st.tuples(*[st.one_of(st.integers(0, 12), st.integers(10, 90))] * 3), min_size=4, max_size=4
).map(lambda rows: by_place(dict(zip(("c1", "c2", "c3", "c4"), rows, strict=True))))


@settings(max_examples=40, deadline=None)
@given(tables)
def test_no_hidden_cell_can_be_computed_from_the_shown_ones(table: PublishedTable) -> None:
    safe = protect([table])
    for at in hidden_at(safe):
        low, high = reader_interval(table, set(safe.hidden), at)
        wanted = 0 if safe.hidden[table.key(at)] is Reason.COMPLEMENT else safe.limits.width
        assert high - low >= wanted - 1e-6
        assert high - low > 1e-6


@settings(max_examples=40, deadline=None)
@given(tables)
def test_every_thin_number_is_hidden_and_every_shown_one_is_true(table: PublishedTable) -> None:
    safe = protect([table])
    for at, cell in table.cells.items():
        shown = safe.shown(table, at)
        assert shown is None or (shown == cell.value and not 0 < cell.n < safe.limits.fewest)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.integers(10, 90)] * 3), min_size=4, max_size=4))
def test_no_table_without_a_thin_cell_loses_a_number(rows: list[tuple[int, ...]]) -> None:
    assert protect([by_place(dict(zip(("c1", "c2", "c3", "c4"), rows, strict=True)))]).hidden == {}


@settings(max_examples=20, deadline=None)
@given(tables)
def test_equal_tables_are_hidden_equally(table: PublishedTable) -> None:
    assert protect([table]).hidden == protect([table]).hidden


def test_a_lower_threshold_hides_less() -> None:
    table = by_place({"c1": (40, 30, 4), "c2": (50, 20, 30), "c3": (60, 60, 60), "c4": (70, 70, 70)})
    assert len(protect([table], Limits(fewest=3, width=3)).hidden) < len(protect([table]).hidden)


def thin_everywhere() -> PublishedTable:
    """Thin numbers in every place: several passes of complements are needed."""
    return by_place({"c1": (3, 2, 30), "c2": (2, 50, 50), "c3": (50, 50, 3), "c4": (2, 50, 2)})


def test_beyond_its_work_the_rule_hides_whole_levels_or_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """However little work is allowed: what goes out is safe by an audit without a limit."""
    ends = set()
    for work in (0, 20, 40, 60, 100, 150, 200, 400, 10_000):
        monkeypatch.setattr(intervals, "WORK", work)
        try:
            safe = protect([thin_everywhere()])
        except RefusedError as refused:
            ends.add(refused.problems[0].code)
            continue
        assert protect([thin_everywhere()]).hidden == safe.hidden
        monkeypatch.setattr(intervals, "WORK", 1_000_000)
        assert safe.unsafe() == ()
        ends |= {Reason.UNCHECKED} & set(safe.hidden.values()) or {"ordinary"}
    assert ends == {"disclosure.unchecked", Reason.UNCHECKED, "ordinary"}


def test_without_work_nothing_is_shown_again_and_the_audit_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    safe = protect([thin_everywhere()])
    monkeypatch.setattr(intervals, "WORK", 0)
    with pytest.raises(RefusedError) as refused:
        safe.unsafe()
    assert refused.value.problems[0].code == "disclosure.unchecked"
    hidden = {safe.system.at[key] for key in safe.hidden}
    wanted = dict.fromkeys(
        (safe.system.at[key] for key, why in safe.hidden.items() if why is Reason.FEW), 10.0
    )
    assert spared(safe.system, hidden, wanted) == hidden


def test_many_cells_are_audited_by_few_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty thin communities, two programs for each number would be three hundred and sixty."""
    area = Dimension.flat("area", [f"c{number}" for number in range(60)])
    leaves = {(f"c{at}", mode): 1 + (at * 7 + len(mode)) % 9 for at in range(60) for mode in MODES}
    safe = protect([table_from_leaves("ballots", [area, WAY], leaves)])
    work = Work()
    monkeypatch.setattr("minping_engine.disclosure.suppress.Work", lambda: work)
    assert safe.unsafe() == ()
    assert len(safe.widths) >= 180
    assert 0 < work.programs < 60
