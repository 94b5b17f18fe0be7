"""Which items matter more to the overall answer, as far as their intervals tell (docs/method/drivers.md).

In: rows of the table `drivers` of one district. Out: those that can be shown, and those that may be called
important. Quadrants go by estimates alone; nothing is named where the intervals of important and other items
meet, because the next sample could turn them round.
"""

from __future__ import annotations

from collections.abc import Sequence

from minping_engine.estimation.indices import DriverState, Quadrant
from minping_engine.reporting.lookups import Row

IMPORTANT = (Quadrant.IMPROVE_FIRST, Quadrant.KEEP_UP)


def shown_rows(rows: Sequence[Row]) -> list[Row]:
    """Items whose share could be computed."""
    return [row for row in rows if row["state"] == DriverState.SHOWN and row["share"] is not None]


def important_rows(rows: Sequence[Row]) -> list[Row]:
    """Items surely more important than all others; empty where the data do not tell."""
    important = [row for row in rows if row["quadrant"] in IMPORTANT]
    others = [row for row in rows if row["quadrant"] not in IMPORTANT]
    if not important or not others or any(row["low"] is None or row["high"] is None for row in rows):
        return []
    is_apart = min(row["low"] for row in important) > max(row["high"] for row in others)
    return important if is_apart else []


def improve_first_rows(rows: Sequence[Row]) -> list[Row]:
    """Items surely more important, and answered less well than others."""
    return [row for row in important_rows(rows) if row["quadrant"] == Quadrant.IMPROVE_FIRST]
