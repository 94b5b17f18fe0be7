"""Places in the bulletin: streets as a picture, communities as tables, the district over time.

In: `Survey` (look-ups, scheme, words). Out: parts of `bulletin_model`, with small places left out.
Positions are per cent of a picture's width, so that it fits a telephone and an A4 page alike.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from minping_engine.reporting.bulletin_model import CommunityTable, Picture, Strip
from minping_engine.reporting.card_model import Axis
from minping_engine.reporting.card_parts import axis_for, ends
from minping_engine.reporting.lookups import Lookups, Row
from minping_engine.reporting.numbers import (
    DASH,
    Z,
    interval_text,
    period_text,
    points_text,
)
from minping_engine.reporting.places import Place
from minping_engine.reporting.published import shown_siblings
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import TOTAL
from minping_engine.terms import AreaLevel, label

ITEMS_BY_PLACE = 8
"""With more items than this, places are shown by total only."""
PERIODS_SHOWN = 12
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Survey:
    """One round as the bulletin reads it."""

    found: Lookups
    scheme: LoadedScheme
    words: dict[str, str]
    language: str
    period: str
    counts: Mapping[str, Any]
    left_out: frozenset[str] = frozenset()
    """Places that are not shown for another reason than their size (`corrections`)."""

    def at_level(self, level: AreaLevel) -> tuple[Place, ...]:
        """Places of a level that have results, in order of their codes."""
        ids = {row["area_id"] for row in self.found.groups.values() if row["level"] == level}
        places = self.found.places
        in_order = sorted(ids, key=natural_order)
        return tuple(places.by_id.get(area, Place(area, None, level, area)) for area in in_order)

    @cached_property
    def streets(self) -> tuple[Place, ...]:
        """Streets with results."""
        return self.at_level(AreaLevel.STREET)

    @cached_property
    def shown(self) -> frozenset[str]:
        """Ids of all places that may be shown."""
        shown: set[str] = set()
        for level in (AreaLevel.DISTRICT, AreaLevel.STREET, AreaLevel.COMMUNITY):
            for siblings in self._siblings(level):
                shown |= shown_siblings(siblings, self.scheme.disclosure)
        return frozenset(shown) - self.left_out

    def _siblings(self, level: AreaLevel) -> list[list[Row]]:
        by_parent: dict[str | None, list[Row]] = {}
        for place in self.at_level(level):
            by_parent.setdefault(place.parent_id, []).append(self.found.groups[place.area_id, TOTAL])
        return list(by_parent.values())

    @property
    def kind(self) -> str:
        """What is assessed, as the scheme says."""
        return label(self.scheme.scheme.assessee_kind, self.language)

    @property
    def item_names(self) -> dict[str, str]:
        """Short names of items by id."""
        return {item.id: item.short.of(self.language) for item in self.scheme.scheme.instrument.items}

    @property
    def hidden_note(self) -> str:
        """Why places are missing; empty if none is."""
        if all(area in self.shown for area, _ in self.found.groups):
            return ""
        limits = self.scheme.disclosure
        return self.words["hidden_note"].format(people=limits.mean_from, ballots=limits.scored_from)

    def row(self, area_id: str, variable: str) -> Row | None:
        """A place's result if it may be shown."""
        row = self.found.group(area_id, variable) if area_id in self.shown else None
        return row if row and row["mean"] is not None else None

    def district_row(self, variable: str) -> Row | None:
        """The district's result; that of the only widest place where there is no district."""
        districts = self.at_level(AreaLevel.DISTRICT)
        return self.row(districts[0].area_id, variable) if len(districts) == 1 else None


def natural_order(code: str) -> tuple[tuple[int, str], ...]:
    """Sorts codes as people count: 2 before 10. Codes of equal length keep their order."""
    return tuple((int(part), "") if part.isdecimal() else (0, part) for part in _DIGITS.split(code))


def street_picture(survey: Survey, variable: str) -> Picture | None:
    """Streets as dots with intervals; None if there are none to show."""
    rows = [(place, survey.row(place.area_id, variable)) for place in survey.streets]
    values: list[float | None] = []
    for _, row in rows:
        values += [row["mean"], row["low"], row["high"]] if row else []
    if not values:
        return None
    most, name = _item(survey, variable)
    district = survey.district_row(variable)
    axis = axis_for([*values, district["mean"] if district else None], most)
    strips = tuple(_strip(survey, place.name, row, axis) for place, row in rows)
    return Picture(name, strips, _percent(axis, district["mean"]) if district else None, _ticks(axis))


def _item(survey: Survey, variable: str) -> tuple[float, str]:
    """(most points, name) of a total or an item."""
    scheme = survey.scheme.scheme
    for item in scheme.instrument.items:
        if item.id == variable:
            return item.max_milli / 1000, item.short.of(survey.language)
    return scheme.scoring.total.points / 1000, survey.words["total"]


def _percent(axis: Axis, value: float) -> float:
    return round(100 * (min(max(value, axis.low), axis.high) - axis.low) / (axis.high - axis.low), 2)


def _ticks(axis: Axis) -> tuple[tuple[float, str], ...]:
    return tuple((_percent(axis, value), text) for value, text in axis.ticks)


def _strip(survey: Survey, name: str, row: Row | None, axis: Axis) -> Strip:
    if row is None:
        return Strip(name, survey.words["hidden"], "")
    low, high = row["low"], row["high"]
    return Strip(
        name,
        points_text(row["mean"]),
        interval_text(low, high),
        _percent(axis, row["mean"]),
        None if low is None else _percent(axis, low),
        None if high is None else _percent(axis, high),
    )


def same_as_district(survey: Survey) -> str:
    """The sentence that says which streets cannot be told apart from the district's mean."""
    district = survey.district_row(TOTAL)
    rows = [(place.name, survey.row(place.area_id, TOTAL)) for place in survey.streets]
    known = [(name, row) for name, row in rows if row and row["low"] is not None]
    if district is None or not known:
        return ""
    same = [name for name, row in known if abs(row["mean"] - district["mean"]) <= _error(row, district)]
    if len(same) == len(known):
        return survey.words["same_all"]
    if not same:
        return survey.words["same_none"]
    return survey.words["same_some"].format(names=survey.words["separator"].join(same))


def _error(row: Row, district: Row) -> float:
    """Half interval of the difference, from the half intervals that are drawn."""
    halves = [(each["high"] - each["low"]) / 2 for each in (row, district) if each["low"] is not None]
    return math.hypot(*halves)


def community_tables(survey: Survey) -> tuple[CommunityTable, ...]:
    """Communities by street, totals and items."""
    items = survey.scheme.scheme.instrument.items
    shown = items if len(items) <= ITEMS_BY_PLACE else ()
    heads = (survey.words["total"], *(item.short.of(survey.language) for item in shown))
    variables = [TOTAL, *(item.id for item in shown)]
    by_street: dict[str, list[Place]] = {}
    for place in survey.at_level(AreaLevel.COMMUNITY):
        street = survey.found.places.at(place.area_id, AreaLevel.STREET)
        by_street.setdefault(street.name if street else "", []).append(place)
    return tuple(
        CommunityTable(
            street, heads, tuple((place.name, _cells(survey, place, variables)) for place in places)
        )
        for street, places in by_street.items()
    )


def _cells(survey: Survey, place: Place, variables: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple(_cell(survey.row(place.area_id, variable)) for variable in variables)


def _cell(row: Row | None) -> tuple[str, str]:
    if row is None:
        return DASH, ""
    half = "" if row["low"] is None else f"±{points_text((row['high'] - row['low']) / 2)}"
    return points_text(row["mean"]), half


def trend_picture(survey: Survey) -> Picture | None:
    """The district's mean over time; None without an earlier one."""
    districts = survey.at_level(AreaLevel.DISTRICT)
    current = survey.district_row(TOTAL)
    if current is None:
        return None
    z = Z[survey.scheme.scheme.scoring.interval_percent]
    points = []
    for old in survey.found.earlier(AreaLevel.DISTRICT, districts[0].area_id)[-(PERIODS_SHOWN - 1) :]:
        if old["estimate"] is not None:
            low, high = ends(old["estimate"], old["se_fpc"] if old["se_fpc"] is not None else old["se"], z)
            points.append((old["period"], {"mean": old["estimate"], "low": low, "high": high}))
    if not points:
        return None
    points.append((survey.period, dict(current)))
    most, name = _item(survey, TOTAL)
    values = [row[key] for _, row in points for key in ("mean", "low", "high")]
    axis = axis_for(values, most)
    strips = tuple(_strip(survey, period_text(period, survey.language), row, axis) for period, row in points)
    return Picture(name, strips, None, _ticks(axis))
