"""Windows of cases are cut where the district cuts its months, without gap and without overlap."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minping_engine.errors import InputError
from minping_engine.evidence import Window, period_window


def moment(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2020, month, day, hour)  # noqa: DTZ001 - local time by contract


@pytest.mark.parametrize(
    ("period", "cut", "start", "end"),
    [
        ("2020-11", (19, 12), moment(10, 19, 12), moment(11, 19, 12)),
        ("2020-11", (1, 0), moment(11, 1), moment(12, 1)),
        ("2020-03", (28, 0), moment(2, 28), moment(3, 28)),
        ("2020Q2", (19, 12), moment(3, 19, 12), moment(6, 19, 12)),
        ("2020H1", (1, 8), moment(1, 1, 8), moment(7, 1, 8)),
        ("2020", (26, 0), moment(12, 26).replace(year=2019), moment(12, 26)),
        ("2020-01", (19, 12), moment(12, 19, 12).replace(year=2019), moment(1, 19, 12)),
    ],
)
def test_a_period_is_cut_where_the_district_cuts_its_months(
    period: str, cut: tuple[int, int], start: datetime, end: datetime
) -> None:
    made = period_window(period, cut_day=cut[0], cut_hour=cut[1], basis="closed")
    assert made == Window("closed", start, end)


@given(day=st.integers(1, 28), hour=st.integers(0, 23))
def test_the_months_of_a_year_follow_each_other_without_gap_and_make_the_year(day: int, hour: int) -> None:
    def window(period: str) -> Window:
        return period_window(period, cut_day=day, cut_hour=hour, basis="created")

    months = [window(f"2020-{month:02d}") for month in range(1, 13)]
    assert [one.end for one in months[:-1]] == [one.start for one in months[1:]]
    assert (months[0].start, months[-1].end) == (window("2020").start, window("2020").end)
    assert (months[3].start, months[5].end) == (window("2020Q2").start, window("2020Q2").end)


@pytest.mark.parametrize("cut", [(29, 0), (0, 0), (1, 24), (1, -1)])
def test_a_cut_that_some_month_lacks_is_refused(cut: tuple[int, int]) -> None:
    with pytest.raises(InputError) as caught:
        period_window("2020-11", cut_day=cut[0], cut_hour=cut[1], basis="created")
    assert [problem.code for problem in caught.value.problems] == ["snapshot.bad_cut"]


def test_a_round_without_days_has_no_window() -> None:
    with pytest.raises(InputError) as caught:
        period_window("pilot", cut_day=1, cut_hour=0, basis="created")
    assert [problem.code for problem in caught.value.problems] == ["snapshot.period_without_days"]
