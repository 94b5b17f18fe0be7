"""The picture of the outcomes page: one row per assessee, points of the top indicators side by side.

In: rows of points. Out: one SVG; texts are escaped. Rows are in order of id, which is no ranking.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

COLOURS = ("#14395b", "#2f6f9f", "#7fa8c9", "#b7791f", "#d9b36c", "#5b7f5b", "#9bb89b", "#7d6b91")
ROW, LABEL, WIDTH, GAP = 20, 190, 640, 4
INK, RULE = "#1d2329", "#cfd5da"


@dataclass(frozen=True)
class Bar:
    """One assessee: name, points by part (None = no value), score and grade as text."""

    name: str
    parts: tuple[float | None, ...]
    beside: str


def stacked_bars(
    bars: Sequence[Bar], titles: Sequence[str], full: Sequence[float], words: tuple[str, str]
) -> str:
    """The picture; `full` are full marks by part, `words` its title and description."""
    title, about = words
    scale = WIDTH / sum(full)
    legend = _legend(titles)
    top = 18 + 18 * len(legend)
    parts = [f'<text x="0" y="13" font-size="12" fill="{INK}">{escape(about)}</text>', *legend]
    for number, bar in enumerate(bars):
        parts += _row(bar, full, scale, top + number * ROW)
    height = top + len(bars) * ROW + 6
    return (
        f'<svg viewBox="0 0 {LABEL + WIDTH + 150} {height}" role="img" aria-label="{escape(title)}" '
        f'xmlns="http://www.w3.org/2000/svg" font-family="inherit">{"".join(parts)}</svg>'
    )


def _legend(titles: Sequence[str]) -> list[str]:
    """One line per four parts."""
    lines = []
    for start in range(0, len(titles), 4):
        line = []
        for place, title in enumerate(titles[start : start + 4]):
            x, y = place * 240, 32 + 18 * (start // 4)
            colour = COLOURS[(start + place) % len(COLOURS)]
            line.append(f'<rect x="{x}" y="{y - 9}" width="10" height="10" fill="{colour}"/>')
            line.append(f'<text x="{x + 15}" y="{y}" font-size="11" fill="{INK}">{escape(title)}</text>')
        lines.append("".join(line))
    return lines


def _row(bar: Bar, full: Sequence[float], scale: float, y: float) -> list[str]:
    parts = [
        _words(LABEL - 8, y, bar.name, anchor="end"),
        f'<rect x="{LABEL}" y="{y + 2}" width="{WIDTH}" height="{ROW - GAP}" fill="none" stroke="{RULE}"/>',
    ]
    x = float(LABEL)
    for number, points in enumerate(bar.parts):
        if points:
            width = min(points, full[number]) * scale
            colour = COLOURS[number % len(COLOURS)]
            parts.append(
                f'<rect x="{x:.1f}" y="{y + 2}" width="{width:.1f}" height="{ROW - GAP}" fill="{colour}"/>'
            )
            x += width
    parts.append(_words(LABEL + WIDTH + 8, y, bar.beside))
    return parts


def _words(x: float, y: float, text: str, *, anchor: str = "start") -> str:
    look = f'font-size="11" text-anchor="{anchor}" fill="{INK}"'
    return f'<text x="{x}" y="{y + 13}" {look}>{escape(text)}</text>'
