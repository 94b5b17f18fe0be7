"""Households per owner (S53, S71) and areas without an owner (S10)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from minping_web.common.scope import PATH_END, Scope, within
from minping_web.people.models import Posting
from minping_web.people.rules import SINGLE_ROLES, PostingRole, load_band
from minping_web.people.selectors.directory import VIEW
from minping_web.people.selectors.postings import on_day
from minping_web.places.models import Area
from minping_web.places.rules.levels import Kind


@dataclass(frozen=True)
class OwnerLoad:
    """One owner and the households of their responsibility areas."""

    person_id: int
    code: str
    name: str
    areas: tuple[str, ...]
    households: int
    uncounted: int

    @property
    def band(self) -> str:
        """Against 300 to 500."""
        return load_band(self.households)


def owner_loads(scope: Scope, day: date, below: Area | None = None) -> list[OwnerLoad]:
    """Everybody responsible for a responsibility area within the scope, heaviest first; one query.

    `uncounted` areas have no number of households; their owner's load is at least what is shown.
    """
    owned = _by_person(_owned(within(Posting.objects.all(), scope, VIEW, "area__path"), day, below))
    return sorted(map(_load, owned.values()), key=lambda load: (-load.households, load.code))


def _owned(queryset: QuerySet[Posting], day: date, below: Area | None = None) -> QuerySet[Posting]:
    queryset = queryset.filter(role=PostingRole.RESPONSIBLE, area__level=Area.Level.RESPONSIBILITY_AREA)
    if below:
        queryset = queryset.filter(area__path__gte=below.path, area__path__lt=below.path + PATH_END)
    return on_day(queryset, day)


class _Owned(NamedTuple):
    """One posting of an owner. Plain values: a district has a thousand, and a page asks for all of them."""

    person_id: int
    code: str
    name: str
    area: str
    inner: str | None
    """The grid around the area."""
    outer: str | None
    """What lies around the grid."""
    households: int | None
    """The number that places keep; None where nobody counted."""
    share_percent: int

    @property
    def placed(self) -> str:
        """The name with the area around its grid: grids of all communities are numbered alike."""
        around = self.outer or self.inner
        return f"{around} {self.area}" if around else self.area

    @property
    def counted(self) -> int:
        """Households by the posting's share; 0 where nobody counted."""
        return (self.households or 0) * self.share_percent // 100


def _by_person(postings: QuerySet[Posting]) -> dict[int, list[_Owned]]:
    rows = postings.values_list(
        "person_id", "person__code", "person__name", "area__name", "area__parent__name",
        "area__parent__parent__name", "area__households", "share_percent",
    )  # fmt: skip
    found: dict[int, list[_Owned]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(_Owned(*row))
    return found


def _load(owned: list[_Owned]) -> OwnerLoad:
    return OwnerLoad(
        owned[0].person_id,
        owned[0].code,
        owned[0].name,
        tuple(one.placed for one in owned),
        sum(one.counted for one in owned),
        sum(one.households is None for one in owned),
    )


def loads_by_person(day: date, community_paths: set[str]) -> dict[int, int]:
    """Households per owner around some communities; for previews of moves."""
    under = Q(pk__in=())
    for path in community_paths:
        under |= Q(area__path__gte=path, area__path__lt=path + PATH_END)
    owned = _by_person(_owned(Posting.objects.filter(under), day))
    return {person: _load(areas).households for person, areas in owned.items()}


def loads_found(loads: list[OwnerLoad], text: str, band: str) -> list[OwnerLoad]:
    """Those whose name, staff number or areas hold the text, and who stand so against the rule."""
    wanted = text.casefold()
    return [
        load
        for load in loads
        if (not band or load.band == band)
        and any(wanted in told.casefold() for told in (load.name, load.code, *load.areas))
    ]


def vacancies(scope: Scope, day: date) -> QuerySet[Area]:
    """Responsibility areas without an owner, and exclusive grids without a warden, on that day."""
    held = on_day(Posting.objects.filter(area=OuterRef("pk")), day)
    own_area = Q(level=Area.Level.RESPONSIBILITY_AREA) & ~Exists(held.filter(role=PostingRole.RESPONSIBLE))
    exclusive = Q(level=Area.Level.GRID, kind=Kind.EXCLUSIVE) & ~Exists(held.filter(role__in=SINGLE_ROLES))
    areas = within(Area.objects.select_related("parent", "parent__parent"), scope, VIEW)
    return areas.filter(
        own_area | exclusive,
        Q(valid_from__isnull=True) | Q(valid_from__lte=day),
        Q(valid_to__isnull=True) | Q(valid_to__gte=day),
    )
