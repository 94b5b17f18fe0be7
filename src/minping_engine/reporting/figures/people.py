"""Pictures of one comparison group: funnel plot and caterpillar plot (docs/method/grades.md).

In: adjusted scores with standard errors, in points. Out: SVG. Neither has a name: the first shows who
lies outside of what chance and usual differences explain, the second how wide the intervals are beside the
differences. Fewer than `FEWEST` people are no picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from minping_engine.ranking import Funnel, funnel
from minping_engine.reporting.card_model import Axis
from minping_engine.reporting.card_parts import axis_for
from minping_engine.reporting.figures.canvas import (
    BLUE,
    GREY,
    INK,
    LEFT,
    ORANGE,
    SMALL,
    SOFT,
    TOP,
    WIDTH,
    Floats,
    Scale,
    bottom_axis,
    curve,
    diamonds,
    dots,
    empty_picture,
    heading,
    left_axis,
    line,
    picture,
    squares,
    uprights,
    words_at,
)
from minping_engine.reporting.numbers import plain_text, points_text

Words = Mapping[str, str]
FEWEST = 6
"""As many as the report of differences asks for (docs/method/fairness-report.md)."""
MOST_ROWS = 300
WARNING, ALARM = 1.96, 3.09
HEIGHT = 380.0
RIGHT, BOTTOM = WIDTH - 64.0, HEIGHT - 56.0
CURVE_POINTS = 60
ERROR_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True)
class People:
    """Scores and errors (n,) of one group in points; `full` points is the most."""

    name: str
    value: Floats
    se: Floats
    full: float


def funnel_picture(people: People, words: Words) -> str:
    """Scores by their error, with 95 % and 99.8 % limits that allow for usual differences."""
    title = words["fig_funnel"].format(group=people.name)
    if len(people.value) < FEWEST:
        return empty_picture(title, words["fig_too_few"].format(n=len(people.value), fewest=FEWEST))
    plot = funnel(people.value, people.se)
    alarm = plot.outside(ALARM)
    warning = plot.outside(WARNING) & ~alarm
    about = words["fig_funnel_about"].format(
        n=len(people.value), outside=int((warning | alarm).sum()), far=int(alarm.sum())
    )
    errors = np.linspace(people.se.min() * 0.9, people.se.max() * 1.1, CURVE_POINTS)
    limits = [replace(plot, se=errors).limits(width) for width in (WARNING, ALARM)]
    axis = axis_for([float(people.value.min()), float(people.value.max()), *_ends(limits)], people.full)
    # The surest stand at the right, as large samples do in any funnel plot.
    x, y = Scale(errors[0], errors[-1], RIGHT, LEFT), _upright(axis)
    parts = heading(title, about, words["fig_points"])
    parts += [*left_axis(y, axis.ticks, LEFT, RIGHT), *bottom_axis(x, _error_ticks(errors), TOP, BOTTOM)]
    parts += _limit_lines(plot, limits, errors, (x, y))
    at, height = x.at(people.se), y.at(people.value)
    inside = ~(warning | alarm)
    parts += [
        dots(at[inside], height[inside], fill=GREY),
        diamonds(at[warning], height[warning], fill=BLUE),
        squares(at[alarm], height[alarm], fill=ORANGE),
    ]
    return picture(HEIGHT, title, about, [*parts, _below(words["fig_funnel_x"])])


def _ends(limits: list[tuple[Floats, Floats]]) -> list[float]:
    return [float(end) for low, high in limits for end in (low.min(), high.max())]


def _upright(axis: Axis) -> Scale:
    return Scale(axis.low, axis.high, BOTTOM, TOP)


def _error_ticks(errors: Floats) -> list[tuple[float, str]]:
    reach = float(errors[-1] - errors[0])
    step = next((step for step in ERROR_STEPS if reach / step <= 6), ERROR_STEPS[-1])
    first = int(np.ceil(errors[0] / step - 1e-9))
    last = int(np.floor(errors[-1] / step + 1e-9))
    return [(number * step, plain_text(number * step)) for number in range(first, last + 1)]


def _limit_lines(
    plot: Funnel, limits: list[tuple[Floats, Floats]], errors: Floats, scales: tuple[Scale, Scale]
) -> list[str]:
    x, y = scales
    target = y.place(plot.target)
    made = [
        line((LEFT, target), (RIGHT, target), stroke=INK),
        words_at(RIGHT + 5, target + 4, points_text(plot.target, 1), anchor="start", size=SMALL),
    ]
    for ends, dash, share in zip(limits, ("6 4", ""), ("95%", "99.8%"), strict=True):
        for end in ends:
            height = np.clip(y.at(end), TOP, BOTTOM)
            made.append(curve(x.at(errors), height, stroke=SOFT, dash=dash))
            made.append(
                words_at(RIGHT + 5, float(height[0]) + 4, share, anchor="start", fill=SOFT, size=SMALL)
            )
    return made


def _below(words: str) -> str:
    return words_at((LEFT + RIGHT) / 2, HEIGHT - 12, words)


def caterpillar_picture(people: People, mean: float, z: float, words: Words) -> str:
    """Scores in rising order with intervals of half width `z` errors, beside the group's mean."""
    title = words["fig_caterpillar"].format(group=people.name)
    if len(people.value) < FEWEST:
        return empty_picture(title, words["fig_too_few"].format(n=len(people.value), fewest=FEWEST))
    order = np.argsort(people.value, kind="stable")
    value, half = people.value[order], z * people.se[order]
    side = np.where(value - half > mean, 1, np.where(value + half < mean, -1, 0))
    about = words["fig_caterpillar_about"].format(
        n=len(value), above=int((side > 0).sum()), below=int((side < 0).sum()), same=int((side == 0).sum())
    )
    every = -(-len(value) // MOST_ROWS)
    drawn = slice(every // 2, None, every)
    note = words["fig_thinned"].format(every=every) if every > 1 else ""
    value, half, side = value[drawn], half[drawn], side[drawn]
    axis = axis_for([float((value - half).min()), float((value + half).max()), mean], people.full)
    y = _upright(axis)
    step = (RIGHT - LEFT) / len(value)
    x = LEFT + step * (np.arange(len(value)) + 0.5)
    parts = [*heading(title, about, words["fig_points"]), *left_axis(y, axis.ticks, LEFT, RIGHT)]
    for where, colour, mark in ((0, GREY, dots), (1, BLUE, diamonds), (-1, ORANGE, squares)):
        at, centre, wide = x[side == where], value[side == where], half[side == where]
        low, high = (np.clip(y.at(end), TOP, BOTTOM) for end in (centre - wide, centre + wide))
        parts.append(uprights(at, low, high, stroke=colour, width=min(2.0, 0.6 * step)))
        parts.append(mark(at, y.at(centre), fill=colour, **_size(where, step)))
    level = y.place(mean)
    parts += [
        line((LEFT, level), (RIGHT, level), stroke=INK),
        words_at(RIGHT + 5, level + 4, points_text(mean, 1), anchor="start", size=SMALL),
    ]
    return picture(HEIGHT, title, about, [*parts, _below(words["fig_caterpillar_x"] + note)])


def _size(where: int, step: float) -> dict[str, float]:
    """Marks no wider than the room of a row, and never less than can be seen."""
    room = min(max(step, 2.6), 7.0)
    return {"size": room} if where == 0 else {"half": room / 2}
