"""Choosing a place step by step, by links alone: street, community, grid. For whoever is not signed in.

Only what every map of the district shows: names and codes of areas that exist today.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Q

from minping_web.common.clock import today
from minping_web.places.models import Area
from minping_web.places.selectors.areas import called, living
from minping_web.rounds.selectors.serving import organisation_rated

LEVELS = ("street", "community", "grid")
"""As fine as people know where they live."""
PRESSURE, PROBLEM = "community", "grid"
"""As fine as a report keeps its place. A responsibility area may have no more than five households that were
asked, and a report that follows a vote would point at one of them."""
LONGEST_CODE = 40


@dataclass(frozen=True)
class Choice:
    """The chosen area with what lies around it, and what may be chosen next."""

    area: Area | None
    trail: tuple[Area, ...]
    nearer: tuple[Area, ...]

    @property
    def name(self) -> str:
        """Street, community, grid beside each other."""
        return " ".join(dict.fromkeys(area.name for area in self.trail))


@lru_cache(maxsize=20_000)
def place_called(area_id: int, name: str) -> str:
    """The area with its community before it; kept in memory, since every resident's page says it."""
    return called([area_id]).get(area_id, name)


def rated_called(round_id: int, area_id: int, name: str) -> str:
    """What the vote is about: the area, and in rounds about organisations the one that serves it (S49)."""
    place, rated = place_called(area_id, name), organisation_rated(round_id, area_id)
    return f"{rated} · {place}" if rated else place


def area_of(code: str) -> Area | None:
    """A living area below the district by its code; None for nonsense."""
    if not code or len(code) > LONGEST_CODE or "\0" in code:
        return None
    return (
        living(Area.objects.all(), today()).filter(code=code).exclude(level__in=("city", "district")).first()
    )


def widened(area: Area | None, finest: str) -> Area | None:
    """The area itself, or the one around it that is no finer than that level."""
    told = LEVELS[: LEVELS.index(finest) + 1]
    if area is None or area.level in told:
        return area
    return Area.objects.filter(pk__in=area.ancestor_ids, level__in=told).order_by("-path").first()


@lru_cache(maxsize=20_000)
def report_code(area_id: int, code: str) -> str:
    """What links to a report say of a rated area: its community. In memory: every vote's page says it."""
    area = widened(Area.objects.filter(pk=area_id).first(), PRESSURE)
    return area.code if area else ""


def choice(code: str, *, only: Collection[int] | None = None, finest: str = LEVELS[-1]) -> Choice:
    """Where the visitor is; `only` limits what can be reached to these areas and those around them."""
    area = area_of(code) if only is not None else widened(area_of(code), finest)
    told = LEVELS[: LEVELS.index(finest) + 1]
    around = set() if only is None else _around(only)
    if area is not None and only is not None and area.pk not in around:
        area = None
    nearer = living(Area.objects.all(), today()).order_by("path")
    nearer = nearer.filter(parent=area) if area else nearer.filter(level="street")
    if only is not None:
        nearer = nearer.filter(pk__in=around)
    elif area is None or area.level in told[:-1]:
        nearer = nearer.filter(level__in=told)
    else:
        nearer = nearer.none()
    return Choice(area, _trail(area), tuple(nearer))


def _around(areas: Collection[int]) -> set[int]:
    """These areas and every one that they lie in."""
    found: set[int] = set()
    for area in Area.objects.filter(pk__in=areas).only("path"):
        found.update((area.pk, *area.ancestor_ids))
    return found


def _trail(area: Area | None) -> tuple[Area, ...]:
    """From the street down to the area."""
    if area is None:
        return ()
    upper = Area.objects.filter(Q(pk__in=area.ancestor_ids)).exclude(level__in=("city", "district"))
    return (*upper.order_by("path"), area)
