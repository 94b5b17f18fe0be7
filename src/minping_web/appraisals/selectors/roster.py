"""Who can be assessed without a survey: people, organisations or places of the registers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Q, QuerySet

from minping_engine.terms import AssesseeKind
from minping_web.organisations.models import Organisation
from minping_web.people.models import Person
from minping_web.people.rules import PostingRole
from minping_web.people.selectors.postings import on_day
from minping_web.places.models import Area
from minping_web.schemes.models import SchemeVersion
from minping_web.schemes.selectors.versions import loaded
from minping_web.snapshots.rules.ids import organisation_id
from minping_web.snapshots.selectors.tables import person_id
from minping_web.snapshots.services.founding import Named

PLACES = {
    AssesseeKind.GRID: "grid", AssesseeKind.COMMUNITY: "community", AssesseeKind.STREET_OFFICE: "street",
    AssesseeKind.AREA: "responsibility_area",
}  # fmt: skip
PEOPLE = frozenset({AssesseeKind.COMMUNITY_WORKER, AssesseeKind.PERSON, AssesseeKind.ADVISER})


def schemes_without_survey() -> list[SchemeVersion]:
    """Frozen versions whose scheme has no questionnaire, newest first."""
    rows = SchemeVersion.objects.defer("files").order_by("-pk")
    return [one for one in rows if not loaded(one, demo=True).scheme.instruments]


def roster(kind: AssesseeKind, kinds: Collection[str], inside: Area | None, day: date) -> list[Named]:
    """Everybody of that kind in the registers on a day; `kinds`: of people or organisations."""
    if kind in PLACES:
        rows = Area.objects.filter(level=PLACES[kind]).order_by("code")
        rows = rows.filter(path__startswith=inside.path) if inside else rows
        return [Named(area.code, area.name, area.code) for area in rows if area.exists_on(day)]
    district = Area.objects.filter(level="district").order_by("code").first()
    home = district.code if district else ""
    if kind in PEOPLE:
        return list(_people(kinds, inside, day, home))
    return list(_organisations(kinds, inside, day, home))


def _people(kinds: Collection[str], inside: Area | None, day: date, home: str) -> Iterable[Named]:
    rows = Person.objects.filter(Q(left_on__isnull=True) | Q(left_on__gte=day), kind__in=kinds)
    for person in rows.select_related("employer__area"):
        postings = on_day(person.postings.exclude(role=PostingRole.SPECIALIST), day).select_related("area")
        served = postings.order_by("-share_percent", "pk").first()
        area = served.area if served else person.employer.area if person.employer else None
        if inside is None or (area is not None and area.path.startswith(inside.path)):
            yield Named(person_id(person.pk), person.name, _community_of(area) or home)


def _community_of(area: Area | None) -> str:
    """A worker's card is one of the community; where none lies around, of the area itself."""
    if area is None:
        return ""
    around = Area.objects.filter(pk__in=(*area.ancestor_ids, area.pk), level="community").first()
    return around.code if around else area.code


def _organisations(kinds: Collection[str], inside: Area | None, day: date, home: str) -> Iterable[Named]:
    rows: QuerySet[Organisation] = Organisation.objects.filter(kind__in=kinds).select_related("area")
    rows = rows.exclude(valid_to__lt=day).exclude(valid_from__gt=day)
    for one in rows.filter(area__path__startswith=inside.path) if inside else rows:
        yield Named(organisation_id(one.pk), one.name, one.area.code if one.area else home)
