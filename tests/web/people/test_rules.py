"""Rules of postings: one owner a day (S10), gaps, load bands, certificates' last signs."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from minping_engine.errors import Place
from minping_web.people.rules import Period, conflicts, distribution, gaps, load_band, masked, overlapping

DAY = date(2026, 1, 1)


def _period(first: int, last: int | None, key: int = 1, role: str = "responsible") -> Period:
    ends = None if last is None else DAY + timedelta(days=last)
    return Period(key, 1, key, role, DAY + timedelta(days=first), ends, f"person {key}")


spans = st.tuples(st.integers(0, 40), st.one_of(st.none(), st.integers(0, 10))).map(
    lambda pair: (pair[0], None if pair[1] is None else pair[0] + pair[1])
)


@given(st.lists(spans, max_size=6))
def test_overlaps_are_found_exactly_where_two_hold_on_one_day(rows: list[tuple[int, int | None]]) -> None:
    """S10: by counting owners on every single day."""
    periods = [_period(first, last, key) for key, (first, last) in enumerate(rows)]
    busiest = max((sum(p.starts_on <= day <= p.end for p in periods) for day in _days()), default=0)
    assert bool(overlapping(periods)) == (busiest > 1)


@given(st.lists(spans, max_size=6), spans)
def test_a_posting_without_conflicts_never_makes_a_second_owner(
    rows: list[tuple[int, int | None]], new: tuple[int, int | None]
) -> None:
    kept: list[Period] = []
    for key, (first, last) in enumerate([*rows, new]):
        wanted = _period(first, last, key)
        if not conflicts(wanted, kept, Place(), area="a"):
            kept.append(wanted)
    assert all(sum(p.starts_on <= day <= p.end for p in kept) <= 1 for day in _days())


@given(st.lists(spans, max_size=5))
def test_gaps_are_exactly_the_days_that_nobody_holds(rows: list[tuple[int, int | None]]) -> None:
    periods = [_period(first, last, key) for key, (first, last) in enumerate(rows)]
    last_day = DAY + timedelta(days=45)
    empty = {day for day in _days(45) if not any(p.starts_on <= day <= p.end for p in periods)}
    told = {
        first + timedelta(days=step)
        for first, last in gaps(periods, DAY, last_day)
        for step in range((last - first).days + 1)
    }
    assert told == empty


def _days(last: int = 60) -> list[date]:
    return [DAY + timedelta(days=step) for step in range(last + 1)]


def test_deputies_may_overlap_but_not_one_person_with_themselves() -> None:
    first, second = _period(0, None, 1, "deputy"), _period(5, None, 2, "deputy")
    assert not conflicts(second, [first], Place(), area="a")
    again = Period(9, 1, 1, "deputy", DAY, None, "person 1")
    assert [p.code for p in conflicts(again, [first], Place(), area="a")] == ["posting.twice_the_same"]


def test_three_hundred_and_five_hundred_lie_within_the_rule() -> None:
    """S53, S71."""
    assert [load_band(n) for n in (299, 300, 500, 501)] == ["below", "within", "within", "above"]


def test_every_load_falls_into_one_class_of_the_distribution() -> None:
    assert sum(count for _low, _high, count in distribution(range(0, 1200, 7))) == len(range(0, 1200, 7))


def test_of_a_number_only_the_last_signs_remain() -> None:
    assert masked("2023-0000-001234") == "1234"
    assert masked("AB12") == "12"
