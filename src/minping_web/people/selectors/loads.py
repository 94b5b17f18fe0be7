"""Households per owner (S53, S71) and areas without an owner (S10)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

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
    rows: dict[int, list[Posting]] = defaultdict(list)
    for posting in _owned(within(Posting.objects.all(), scope, VIEW, "area__path"), day, below):
        rows[posting.person_id].append(posting)
    loads = [_load(postings) for postings in rows.values()]
    return sorted(loads, key=lambda load: (-load.households, load.code))


def _owned(queryset: QuerySet[Posting], day: date, below: Area | None = None) -> QuerySet[Posting]:
    queryset = queryset.filter(role=PostingRole.RESPONSIBLE, area__level=Area.Level.RESPONSIBILITY_AREA)
    if below:
        queryset = queryset.filter(area__path__gte=below.path, area__path__lt=below.path + PATH_END)
    return on_day(queryset, day).select_related("person", "area__parent__parent")


def households_of(area: Area) -> int | None:
    """The number that places keep; None where nobody counted."""
    return area.households


def _load(postings: list[Posting]) -> OwnerLoad:
    person = postings[0].person
    counts = [households_of(posting.area) for posting in postings]
    return OwnerLoad(
        person.pk,
        person.code,
        person.name,
        tuple(_placed(posting.area) for posting in postings),
        sum(
            count * posting.share_percent // 100
            for count, posting in zip(counts, postings, strict=True)
            if count is not None
        ),
        sum(count is None for count in counts),
    )


def _placed(area: Area) -> str:
    """The name with the area around its grid: grids of all communities are numbered alike."""
    around = area.parent and (area.parent.parent or area.parent)
    return f"{around.name} {area.name}" if around else area.name


def loads_by_person(day: date, community_paths: set[str]) -> dict[int, int]:
    """Households per owner around some communities; for previews of moves."""
    under = Q(pk__in=())
    for path in community_paths:
        under |= Q(area__path__gte=path, area__path__lt=path + PATH_END)
    rows: dict[int, list[Posting]] = defaultdict(list)
    for posting in _owned(Posting.objects.filter(under), day):
        rows[posting.person_id].append(posting)
    return {person: _load(postings).households for person, postings in rows.items()}


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
