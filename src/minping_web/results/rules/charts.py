"""Pictures of results as whole numbers of a drawing: the trend of one result, values of places on one axis.

In: values with intervals. Out: coordinates for an SVG that fits a telephone without getting illegible. The
interval is always drawn; a table beside every picture says the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, TOP, BOTTOM, LEFT, RIGHT = 400, 22, 190, 34, 390
BAR_LEFT, BAR_RIGHT, BAR_STEP = 112, 345, 26
STEPS = (0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200, 500)
MOST_TICKS = 5
MOST_BESIDE = 4
"""Columns of a table that fits beside a picture."""


@dataclass(frozen=True)
class TrendValue:
    """One period: its score with interval, and the mean of all it is compared with."""

    label: str
    year: str
    value: float
    low: float | None
    high: float | None
    mean: float | None
    is_preview: bool = False


@dataclass(frozen=True)
class TrendMark:
    """Where a period stands in the picture."""

    label: str
    year: str
    x: int
    y: int
    low_y: int | None
    high_y: int | None
    text: str
    is_preview: bool


@dataclass(frozen=True)
class TrendChart:
    """Marks, lines as path data, ticks of the axis (y, text)."""

    marks: tuple[TrendMark, ...]
    line: str
    mean_line: str
    ticks: tuple[tuple[int, str], ...]


def trend_chart(values: Sequence[TrendValue]) -> TrendChart | None:
    """The picture; None for fewer than two periods."""
    if len(values) < 2:
        return None
    known = [number for one in values for number in (one.value, one.low, one.high, one.mean)]
    low, high, step = _range([number for number in known if number is not None])
    gap = (RIGHT - LEFT - 30) / (len(values) - 1)

    def down(value: float) -> int:
        return round(BOTTOM - (value - low) / (high - low) * (BOTTOM - TOP))

    xs = [round(LEFT + 15 + number * gap) for number in range(len(values))]
    marks, year = [], ""
    for x, one in zip(xs, values, strict=True):
        shown = one.year if one.year != year else ""
        year = one.year
        low_y, high_y = (None if end is None else down(end) for end in (one.low, one.high))
        text = f"{one.value:.1f}"
        marks.append(TrendMark(one.label, shown, x, down(one.value), low_y, high_y, text, one.is_preview))
    means = [(x, down(one.mean)) for x, one in zip(xs, values, strict=True) if one.mean is not None]
    ticks = tuple((down(tick), f"{tick:g}") for tick in _ticks(low, high, step))
    return TrendChart(tuple(marks), _path([(mark.x, mark.y) for mark in marks]), _path(means), ticks)


@dataclass(frozen=True)
class BarMark:
    """A row of the picture; `x` None where nothing may be shown."""

    name: str
    text: str
    y: int
    x: int | None
    low_x: int | None
    high_x: int | None


@dataclass(frozen=True)
class BarChart:
    """Rows on one axis with the value that they are compared with."""

    title: str
    rows: tuple[BarMark, ...]
    height: int
    mark_x: int | None
    mark_label: str
    ticks: tuple[tuple[int, str], ...]


def bar_chart(chart: Any) -> BarChart:
    """An engine's `Chart` as coordinates."""
    span = chart.axis.high - chart.axis.low or 1.0

    def along(value: float | None) -> int | None:
        if value is None:
            return None
        kept: float = min(max(value, chart.axis.low), chart.axis.high)
        at: int = round(BAR_LEFT + (kept - chart.axis.low) / span * (BAR_RIGHT - BAR_LEFT))
        return at

    rows = tuple(
        BarMark(bar.name, bar.text, 18 + number * BAR_STEP, along(bar.value), along(bar.low), along(bar.high))
        for number, bar in enumerate(chart.bars)
    )
    ticks = tuple((along(value) or 0, text) for value, text in chart.axis.ticks)
    height = 18 + len(rows) * BAR_STEP + 26
    return BarChart(chart.title, rows, height, along(chart.mark), chart.mark_label, ticks)


def bars_of(blocks: Sequence[Any]) -> list[BarChart]:
    """The pictures among blocks of a report."""
    return [bar_chart(block) for block in blocks if block.kind == "chart"]


def laid_out(blocks: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Blocks of a chapter, a picture together with the narrow table that says the same."""
    found: list[tuple[Any, ...]] = []
    for block in blocks:
        before = found[-1] if found else ()
        is_beside = len(before) == 1 and before[0].kind == "chart"
        if is_beside and block.kind == "grid" and len(block.head) <= MOST_BESIDE:
            found[-1] = (before[0], block)
        else:
            found.append((block,))
    return found


def _range(known: Sequence[float]) -> tuple[float, float, float]:
    """An axis with round ends and its step."""
    low, high = min(known), max(known)
    room = max((high - low) * 0.1, 0.5)
    low, high = max(0.0, low - room), high + room
    step = next((step for step in STEPS if (high - low) / step <= MOST_TICKS), STEPS[-1])
    return math.floor(low / step) * step, math.ceil(high / step) * step, step


def _ticks(low: float, high: float, step: float) -> list[float]:
    return [low + number * step for number in range(round((high - low) / step) + 1)]


def _path(points: Sequence[tuple[int, int]]) -> str:
    return "" if len(points) < 2 else "M" + "L".join(f"{x} {y}" for x, y in points)
