"""Picture of drivers: importance with its interval x performance (docs/method/drivers.md).

In: `Driver` by item, in per cent. Out: SVG with four named fields. Importance is the share of all
differences in the overall answer that goes with an item: association, not cause, and the picture says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from minping_engine.reporting.figures.canvas import (
    BLUE,
    INK,
    LEFT,
    ORANGE,
    SOFT,
    TOP,
    WIDTH,
    Scale,
    bottom_axis,
    diamonds,
    dots,
    empty_picture,
    heading,
    left_axis,
    line,
    picture,
    words_at,
)
from minping_engine.reporting.figures.people import Words
from minping_engine.reporting.numbers import plain_text

HEIGHT = 420.0
RIGHT, BOTTOM = WIDTH - 20.0, HEIGHT - 56.0
FEWEST, MOST = 2, 15
STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
LINE_HEIGHT = 16.0
FULL_WIDTH = 0x2E80
"""From here on a sign is as wide as it is high."""


@dataclass(frozen=True)
class Driver:
    """One item: per cent of the overall answer's differences with its interval; per cent of its points."""

    name: str
    importance: float
    low: float | None
    high: float | None
    performance: float
    is_first: bool


@dataclass(frozen=True)
class Cuts:
    """Where the four fields meet: mean importance and mean performance, in per cent."""

    importance: float
    performance: float


def drivers_picture(drivers: Sequence[Driver], cuts: Cuts, words: Words) -> str:
    """Items in four fields."""
    title, about = words["fig_drivers"], words["fig_drivers_about"]
    if len(drivers) < FEWEST:
        return empty_picture(title, words["fig_no_drivers"])
    drivers = sorted(drivers, key=lambda driver: -driver.importance)[:MOST]
    most = max(driver.high or driver.importance for driver in drivers)
    values = [driver.performance for driver in drivers]
    x_ticks = _ticks(0.0, 1.15 * max(most, cuts.importance))
    y_ticks = _ticks(max(0.0, min(values) - 3), min(100.0, max(values) + 3))
    x = Scale(0.0, x_ticks[-1][0], LEFT, RIGHT)
    y = Scale(y_ticks[0][0], y_ticks[-1][0], BOTTOM, TOP)
    parts = heading(title, about, words["fig_drivers_y"])
    parts += [*left_axis(y, y_ticks, LEFT, RIGHT), *bottom_axis(x, x_ticks, TOP, BOTTOM)]
    parts += _fields(x.place(cuts.importance), y.place(cuts.performance), words)
    parts += _marks(drivers, x, y)
    parts.append(words_at((LEFT + RIGHT) / 2, HEIGHT - 12, words["fig_drivers_x"]))
    return picture(HEIGHT, title, about, parts)


def _ticks(low: float, high: float) -> list[tuple[float, str]]:
    step = next((step for step in STEPS if (high - low) / step <= 6), STEPS[-1])
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [(number * step, f"{plain_text(number * step)}%") for number in range(first, last + 1)]


def _fields(across: float, down: float, words: Words) -> list[str]:
    """Two dashed lines and the names of the four fields in the corners."""
    made = [
        line((across, TOP), (across, BOTTOM), stroke=INK, dash="5 4"),
        line((LEFT, down), (RIGHT, down), stroke=INK, dash="5 4"),
    ]
    for key, x, y, anchor in (
        ("quadrant_enough", LEFT + 6, TOP + 16, "start"),
        ("quadrant_keep_up", RIGHT - 6, TOP + 16, "end"),
        ("quadrant_later", LEFT + 6, BOTTOM - 8, "start"),
        ("quadrant_improve_first", RIGHT - 6, BOTTOM - 8, "end"),
    ):
        made.append(words_at(x, y, words[key], anchor=anchor, fill=SOFT))
    return made


def _marks(drivers: Sequence[Driver], x: Scale, y: Scale) -> list[str]:
    made = []
    for driver in drivers:
        height = y.place(driver.performance)
        if driver.low is not None and driver.high is not None:
            made.append(line((x.place(driver.low), height), (x.place(driver.high), height), stroke=SOFT))
        mark, colour = (diamonds, ORANGE) if driver.is_first else (dots, BLUE)
        size = {"half": 6.0} if driver.is_first else {"size": 10.0}
        made.append(mark(np.array([x.place(driver.importance)]), np.array([height]), fill=colour, **size))
    return [*made, *_labels(drivers, x, y)]


def _labels(drivers: Sequence[Driver], x: Scale, y: Scale) -> list[str]:
    """Names beside the marks: left where the right has no room, all moved down or up where they meet."""
    boxes = []
    for driver in drivers:
        wide = text_width(driver.name)
        start = x.place(driver.high if driver.high is not None else driver.importance) + 9
        if start + wide > RIGHT:
            start = x.place(driver.low if driver.low is not None else driver.importance) - 9 - wide
        boxes.append((start, start + wide, y.place(driver.performance) + 4.5))
    heights = _apart(boxes, 1)
    if max(heights) > BOTTOM:
        heights = _apart(boxes, -1)
    named = zip(drivers, boxes, heights, strict=True)
    return [words_at(box[0], height, driver.name, anchor="start") for driver, box, height in named]


def _apart(boxes: Sequence[tuple[float, float, float]], way: int) -> list[float]:
    """Heights of lines at least one line apart where they meet across; moved only `way` (1 is down)."""
    heights: dict[int, float] = {}
    for number in sorted(range(len(boxes)), key=lambda one: way * boxes[one][2]):
        left, right, height = boxes[number]
        for other in sorted(heights, key=lambda one: way * heights[one]):
            meets = left < boxes[other][1] and boxes[other][0] < right
            if meets and abs(height - heights[other]) < LINE_HEIGHT:
                height = heights[other] + way * LINE_HEIGHT
        heights[number] = height
    return [heights[number] for number in range(len(boxes))]


def text_width(words: str) -> float:
    """About how wide a line is: Chinese signs are as wide as high, others a little over half."""
    return sum(13.0 if ord(sign) >= FULL_WIDTH else 7.2 for sign in words)
