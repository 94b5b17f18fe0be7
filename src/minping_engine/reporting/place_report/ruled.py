"""Means of places where a scheme's rules make the score: they stand in no table of the result.

In: rows of `outcomes`, places, thresholds. Out: rows as the table `groups` has them, so that everything that
reads means of places reads these too, with the same rules of what may be shown. An interval is given only
where every score has an error.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from minping_engine.reporting.lookups import Row
from minping_engine.reporting.numbers import Z
from minping_engine.reporting.places import SHOWN_LEVELS, Places
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import TOTAL
from minping_engine.terms import Status


def ruled_groups(
    outcomes: Sequence[Row], places: Places, scheme: LoadedScheme
) -> Mapping[tuple[str, str], Row]:
    """(area, total) -> row of `groups`."""
    inside: dict[str, list[Row]] = {}
    for row in outcomes:
        if row["status"] != Status.ASSESSED or row["score"] is None:
            continue
        for place in places.chain(row["area_id"]):
            if place.level in SHOWN_LEVELS:
                inside.setdefault(place.area_id, []).append(row)
    return {
        (area, TOTAL): _group(area, places.by_id[area].level, rows, scheme) for area, rows in inside.items()
    }


def _group(area: str, level: str, rows: Sequence[Row], scheme: LoadedScheme) -> Row:
    mean = math.fsum(row["score"] for row in rows) / len(rows)
    errors = [row["score_se"] for row in rows]
    known = None if any(error is None for error in errors) else math.hypot(*errors) / len(rows)
    half = None if known is None else Z[scheme.scheme.scoring.interval_percent] * known
    return {
        "area_id": area,
        "level": level,
        "variable": TOTAL,
        "n_assessees": len(rows),
        "n_ballots": scheme.disclosure.scored_from,  # rules need no ballots: only people are counted
        "mean": mean,
        "se": known,
        "low": None if half is None else mean - half,
        "high": None if half is None else mean + half,
        "year_mean": None,
        "year_periods": 0,
    }
