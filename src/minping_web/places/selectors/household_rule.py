"""Which grids lie outside the household rule, and what could be done about it (S53, S71, S76)."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from minping_web.common.scope import Scope
from minping_web.places.models import Area, AreaOutline
from minping_web.places.rules import household_rule as rule
from minping_web.places.rules.geometry import Polygons, touches
from minping_web.places.rules.household_words import heading_of, sentences_of
from minping_web.places.rules.levels import Kind, Level
from minping_web.places.selectors.areas import areas_seen, below, living


@dataclass(frozen=True)
class Proposal:
    """A suggestion with the areas it is about."""

    suggestion: rule.Suggestion
    community: Area

    @property
    def sentences(self) -> list[str]:
        """Why, what results, what is not known; written when a page shows them."""
        return sentences_of(self.suggestion)

    @property
    def heading(self) -> str:
        """The grids that it is about."""
        return heading_of(self.suggestion)


def ruled_grids(scope: Scope, day: date, under: Area | None = None) -> QuerySet[Area]:
    """General grids that the rule speaks of: those with no grid inside, L1 grids aside.

    L1 is the community itself; exclusive and police grids are not drawn around households.
    """
    found = living(areas_seen(scope), day).filter(level=Level.GRID).exclude(grid_level="L1")
    found = found.exclude(kind__in=(Kind.EXCLUSIVE, Kind.POLICE))
    wide = Area.objects.filter(level=Level.GRID, parent__level=Level.GRID).filter(
        Q(valid_to=None) | Q(valid_to__gte=day)
    )
    found = found.exclude(pk__in=wide.values("parent"))
    return (found.filter(below(under)) if under else found).select_related("parent")


def counts_of(grids: QuerySet[Area]) -> dict[str, int]:
    """How many grids lie below, within, above the rule, or have no count."""
    counted = Counter(rule.standing_of(number) for number in grids.values_list("households", flat=True))
    return {standing.value: counted[standing] for standing in rule.Standing}


def outside(grids: QuerySet[Area], standing: str = "") -> QuerySet[Area]:
    """Grids outside the rule, or without a count."""
    conditions = {
        rule.Standing.BELOW: Q(households__lt=rule.LEAST),
        rule.Standing.ABOVE: Q(households__gt=rule.MOST),
        rule.Standing.UNKNOWN: Q(households=None),
    }
    chosen = conditions.get(standing)  # type: ignore[call-overload]
    everything = Q()
    for condition in conditions.values():
        everything |= condition
    return grids.filter(chosen if chosen is not None else everything).order_by("path")


def proposals(grids: QuerySet[Area], day: date) -> list[Proposal]:
    """Suggestions for each parent of grids, in the order of the tree; three queries."""
    rows = list(grids.filter(households__isnull=False).select_related(None).order_by("path"))
    around_of = Area.objects.in_bulk({row.parent_id for row in rows if row.parent_id})
    groups: dict[int, list[Area]] = defaultdict(list)
    for row in rows:
        groups[row.parent_id or 0].append(row)
    ids = [row.pk for row in rows]
    shapes: dict[int, Polygons] = dict(
        AreaOutline.objects.filter(area__in=ids).values_list("area_id", "geometry")
    )
    pieces = _pieces(rows, day)
    found = []
    for parent_id, areas in groups.items():
        around = around_of.get(parent_id)
        if around is not None:
            found += [Proposal(one, around) for one in _suggested(areas, shapes, pieces)]
    return sorted(found, key=lambda proposal: not proposal.suggestion.fits)


def _pieces(rows: list[Area], day: date) -> dict[int, tuple[rule.Piece, ...]]:
    """Responsibility areas of large grids, where they add up to the grid."""
    large = {row.pk: row.households for row in rows if (row.households or 0) > rule.LEAST}
    found: dict[int, list[rule.Piece]] = defaultdict(list)
    inside = living(Area.objects.filter(parent__in=large, level=Level.RESPONSIBILITY_AREA), day)
    for parent, name, number in inside.order_by("path").values_list("parent_id", "name", "households"):
        found[parent].append(rule.Piece(name, number or 0))
    return {
        pk: tuple(pieces)
        for pk, pieces in found.items()
        if sum(piece.households for piece in pieces) == large[pk]
    }


def _suggested(
    areas: list[Area], shapes: dict[int, Polygons], pieces: dict[int, tuple[rule.Piece, ...]]
) -> list[rule.Suggestion]:
    def touch(one: rule.Grid, other: rule.Grid) -> bool | None:
        if one.pk not in shapes or other.pk not in shapes:
            return None
        return touches(shapes[one.pk], shapes[other.pk])

    grids = [
        rule.Grid(area.pk, area.code, area.name, area.households or 0, pieces.get(area.pk, ()))
        for area in areas
    ]
    return rule.suggestions_for(grids, touch)
