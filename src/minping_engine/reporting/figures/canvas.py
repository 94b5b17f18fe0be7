"""What all pictures share: scales, axes, texts, the frame with title and description.

In: numbers in the unit of the axis. Out: SVG elements as text, escaped. Many marks go into one path, so
that a picture of a thousand people stays a few kilobytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ticks = Sequence[tuple[float, str]]
FONTS = "'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
INK, SOFT, RULE = "#1d2329", "#4a545e", "#dde2e6"
BLUE, ORANGE, GREY = "#14395b", "#b5541c", "#98a3ad"
"""Blue and orange differ for colour-blind readers and, dark against middling, in a grey copy."""
WIDTH = 720.0
EDGE = ' paint-order="stroke" stroke="#fff" stroke-width="3"'
SMALL, PLAIN, LARGE = 12, 13, 15
LEFT, TOP = 58.0, 72.0
"""Where the drawing begins: room for a heading of two lines and for the numbers of an axis."""


@dataclass(frozen=True)
class Scale:
    """A straight line from `low`-`high` in units to `start`-`end` on the picture."""

    low: float
    high: float
    start: float
    end: float

    def at(self, values: Floats | float) -> Floats:
        """Where values stand."""
        share = (np.asarray(values, dtype=np.float64) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def place(self, value: float) -> float:
        """Where one value stands."""
        return float(self.at(value))


def picture(height: float, title: str, about: str, parts: Iterable[str]) -> str:
    """The frame: an image with a name and a description for those who listen."""
    look = f'font-family="{FONTS}" font-size="{PLAIN}" fill="{INK}"'
    named = f"<title>{escape(title)}</title><desc>{escape(about)}</desc>"
    return f'<svg viewBox="0 0 {WIDTH:g} {height:g}" role="img" {look}>{named}{"".join(parts)}</svg>'


def empty_picture(title: str, reason: str) -> str:
    """A picture that cannot be drawn, and why."""
    return picture(70, title, reason, [words_at(WIDTH / 2, 40, reason, fill=SOFT)])


def words_at(
    x: float, y: float, words: str, *, anchor: str = "middle", fill: str = INK, size: int = PLAIN
) -> str:
    """A line of text, with a white edge so that it can be read across lines."""
    look = f' fill="{fill}"' if fill != INK else ""
    look += f' font-size="{size}"' if size != PLAIN else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{look}{EDGE}>{escape(words)}</text>'


def heading(title: str, about: str, beside: str) -> list[str]:
    """Two lines above a picture, and the name of the axis at the left."""
    return [
        words_at(LEFT, 16, title, anchor="start", size=LARGE),
        words_at(LEFT, 37, about, anchor="start", fill=SOFT),
        words_at(8, TOP - 12, beside, anchor="start", fill=SOFT, size=SMALL),
    ]


def line(start: tuple[float, float], end: tuple[float, float], *, stroke: str = RULE, dash: str = "") -> str:
    """A straight line."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    (x1, y1), (x2, y2) = start, end
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{stroke}" fill="none"{dashes}/>'


def curve(x: Floats, y: Floats, *, stroke: str, dash: str = "") -> str:
    """A line through points."""
    through = "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="M{through}" stroke="{stroke}" fill="none" stroke-width="1.5"{dashes}/>'


def dots(x: Floats, y: Floats, *, fill: str, size: float = 5.0) -> str:
    """Round marks: lines of no length with round ends, all in one path."""
    marks = "".join(f"M{a:.1f} {b:.1f}h0" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    return _marks(marks, f'stroke="{fill}" stroke-width="{size:g}" stroke-linecap="round"')


def diamonds(x: Floats, y: Floats, *, fill: str, half: float = 4.5) -> str:
    """Marks that stand out from dots."""
    shape = f"l{half:g} {half:g}l-{half:g} {half:g}l-{half:g} -{half:g}z"
    marks = "".join(f"M{a:.1f} {b - half:.1f}{shape}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    return _marks(marks, f'fill="{fill}"')


def squares(x: Floats, y: Floats, *, fill: str, half: float = 4.0) -> str:
    """Marks that stand out from dots and diamonds."""
    side = 2 * half
    shape = f"h{side:g}v{side:g}h-{side:g}z"
    marks = "".join(
        f"M{a - half:.1f} {b - half:.1f}{shape}" for a, b in zip(x.tolist(), y.tolist(), strict=True)
    )
    return _marks(marks, f'fill="{fill}"')


def uprights(x: Floats, low: Floats, high: Floats, *, stroke: str, width: float) -> str:
    """Upright intervals."""
    ends = zip(x.tolist(), low.tolist(), high.tolist(), strict=True)
    return _marks(
        "".join(f"M{a:.1f} {b:.1f}V{c:.1f}" for a, b, c in ends),
        f'stroke="{stroke}" stroke-width="{width:g}"',
    )


def _marks(path: str, look: str) -> str:
    return f'<path d="{path}" {look}/>' if path else ""


def bottom_axis(scale: Scale, ticks: Ticks, top: float, bottom: float) -> list[str]:
    """Upright rules with their numbers below."""
    made = []
    for value, words in ticks:
        x = scale.place(value)
        made += [line((x, top), (x, bottom)), words_at(x, bottom + 17, words, fill=SOFT, size=SMALL)]
    return made


def left_axis(scale: Scale, ticks: Ticks, left: float, right: float) -> list[str]:
    """Level rules with their numbers at the left."""
    made = []
    for value, words in ticks:
        y = scale.place(value)
        number = words_at(left - 7, y + 4, words, anchor="end", fill=SOFT, size=SMALL)
        made += [line((left, y), (right, y)), number]
    return made
