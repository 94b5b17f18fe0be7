"""What the chapters of a place's report read: its people, ballots, places below, words.

In: a round as the bulletin reads it, a place. Out: `PlaceDesk`. Means come through `Survey.row`, so that
nothing shows here that the bulletin hides; counts of ballots and of drawn units add up targets once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from minping_engine.assessment import Result
from minping_engine.reporting.bulletin_places import Survey
from minping_engine.reporting.lookups import Row
from minping_engine.reporting.numbers import DASH, count_text, interval_text, percent_text, points_text
from minping_engine.reporting.open_data.counting import EVERYWHERE, MODE
from minping_engine.reporting.places import SHOWN_LEVELS, Place
from minping_engine.scheme import Item, LoadedScheme
from minping_engine.snapshot import TOTAL, Snapshot
from minping_engine.terms import AreaLevel, Status

RULED_FULL = 100.0
"""Full marks where rules make the score, as on all papers."""
BELOW = {AreaLevel.DISTRICT: AreaLevel.STREET, AreaLevel.STREET: AreaLevel.COMMUNITY}


@dataclass(frozen=True)
class ClassTables:
    """Protected tables `points` and `ballots` of the round's open data: what may be shown of classes."""

    points: pa.Table
    ballots: pa.Table


@dataclass(frozen=True)
class PlaceDesk:
    """A place of one round in one language."""

    survey: Survey
    result: Result
    scheme: LoadedScheme
    snapshot: Snapshot
    words: dict[str, str]
    language: str
    place: Place
    classes: ClassTables | None

    @property
    def parent(self) -> Place | None:
        """The nearest larger place whose mean is shown."""
        chain = self.survey.found.places.chain(self.place.area_id)[1:]
        return next((place for place in chain if place.level in SHOWN_LEVELS), None)

    @cached_property
    def members(self) -> list[Row]:
        """Rows of scores, or of outcomes where rules make the score, of who belongs to the place."""
        table = "outcomes" if self.scheme.scheme.has_tree else "scores"
        return [row for row in self.result[table].to_pylist() if self._inside(row["area_id"])]

    def _inside(self, area_id: str) -> bool:
        chain = self.survey.found.places.chain(area_id)
        return any(place.area_id == self.place.area_id for place in chain)

    @property
    def full(self) -> float:
        """Most points of a whole score."""
        scheme = self.scheme.scheme
        return RULED_FULL if scheme.has_tree else scheme.scoring.total.points / 1000

    @property
    def assessed(self) -> list[Row]:
        """Those who have a score that counts."""
        return [row for row in self.members if row["status"] == Status.ASSESSED]

    @cached_property
    def children(self) -> tuple[Place, ...]:
        """Places of the next level inside, as far as they have results."""
        level = BELOW.get(AreaLevel(self.place.level))
        found = self.survey.at_level(level) if level else ()
        return tuple(place for place in found if self._inside(place.area_id))

    @cached_property
    def chains(self) -> dict[int, frozenset[str]]:
        """Target -> the places that hold it."""
        rows = self.snapshot.table("targets").select(["target", "area_id"]).to_pylist()
        places = self.survey.found.places
        return {
            row["target"]: frozenset(place.area_id for place in places.chain(row["area_id"])) for row in rows
        }

    @cached_property
    def _ballots(self) -> dict[int, int]:
        """Ballots by target; a target with two assessees counts once."""
        counted: dict[tuple[int, int], int] = {}
        for row in self.result["trace/targets"].to_pylist():
            if row["variable"] == TOTAL:
                counted[row["target"], row["stratum"]] = row["n"]
        found: dict[int, int] = {}
        for (target, _stratum), n in counted.items():
            found[target] = found.get(target, 0) + n
        return found

    @cached_property
    def _drawn(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for row in self.snapshot.table("sample").select(["target", "drawn"]).to_pylist():
            found[row["target"]] = found.get(row["target"], 0) + row["drawn"]
        return found

    def ballots(self, area_id: str) -> int:
        """Ballots of a place; without open data those of targets whose sums may be shown."""
        whole = self._released.get((area_id, MODE, EVERYWHERE))
        if whole is None and self._is_whole(area_id):
            return int(self.result.head["counts"]["ballots_counted"])
        return self._sum(self._ballots, area_id) if whole is None else whole

    def _is_whole(self, area_id: str) -> bool:
        found = self.survey.at_level(AreaLevel.DISTRICT)
        return len(found) == 1 and found[0].area_id == area_id

    @cached_property
    def _released(self) -> dict[tuple[str, str, str], int]:
        """(place, variable, class) -> ballots that the open data show; a lone district is the total."""
        rows = self.classes.ballots.to_pylist() if self.classes else []
        return {
            (row["area_id"], row["variable"], row["class"]): row["ballots"]
            for row in rows
            if row["ballots"] is not None
        }

    def by_mode(self) -> list[tuple[int, int]]:
        """(mode, ballots) of the place: from open data, else added up over its people."""
        counted = {
            int(level): n
            for (area, variable, level), n in self._released.items()
            if (area, variable) == (self.place.area_id, MODE) and level != EVERYWHERE
        }
        if not counted:
            for row in self.members:
                for mode, n in self.survey.found.modes.get(row["assessee_id"], ()):
                    counted[mode] = counted.get(mode, 0) + n
        return list(counted.items())

    def drawn(self, area_id: str) -> int:
        """Households or persons drawn there."""
        return self._sum(self._drawn, area_id)

    def rate(self, area_id: str) -> str:
        """Response rate, which stands beside every score (D13)."""
        ballots, drawn = self.ballots(area_id), self.drawn(area_id)
        # More ballots than drawn: others were asked too, and no rate can be told from these counts.
        return percent_text(ballots, drawn or None) if ballots <= drawn else DASH

    def _sum(self, counts: dict[int, int], area_id: str) -> int:
        return sum(n for target, n in counts.items() if area_id in self.chains.get(target, ()))

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Questions that make points."""
        forms = self.scheme.scheme.instruments
        return tuple(forms[0].items) if forms else ()

    def row(self, variable: str = TOTAL, place: Place | None = None) -> Row | None:
        """Mean of a place as far as it may be shown."""
        return self.survey.row((place or self.place).area_id, variable)

    def name(self, place: Place) -> str:
        """The district is called by its level, other places by name."""
        return self.words["district"] if place.level == AreaLevel.DISTRICT else place.name

    def beside(self, own: Row | None, other: Row | None) -> str:
        """Above, below, or not told apart by the intervals that are drawn."""
        sign = told_apart(own, other)
        return DASH if sign is None else self.words[("below", "tied", "above")[sign + 1]]

    def say(self, key: str, /, **values: object) -> str:
        """A sentence with its values."""
        return self.words[key].format(**values)

    def joined(self, sentences: Iterable[str]) -> str:
        """Sentences in a row; Chinese needs no blank between them."""
        return ("" if self.language == "zh" else " ").join(each for each in sentences if each)

    def listed(self, names: Iterable[str]) -> str:
        """Names in a row."""
        return self.words["separator"].join(names)


def told_apart(own: Row | None, other: Row | None) -> int | None:
    """1 above, -1 below, 0 within error; None where it is not known."""
    if own is None or other is None or own["low"] is None or other["low"] is None:
        return None
    error = math.hypot(*((row["high"] - row["low"]) / 2 for row in (own, other)))
    gap = own["mean"] - other["mean"]
    return 0 if abs(gap) <= error else (1 if gap > 0 else -1)


def mean_cells(row: Row | None) -> tuple[str, str]:
    """Mean and interval as texts."""
    return (DASH, DASH) if row is None else (points_text(row["mean"]), interval_text(row["low"], row["high"]))


def count_cell(value: int) -> str:
    """A count; a dash where nothing was counted."""
    return count_text(value) if value else DASH
