"""Places whose means, before and after a correction, would together tell what one or two people scored.

In: the result that was published and the one that corrects it. Out: ids of places to leave out of the second
release. Whoever has both means and knows how many people stand behind them works out what was added or taken
away; with fewer people than may stand behind a mean that is somebody's score (G1). A mean of so many people
that its rounding hides the difference may be shown.
"""

from __future__ import annotations

from minping_engine.assessment.result import Result
from minping_engine.disclosure import Limits
from minping_engine.reporting.lookups import Row
from minping_engine.reporting.places import read_places
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import TOTAL, Snapshot

ROUNDED_TO = 0.01
"""Points: means are printed with two decimals."""
_ENTERING = ("area_id", "status", "direct", "n_ballots")
"""Columns of a score that a place's mean is made of."""


def telling_places(before: Result, after: Result, scheme: LoadedScheme, snapshot: Snapshot) -> frozenset[str]:
    """Ids of places where fewer people changed than may stand behind a mean, unless rounding hides them."""
    counts = [_people(result) for result in (before, after)]
    wanted = _wanted_width(scheme)
    ruled = _telling_ruled(before, after, scheme, snapshot) if scheme.scheme.has_tree else frozenset()
    return ruled | frozenset(
        area
        for area, some in changed_people(before, after, snapshot).items()
        if len(some) < scheme.disclosure.mean_from
        and ROUNDED_TO * sum(count.get(area, 0) for count in counts) < wanted
    )


def _telling_ruled(before: Result, after: Result, scheme: LoadedScheme, snapshot: Snapshot) -> frozenset[str]:
    """The same of means that rules make: no rounding is counted on."""
    old, new = (
        {row["assessee_id"]: row for row in result["outcomes"].to_pylist()} for result in (before, after)
    )
    places = read_places(snapshot)
    people: dict[str, set[str]] = {}
    for who in old.keys() | new.keys():
        rows = [row for row in (old.get(who), new.get(who)) if row]
        if len({(row["area_id"], row["status"], row["score"]) for row in rows}) == 1 and len(rows) == 2:
            continue
        for area in {place.area_id for row in rows for place in places.chain(row["area_id"])}:
            people.setdefault(area, set()).add(who)
    return frozenset(area for area, some in people.items() if len(some) < scheme.disclosure.mean_from)


def changed_people(before: Result, after: Result, snapshot: Snapshot) -> dict[str, frozenset[str]]:
    """Place, with all places around it -> people there who count otherwise than before."""
    people: dict[str, set[str]] = {}
    places = read_places(snapshot)
    for who, homes in _changed_people(before, after).items():
        for area in {place.area_id for home in homes for place in places.chain(home)}:
            people.setdefault(area, set()).add(who)
    return {area: frozenset(some) for area, some in people.items()}


def _wanted_width(scheme: LoadedScheme) -> float:
    """Points: how wide what a reader knows of somebody's score must stay."""
    percent = Limits.of(scheme.disclosure).sum_width_percent
    return scheme.scheme.scoring.total.points / 1000 * percent / 100


def _changed_people(before: Result, after: Result) -> dict[str, set[str]]:
    """Who counts otherwise than before -> areas, old and new."""
    old, new = _scores(before), _scores(after)
    changed = {who for who in old.keys() | new.keys() if _told(old.get(who)) != _told(new.get(who))}
    return {who: {row["area_id"] for row in (old.get(who), new.get(who)) if row} for who in changed}


def _scores(result: Result) -> dict[str, Row]:
    return {row["assessee_id"]: row for row in result["scores"].to_pylist()}


def _told(row: Row | None) -> tuple[object, ...] | None:
    return tuple(row[name] for name in _ENTERING) if row else None


def _people(result: Result) -> dict[str, int]:
    """Place -> people behind its mean."""
    rows = result["groups"].to_pylist()
    return {row["area_id"]: row["n_assessees"] for row in rows if row["variable"] == TOTAL}
