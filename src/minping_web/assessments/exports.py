"""Results of a run as a table to download."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from minping_web.assessments.models import AssessedResult
from minping_web.common.tabular import Column, TableSpec

RESULTS = TableSpec(
    "assessment-results",
    "考核结果",
    "Results",
    (
        Column("id", "考核对象编号", "Assessee id"),
        Column("name", "姓名/名称", "Name"),
        Column("area", "所在区域", "Place"),
        Column("ballots", "答卷数", "Ballots"),
        Column("state", "评定情况", "State"),
        Column("score", "得分", "Score"),
        Column("low", "区间下限", "Interval from"),
        Column("high", "区间上限", "Interval to"),
        Column("grade", "等次", "Grade"),
        Column("rank_low", "最好名次", "Best rank"),
        Column("rank_high", "最差名次", "Worst rank"),
        Column("tie_band", "并列档", "Tied band"),
    ),
    key=("id",),
)


def rows(results: Iterable[AssessedResult]) -> Iterator[dict[str, object]]:
    """One row per assessee; numbers that may not be shown are empty."""
    for one in results:
        yield {
            "id": one.assessee_id,
            "name": one.name,
            "area": one.area.name if one.area else "",
            "ballots": _or_empty(one.ballots),
            "state": one.said,
            "score": _points(one.score),
            "low": _points(one.low),
            "high": _points(one.high),
            "grade": one.grade,
            "rank_low": _or_empty(one.rank_low),
            "rank_high": _or_empty(one.rank_high),
            "tie_band": _or_empty(one.tie_band),
        }


def _points(value: float | None) -> object:
    return "" if value is None else round(value, 2)


def _or_empty(value: int | None) -> object:
    return "" if value is None else value
