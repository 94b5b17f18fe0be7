"""People of a place as a table to download, in the order of names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from minping_web.assessments.models import AssessedResult
from minping_web.common.tabular import Column, TableSpec

PEOPLE = TableSpec(
    "results",
    "成绩",
    "Results",
    (
        Column("name", "姓名/名称", "Name"),
        Column("place", "所在区域", "Place"),
        Column("state", "评定情况", "State"),
        Column("ballots", "答卷数", "Ballots"),
        Column("drawn", "抽取数", "Drawn"),
        Column("rate", "回答率（%）", "Response rate (%)"),
        Column("score", "得分", "Score"),
        Column("low", "区间下限", "Interval from"),
        Column("high", "区间上限", "Interval to"),
        Column("adjusted", "条件拉平后", "On level conditions"),
        Column("grade", "等次", "Grade"),
        Column("band", "并列档", "Tied band"),
        Column("progress", "比上期", "Change since the period before"),
    ),
    key=("name",),
)


def people_rows(results: Iterable[AssessedResult], grades: Mapping[str, str]) -> Iterator[dict[str, object]]:
    """One row each; what may not be shown is empty."""
    for one in results:
        yield {
            "name": one.name,
            "place": one.area.name if one.area else "",
            "state": one.said,
            "ballots": _or_empty(one.ballots),
            "drawn": _or_empty(getattr(one, "drawn", None)),
            "rate": _or_empty(getattr(one, "rate", None)),
            "score": _points(one.score),
            "low": _points(one.low),
            "high": _points(one.high),
            "adjusted": _points(getattr(one, "adjusted", None)),
            "grade": grades.get(one.grade, one.grade),
            "band": _or_empty(getattr(one, "band", None)),
            "progress": _points(one.progress),
        }


def _points(value: float | None) -> object:
    return "" if value is None else round(value, 2)


def _or_empty(value: Any) -> object:
    return "" if value is None else value
