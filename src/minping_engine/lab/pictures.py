"""The picture of a trial: scores before and after, and how often each grade holds.

In: one round of a trial. Out: SVG text that stands alone. A line per assessee; those whose grade changes are
coloured and dashed or thick, so that a copy in grey says the same, and carry their id (never a name).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from minping_engine.lab.model import Person, RoundTrial, Trial
from minping_engine.lab.words import grade_word, grades_of
from minping_engine.reporting.figures.canvas import (
    BLUE,
    GREY,
    INK,
    LARGE,
    LEFT,
    ORANGE,
    RULE,
    SMALL,
    SOFT,
    WIDTH,
    Scale,
    empty_picture,
    heading,
    left_axis,
    line,
    picture,
    words_at,
)
from minping_engine.reporting.numbers import period_text, plain_text
from minping_engine.reporting.texts import texts

TOP, BOTTOM, LEGEND = 86.0, 470.0, 500.0
BEFORE, AFTER = 150.0, WIDTH - 150.0
ROW, BARS_TOP, BAR = 30.0, 66.0, 16.0
BARS_LEFT, BARS_RIGHT = 180.0, WIDTH - 70.0
MOST_NAMED, CROWD = 24, 80
"""Flips that still get their id; people beyond whom lines are drawn thin."""
LINE_HEIGHT = 15.0
STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)


class Look(NamedTuple):
    """How a line is drawn."""

    stroke: str
    width: float
    dash: str = ""


LOOKS = {1: Look(BLUE, 2.2), -1: Look(ORANGE, 1.8, "7 4"), 0: Look(GREY, 0.8)}
WORDS = {1: "fig_up", -1: "fig_down", 0: "fig_same"}


def trial_picture(trial: Trial, number: int = -1, language: str = "zh") -> str:
    """Slopes and, where weights were varied, bars below them; of the newest round by default."""
    round_ = trial.rounds[number]
    words = texts("lab", language)
    slopes, height = _slopes(round_, language), LEGEND + 26
    if not slopes:
        title = words["fig_slopes"].format(period=period_text(round_.period, language))
        return alone(empty_picture(title, words["fig_no_scores"]))
    bars = _bars(trial, round_, language)
    title = words["fig_slopes"].format(period=period_text(round_.period, language))
    parts = [*slopes, f'<g transform="translate(0 {height:g})">{"".join(bars)}</g>'] if bars else slopes
    tall = height + (BARS_TOP + ROW * len(round_.stability.by_grade()) + 20 if bars else 0)
    return alone(picture(tall, title, _about(round_, language), parts))


def alone(svg: str) -> str:
    """The picture as a file of its own, on white."""
    return svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" style="background:#fff" ', 1)


def _about(round_: RoundTrial, language: str) -> str:
    ways = [person.way for person in _shown(round_)]
    counts = {"up": ways.count(1), "down": ways.count(-1), "same": ways.count(0)}
    return texts("lab", language)["fig_slopes_about"].format(**counts)


def _shown(round_: RoundTrial) -> list[Person]:
    return [person for person in round_.people if person.difference is not None]


def _slopes(round_: RoundTrial, language: str) -> list[str]:
    people, words = _shown(round_), texts("lab", language)
    if not people:
        return []
    scores = [score for person in people for score in _ends(person)]
    ticks = _ticks(min(scores), max(scores))
    y = Scale(ticks[0][0], ticks[-1][0], BOTTOM, TOP)
    title = words["fig_slopes"].format(period=period_text(round_.period, language))
    parts = heading(title, _about(round_, language), "")
    parts += left_axis(y, ticks, LEFT, WIDTH - 20)
    parts += [words_at(BEFORE, TOP - 14, words["t_before"]), words_at(AFTER, TOP - 14, words["t_after"])]
    parts += [line((x, TOP), (x, BOTTOM), stroke=SOFT) for x in (BEFORE, AFTER)]
    thin = 0.5 if len(people) > CROWD else 1.0
    for way in (0, -1, 1):
        look = LOOKS[way]._replace(width=LOOKS[way].width * thin)
        parts.append(_lines([one for one in people if one.way == way], look, y))
    flipped = [person for person in people if person.way]
    if len(flipped) <= MOST_NAMED:
        parts += _names(flipped, y)
    return [*parts, *_legend(words)]


def _ends(person: Person) -> tuple[float, float]:
    assert person.before.score is not None
    assert person.after.score is not None
    return person.before.score, person.after.score


def _ticks(low: float, high: float) -> list[tuple[float, str]]:
    high = max(high, low + 0.1)
    step = next((step for step in STEPS if (high - low) / step <= 8), STEPS[-1])
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [
        (number * step, plain_text(round(number * step, 6)))
        for number in range(first, max(last, first + 1) + 1)
    ]


def _lines(people: Iterable[Person], look: Look, y: Scale) -> str:
    path = "".join(
        f"M{BEFORE:g} {y.place(first):.1f}L{AFTER:g} {y.place(last):.1f}"
        for first, last in map(_ends, people)
    )
    dash = f' stroke-dasharray="{look.dash}"' if look.dash else ""
    return (
        f'<path d="{path}" stroke="{look.stroke}" stroke-width="{look.width:g}" fill="none"{dash}/>'
        if path
        else ""
    )


def _names(people: Sequence[Person], y: Scale) -> list[str]:
    """Ids at the right, from top to bottom, one line apart; equal ends share a line."""
    rows: dict[tuple[float, int], list[str]] = {}
    for person in people:
        rows.setdefault((round(y.place(_ends(person)[1]), 1), person.way), []).append(person.assessee_id)
    made, free = [], -math.inf
    for (place, way), ids in sorted(rows.items()):
        free = max(place, free + LINE_HEIGHT)
        text = " ".join(sorted(ids)[:3]) + (f" +{len(ids) - 3}" if len(ids) > 3 else "")
        mark = "▲ " if way > 0 else "▼ "
        made.append(
            words_at(AFTER + 10, free + 4, mark + text, anchor="start", fill=LOOKS[way].stroke, size=SMALL)
        )
    return made


def _legend(words: dict[str, str]) -> list[str]:
    made, x = [], LEFT
    for way in (1, -1, 0):
        look = LOOKS[way]
        dash = f' stroke-dasharray="{look.dash}"' if look.dash else ""
        made.append(
            f'<path d="M{x:g} {LEGEND:g}h34" stroke="{look.stroke}" stroke-width="{look.width:g}"{dash}/>'
        )
        made.append(words_at(x + 42, LEGEND + 4, words[WORDS[way]], anchor="start", size=SMALL))
        x += 190
    return made


def _bars(trial: Trial, round_: RoundTrial, language: str) -> list[str]:
    """A bar per grade, best first."""
    shares, words = round_.stability.by_grade(), texts("lab", language)
    if not shares:
        return []
    about = words["fig_bars_about"].format(spread=trial.spread_percent, draws=trial.draws)
    parts = [
        words_at(LEFT, 16, words["fig_bars"], anchor="start", size=LARGE),
        words_at(LEFT, 38, about, anchor="start", fill=SOFT),
    ]
    x = Scale(0.0, 1.0, BARS_LEFT, BARS_RIGHT)
    bottom = BARS_TOP + ROW * len(shares)
    parts += [
        line((x.place(share), BARS_TOP - 8), (x.place(share), bottom), stroke=RULE) for share in (0, 0.5, 1)
    ]
    held = [person.grade for person in round_.stability.people]
    for number, grade in enumerate(one for one in grades_of(trial.changed) if one in shares):
        y = BARS_TOP + number * ROW
        label = words["fig_bars_of"].format(
            grade=grade_word(trial.changed, grade, language), n=held.count(grade)
        )
        wide = x.place(shares[grade]) - BARS_LEFT
        parts += [
            words_at(BARS_LEFT - 10, y + 13, label, anchor="end", size=SMALL),
            f'<rect x="{BARS_LEFT:g}" y="{y:g}" width="{wide:.1f}" height="{BAR:g}" fill="{BLUE}"/>',
            words_at(
                BARS_RIGHT + 8, y + 13, f"{100 * shares[grade]:.0f}%", anchor="start", fill=INK, size=SMALL
            ),
        ]
    return parts
