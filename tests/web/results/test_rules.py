"""Pictures and names of periods, as plain numbers and words."""

from __future__ import annotations

from types import SimpleNamespace

from django.utils.translation import override

from minping_engine.reporting.card_model import Axis
from minping_engine.reporting.place_report.model import Bar, Chart, Grid, Text
from minping_web.common.periods import period_name, period_short
from minping_web.results.rules.charts import TrendValue, bar_chart, laid_out, trend_chart


def value(score: float, *, mean: float | None = None) -> TrendValue:
    """A quarter with a narrow interval."""
    return TrendValue("Q1", "2020", score, score - 1, score + 1, mean)


def test_a_trend_takes_two_periods_and_better_stands_higher() -> None:
    assert trend_chart([value(90)]) is None
    chart = trend_chart([value(88), value(92, mean=90)])
    assert chart is not None
    low, high = chart.marks
    assert low.y > high.y
    assert low.x < high.x
    assert high.low_y is not None
    assert high.low_y > high.y > (high.high_y or 0)
    assert chart.mean_line == ""
    assert (low.year, high.year) == ("2020", "")


def test_a_trend_without_any_spread_still_has_an_axis() -> None:
    same = TrendValue("Q1", "2020", 0.0, None, None, None)
    chart = trend_chart([same, same])
    assert chart is not None
    assert len(chart.ticks) >= 2


def test_bars_stand_on_one_axis_and_hidden_ones_have_no_mark() -> None:
    bars = (Bar("甲", "90", 90.0, 89.0, 91.0), Bar("乙", "–", None, None, None))
    found = bar_chart(Chart("图", bars, Axis(80, 100, ((80, "80"), (100, "100"))), 90.0, "全区 90"))
    shown, hidden = found.rows
    assert shown.x == found.mark_x
    assert hidden.x is None
    assert (shown.low_x or 0) < (shown.x or 0) < (shown.high_x or 0)


def test_a_picture_stands_beside_a_narrow_table_and_above_a_wide_one() -> None:
    chart = Chart("图", (), Axis(0, 1, ()), None, "")
    narrow, wide = Grid("", ("a", "b"), (), (1, 1)), Grid("", tuple("abcdef"), (), (1,) * 6)
    text = Text("…")
    assert laid_out([text, chart, narrow]) == [(text,), (chart, narrow)]
    assert laid_out([chart, wide]) == [(chart,), (wide,)]
    assert laid_out([SimpleNamespace(kind="text"), narrow])[1] == (narrow,)


def test_periods_have_names_in_both_languages() -> None:
    with override("zh-hans"):
        assert period_name("2020Q4") == "2020年第4季度"
        assert period_name("2020H1") == "2020年上半年"
        assert period_short("2020Q4") == ("2020", "4季")
    with override("en"):
        assert period_name("2020") == "year 2020"
        assert period_name("spring") == "spring"
