"""Whom a scope may see: people posted in its areas, now or once, or employed by bodies of its areas.

To edit somebody, or to see a phone, a past posting is not enough: `people_now`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from minping_web.common.clock import today
from minping_web.common.crypto import keyring
from minping_web.common.lookups import by_code_or_name
from minping_web.common.scope import PATH_END, Scope, within
from minping_web.organisations.models import Organisation
from minping_web.people.models import Person, PersonContact, Posting
from minping_web.people.selectors.postings import current, on_day
from minping_web.places.models import Area
from minping_web.places.selectors.areas import areas_seen

VIEW, EDIT, OWN, CONTACT = "people.view", "people.edit", "people.own", "people.contact"


def people_seen(scope: Scope, permission: str = VIEW) -> QuerySet[Person]:
    """People by current, future or past postings, or by employer."""
    return _people(scope, permission, Posting.objects.all())


def people_now(scope: Scope, permission: str) -> QuerySet[Person]:
    """People by current or future postings, or by employer."""
    return _people(scope, permission, current(Posting.objects.all(), today()))


def _people(scope: Scope, permission: str, postings: QuerySet[Posting]) -> QuerySet[Person]:
    queryset = Person.objects.select_related("employer", "employer__area", "position")
    reach = scope.reach(permission)
    if reach.whole:
        return queryset
    seen = Q(employer__in=reach.organisations)
    if reach.own and scope.person_id:
        seen |= Q(pk=scope.person_id)
    if reach.paths:
        areas = areas_seen(scope, permission).values("pk")
        posted = postings.filter(person=OuterRef("pk"), area__in=areas)
        seen |= Q(employer__area__in=areas) | Q(Exists(posted))
    return queryset.filter(seen)


def own_person(scope: Scope) -> Person | None:
    """The person behind the account, if it is one who serves."""
    if scope.person_id is None or not scope.may(OWN):
        return None
    return Person.objects.select_related("employer", "position").filter(pk=scope.person_id).first()


@dataclass(frozen=True)
class PersonFilter:
    """What the list is narrowed to."""

    text: str = ""
    kind: str = ""
    state: str = ""
    area: Area | None = None


def filtered_people(queryset: QuerySet[Person], wanted: PersonFilter, day: date) -> QuerySet[Person]:
    """Search, kind, state and area; each row carries its current postings."""
    if wanted.text:
        queryset = queryset.filter(Q(name__icontains=wanted.text) | Q(code__icontains=wanted.text))
    if wanted.kind:
        queryset = queryset.filter(kind=wanted.kind)
    if wanted.area:
        below = Posting.objects.filter(
            person=OuterRef("pk"),
            area__path__gte=wanted.area.path,
            area__path__lt=wanted.area.path + PATH_END,
        )
        queryset = queryset.filter(Exists(on_day(below, day)))
    return _in_state(queryset, wanted.state, day).prefetch_related(
        Prefetch(
            "postings",
            on_day(Posting.objects.select_related("area__parent__parent"), day),
            to_attr="postings_now",
        )
    )


def _in_state(queryset: QuerySet[Person], state: str, day: date) -> QuerySet[Person]:
    if state == "left":
        return queryset.filter(left_on__lt=day)
    if state == "all":
        return queryset
    queryset = queryset.filter(Q(left_on__isnull=True) | Q(left_on__gte=day))
    if state == "unposted":
        return queryset.filter(~Exists(on_day(Posting.objects.filter(person=OuterRef("pk")), day)))
    return queryset


def person_by_code(scope: Scope, permission: str, code: str) -> Person | None:
    """By staff number, or by a name that only one of those seen has."""
    people = people_now(scope, permission)
    return by_code_or_name(people, code, people.filter(left_on__isnull=True))


def person_edited(scope: Scope, pk: int) -> Person | None:
    """Somebody whom the scope may edit now."""
    return people_now(scope, EDIT).filter(pk=pk).first()


def postings_seen(scope: Scope) -> QuerySet[Posting]:
    """Postings at areas of the scope."""
    queryset = Posting.objects.select_related("person", "area__parent__parent")
    return within(queryset, scope, VIEW, "area__path")


def postings_edited(scope: Scope) -> QuerySet[Posting]:
    """Postings at areas where the scope edits."""
    return within(Posting.objects.select_related("person", "area__parent__parent"), scope, EDIT, "area__path")


def areas_to_post(scope: Scope) -> QuerySet[Area]:
    """Areas where the scope may post somebody, with what they lie in."""
    return within(Area.objects.filter(valid_to__isnull=True), scope, EDIT).select_related("parent__parent")


def areas_for_posting(scope: Scope, words: str, most: int = 10) -> list[Area]:
    """Areas that a text may mean: the one with this code, else all of this name, or "name · around it"."""
    areas = areas_to_post(scope)
    found = list(areas.filter(code=words)[:1])
    if not found:
        name, _dot, around = (part.strip() for part in words.partition("·"))
        named = areas.filter(name=name)
        if around:
            named = named.filter(Q(parent__name=around) | Q(parent__parent__name=around))
        found = list((named if named.exists() else areas.filter(name=words)).order_by("path")[:most])
    return found


def _employers(scope: Scope) -> QuerySet[Organisation]:
    """Those in the areas where the scope edits people."""
    bodies = Organisation.objects.select_related("area")
    return bodies if scope.reach(EDIT).whole else bodies.filter(area__in=areas_seen(scope, EDIT).values("pk"))


def organisation_for_person(scope: Scope, code: str) -> Organisation | None:
    """An employer by code."""
    return _employers(scope).filter(code=code).first()


def work_phone_of(scope: Scope, person: Person) -> str | None:
    """The opened work phone; empty when none is kept, None when the scope may not see it."""
    own = scope.person_id == person.pk and scope.may(OWN)
    if not own and not people_now(scope, CONTACT).filter(pk=person.pk).exists():
        return None
    contact = PersonContact.objects.filter(pk=person.pk).first()
    return keyring().open(contact.sealed, contact.about) if contact else ""


def people_by_code(scope: Scope, codes: Iterable[str]) -> dict[str, Person]:
    """For imports: people whom the scope may edit."""
    return {one.code: one for one in people_now(scope, EDIT).filter(code__in=set(codes))}


def employers_by_code(scope: Scope, codes: Iterable[str]) -> dict[str, Organisation]:
    """For imports."""
    return {body.code: body for body in _employers(scope).filter(code__in=set(codes))}


def area_below(scope: Scope, code: str) -> Area | None:
    """The area of a filter, by code or by a name, where the scope sees people; None filters nothing."""
    if not code:
        return None
    areas = areas_seen(scope, VIEW)
    return areas.filter(code=code).first() or areas.filter(name=code).first()


def postings_shown(scope: Scope, person: Person, *, everything: bool) -> QuerySet[Posting]:
    """A person's postings, the newest first; who sees only the past sees only what lay in their areas."""
    postings = person.postings.select_related("area__parent__parent").order_by("-starts_on", "-pk")
    return postings if everything else within(postings, scope, VIEW, "area__path")


def filtered_postings(
    queryset: QuerySet[Posting], *, text: str, role: str, state: str, area: Area | None, day: date
) -> QuerySet[Posting]:
    """Search by person or area; by role; current, coming, past or all; below an area."""
    if text:
        queryset = queryset.filter(
            Q(person__name__icontains=text)
            | Q(person__code__icontains=text)
            | Q(area__name__icontains=text)
            | Q(area__code__icontains=text)
        )
    if role:
        queryset = queryset.filter(role=role)
    if area:
        queryset = queryset.filter(area__path__gte=area.path, area__path__lt=area.path + PATH_END)
    states = {"past": Q(ends_on__lt=day), "coming": Q(starts_on__gt=day), "all": Q()}
    now = Q(starts_on__lte=day) & (Q(ends_on__isnull=True) | Q(ends_on__gte=day))
    return queryset.filter(states.get(state, now)).order_by("area__path", "role", "starts_on")
