"""The sealed frame as a round draws from it: each leaf with area, stratum and rest; counts for the forecast.

Leaves and units come in the order of their ids and are read side by side, so a frame of any size is read once
and never held twice. A unit that was forgotten since keeps its leaf and is not drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count

from minping_engine.sampling import FrameUnit
from minping_web.frames.models import Frame, SealedUnit, Unit
from minping_web.frames.rules import Kind, Rater
from minping_web.places.models import HEX, Area
from minping_web.rounds.models import SampledUnit, SurveyRound
from minping_web.rounds.rules.design import Design

CHUNK = 10_000
OWNED, RENTED = "tenure=0", "tenure=1"
RECORD = ("instrument", "special", "rater", "kind", "excluded")
_FIELDS = ("pk", "area_id", "house_code", "do_not_contact", *RECORD)


class Target(NamedTuple):
    """The rated area around the area in which units stand."""

    area_id: int
    code: str


@dataclass(frozen=True)
class Places:
    """Area of units -> rated area, for one level; areas outside the design are left out."""

    targets: dict[int, Target]

    @classmethod
    def at(cls, level: str, only: tuple[int, ...] = ()) -> Places:
        """Read from the paths of all areas."""
        rows = list(Area.objects.order_by().values_list("pk", "level", "code", "path"))
        wanted = {
            pk: Target(pk, code) for pk, at, code, _path in rows if at == level and (not only or pk in only)
        }
        found = {}
        for pk, _level, _code, path in rows:
            around = (int(path[start : start + HEX], 16) for start in range(0, len(path), HEX))
            target = next((wanted[one] for one in around if one in wanted), None)
            if target:
                found[pk] = target
        return cls(found)


def frame_cell(kind: str, rater: str) -> str:
    """Levels of the cell variables that a frame knows: tenure of households, nothing of organisations."""
    if kind == Kind.ORGANISATION:
        return ""
    return RENTED if rater == Rater.TENANT else OWNED


def frame_units(survey_round: SurveyRound, design: Design) -> Iterator[FrameUnit]:
    """Every leaf of the round's frame, in its order. The caller has entered a scope that sees all units."""
    places = Places.at(survey_round.level, design.areas)
    drawing, resting = design.for_draw(), resting_houses(survey_round, design.rest_rounds)
    for unit_id, commitment, row in _side_by_side(survey_round.frame):
        if row is None:
            yield FrameUnit(unit_id.hex, "", "", False, commitment)
            continue
        _pk, area_id, house, unwanted, *values = row
        target = places.targets.get(area_id)
        record = dict(zip(RECORD, values, strict=True))
        stratum = "" if unwanted or target is None else drawing.stratum_of(record)
        rests = (area_id, house) in resting
        yield FrameUnit(unit_id.hex, target.code if target else "", stratum, rests, commitment)


Row = tuple[UUID, int, str, bool, str, str, str, str, str]


def _side_by_side(frame: Frame) -> Iterator[tuple[UUID, bytes, Row | None]]:
    units = iter(_unit_rows(frame))
    row = next(units, None)
    leaves = SealedUnit.objects.filter(frame=frame).order_by("position")
    for unit_id, commitment in leaves.values_list("unit_id", "commitment").iterator(chunk_size=CHUNK):
        while row is not None and row[0].bytes < unit_id.bytes:
            row = next(units, None)
        yield unit_id, bytes(commitment), row if row is not None and row[0] == unit_id else None


def _unit_rows(frame: Frame) -> Iterator[Row]:
    rows = Unit.objects.filter(frame=frame).order_by("pk").values_list(*_FIELDS)
    return rows.iterator(chunk_size=CHUNK)


def resting_houses(survey_round: SurveyRound, rounds: int) -> set[tuple[int, str]]:
    """(area, house code) of who was asked in the last rounds, whatever frame they stood in then."""
    if not rounds:
        return set()
    earlier = SurveyRound.objects.filter(drawn_at__isnull=False).exclude(pk=survey_round.pk)
    earlier = earlier.exclude(state=SurveyRound.State.CANCELLED)
    if survey_round.drawn_at:
        earlier = earlier.filter(drawn_at__lt=survey_round.drawn_at)
    last = list(earlier.order_by("-drawn_at").values_list("pk", flat=True)[:rounds])
    asked = SampledUnit.objects.filter(round__in=last, released=True).values("unit_id")
    rows = Unit.objects.filter(pk__in=asked).exclude(house_code="").order_by()
    return set(rows.values_list("area_id", "house_code"))


Counted = tuple[int, str, str, str, str, str, int]
"""Area, the fields of `RECORD`, units."""


def counted_units(frame_id: int) -> list[Counted]:
    """Units of the population by area and what strata ask about, in one query."""
    rows = Unit.objects.filter(frame_id=frame_id, do_not_contact=False).order_by()
    return list(rows.values_list("area_id", *RECORD).annotate(units=Count("pk")))


def eligible_by_stratum(
    survey_round: SurveyRound, design: Design, counted: Sequence[Counted] | None = None
) -> dict[int, dict[str, int]]:
    """Rated area -> stratum -> units of the population; rest is not looked at."""
    places, drawing = Places.at(survey_round.level, design.areas), design.for_draw()
    found: dict[int, Counter[str]] = {}
    for area_id, *values, units in counted if counted is not None else counted_units(survey_round.frame_id):
        target = places.targets.get(area_id)
        stratum = drawing.stratum_of(dict(zip(RECORD, values, strict=True))) if target else ""
        if target and stratum:
            found.setdefault(target.area_id, Counter())[stratum] += units
    return {area: dict(counts) for area, counts in found.items()}


@dataclass(frozen=True)
class Known:
    """What a round keeps of a unit beside its place in the draw."""

    audience: str
    cell: str


def known_units(frame: Frame) -> dict[str, Known]:
    """Unit (hex) -> audience and frame cell; equal pairs are one object, so a large frame stays small."""
    pairs: dict[tuple[str, str], Known] = {}
    found = {}
    rows = Unit.objects.filter(frame=frame).order_by().values_list("pk", "instrument", "kind", "rater")
    for pk, audience, kind, rater in rows.iterator(chunk_size=CHUNK):
        key = (audience, frame_cell(kind, rater))
        found[pk.hex] = pairs.setdefault(key, Known(*key))
    return found
