"""Where areas came from and what became of them, so that figures of two days can be compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from minping_web.places.models import Area, AreaLineage, FormerState
from minping_web.places.rules.shares import chained
from minping_web.places.selectors.areas import living


@dataclass(frozen=True)
class Lineage:
    """One step back and forward, and the former names and places of the area itself."""

    came_from: list[AreaLineage]
    became: list[AreaLineage]
    former_states: list[FormerState]

    @property
    def empty(self) -> bool:
        """Nothing ever happened to it."""
        return not (self.came_from or self.became or self.former_states)


def lineage_of(area: Area) -> Lineage:
    """The acts that an area took part in."""
    return Lineage(
        list(area.came_from.select_related("old")),
        list(area.became.select_related("new")),
        list(area.former_states.select_related("parent")),
    )


def comparable(old_day: date, new_day: date, *, level: str | None = None) -> dict[int, dict[int, Decimal]]:
    """Each area of the old day -> the areas of the new day with its share of households in each.

    Shares of one area add up to one; an area that ended without a successor maps to nothing. Areas that
    were only renamed or moved map to themselves.
    """
    if new_day < old_day:
        raise ValueError("the new day lies before the old one")
    areas = living(Area.objects.all(), old_day)
    if level:
        areas = areas.filter(level=level)
    found = {pk: {pk: Decimal(1)} for pk in areas.values_list("pk", flat=True)}
    for steps in _steps(old_day, new_day):
        found = {pk: chained(shares, steps) for pk, shares in found.items()}
    alive = set(living(Area.objects.all(), new_day).values_list("pk", flat=True))
    return {
        pk: {target: share for target, share in shares.items() if target in alive}
        for pk, shares in found.items()
    }


def _steps(old_day: date, new_day: date) -> list[Mapping[int, Mapping[int, Decimal]]]:
    """The re-cuts between two days, in order, those of one day together."""
    rows = AreaLineage.objects.filter(day__gt=old_day, day__lte=new_day).order_by("day", "pk")
    steps: list[Mapping[int, Mapping[int, Decimal]]] = []
    for _day, acts in groupby(rows, key=lambda row: row.day):
        step: dict[int, dict[int, Decimal]] = defaultdict(dict)
        for act in acts:
            step[act.old_id][act.new_id] = act.share
        steps.append(dict(step))
    return steps


@dataclass(frozen=True)
class StateOnDay:
    """What an area was called and where it lay."""

    name: str
    parent_id: int | None


def state_on(area: Area, day: date) -> StateOnDay:
    """Name and parent of an area on a day in the past."""
    later = [state for state in area.former_states.order_by("until") if state.until >= day]
    return StateOnDay(later[0].name, later[0].parent_id) if later else StateOnDay(area.name, area.parent_id)
