"""Grades of exact scores: bands, limits per comparison group, transitions from the period before.

Order: band -> limits (best grade first) -> transitions. Vetoes come after what is counted over
periods (`outcome`). Steps count from 1, the best grade.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from minping_engine.scheme import Band, GradeLimit, Grading, best_first

OTHER = "other"
"""Key of the bands for classes that have no list of their own."""


@dataclass(frozen=True)
class Graded:
    """Somebody assessed, with score, group and the step of the period before."""

    score: Fraction
    group: str
    bands: tuple[Band, ...]
    previous_step: int | None = None


def bands_for(grading: Grading, key: str) -> tuple[Band, ...]:
    """The list of bands of a class, best first; empty where there is none."""
    if grading.bands is None:
        return ()
    if isinstance(grading.bands, tuple):
        return best_first(grading.bands)
    return best_first(grading.bands.get(key) or grading.bands.get(OTHER, ()))


def step_of(score: Fraction, bands: Sequence[Band]) -> int | None:
    """Step of the best band whose start the score reaches: 89.999 is not 90."""
    for number, band in enumerate(bands, 1):
        if score * 1000 >= band.from_points:
            return number
    return len(bands) or None


def grade_steps(rows: Mapping[str, Graded], grading: Grading) -> dict[str, int | None]:
    """Step by assessee after bands, limits and transitions."""
    steps = {name: step_of(row.score, row.bands) for name, row in rows.items()}
    for limit in _in_order(grading.limits, rows):
        for group in sorted({row.group for row in rows.values()}):
            _apply_limit(limit, {name: row for name, row in rows.items() if row.group == group}, steps)
    for name, row in rows.items():
        steps[name] = _moved(steps[name], row, grading)
    return steps


def _in_order(limits: Sequence[GradeLimit], rows: Mapping[str, Graded]) -> list[GradeLimit]:
    order = {band.grade: place for row in rows.values() for place, band in enumerate(row.bands)}
    return sorted(limits, key=lambda limit: order.get(limit.grade, 0))


def _apply_limit(limit: GradeLimit, group: Mapping[str, Graded], steps: dict[str, int | None]) -> None:
    """Those of a group beyond the limit move to the next grade; equal scores stay together."""
    holders = [name for name, row in group.items() if _grade(row, steps[name]) == limit.grade]
    allowed = int(limit.at_most_percent * len(group) // 100)
    if len(holders) <= allowed:
        return
    ordered = sorted(holders, key=lambda name: -group[name].score)
    cut = group[ordered[allowed]].score
    for name in holders:
        score = group[name].score
        if score < cut or (score == cut and limit.ties == "none"):
            steps[name] = min((steps[name] or 0) + 1, len(group[name].bands))


def _grade(row: Graded, step: int | None) -> str | None:
    return row.bands[step - 1].grade if step else None


def _moved(step: int | None, row: Graded, grading: Grading) -> int | None:
    rule = grading.transitions
    if step is None or rule is None or row.previous_step is None:
        return step
    if rule.up_at_most is not None:
        step = max(step, row.previous_step - rule.up_at_most)
    if rule.down_at_most is not None:
        step = min(step, row.previous_step + rule.down_at_most)
    return min(max(step, 1), len(row.bands))
