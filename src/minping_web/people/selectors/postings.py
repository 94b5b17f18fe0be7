"""Who serves which area on which day: what places, snapshots and maps ask.

These functions know no scope; callers that show their answers to people narrow them first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from minping_engine.errors import Place, Problem
from minping_web.people.models import Person, Posting
from minping_web.people.rules import SINGLE_ROLES, Period, PostingRole, overlapping
from minping_web.places.models import Area
from minping_web.places.rules.responsible import ResponsiblePerson

IN_CHARGE = (PostingRole.RESPONSIBLE, PostingRole.WARDEN)
"""Roles whose holder answers for an area; the first that is filled counts."""


def on_day(queryset: QuerySet[Posting], day: date) -> QuerySet[Posting]:
    """Postings that hold on a day."""
    return queryset.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)


def current(queryset: QuerySet[Posting], day: date) -> QuerySet[Posting]:
    """Postings that hold on a day or begin later."""
    return queryset.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))


def owner_of(area: Area, day: date) -> Posting | None:
    """Who answers for the area on that day: its responsible person, else its warden; None = vacant."""
    postings = on_day(area.postings.filter(role__in=IN_CHARGE), day).select_related("person")
    found: list[Posting] = sorted(postings, key=lambda posting: IN_CHARGE.index(PostingRole(posting.role)))
    return found[0] if found else None


def responsible_for(area_ids: Sequence[int], day: date) -> dict[int, list[ResponsiblePerson]]:
    """Everybody who serves each area on that day, those in charge first; one query."""
    postings = on_day(Posting.objects.filter(area__in=list(area_ids)), day).select_related("person")
    found: dict[int, list[ResponsiblePerson]] = defaultdict(list)
    for posting in sorted(postings, key=_importance):
        person = posting.person
        found[posting.area_id].append(ResponsiblePerson(person.name, posting.role_told, person.office_phone))
    return dict(found)


def _importance(posting: Posting) -> tuple[bool, str, str]:
    return posting.role not in SINGLE_ROLES, posting.role, posting.person.code


@dataclass(frozen=True)
class PostingSpan:
    """A posting cut to a period. `share_per_mille`: of the period, by days and by the posting's own share."""

    area_id: int
    person_id: int
    role: str
    from_day: date
    to_day: date
    share_percent: int
    share_per_mille: int

    @property
    def days(self) -> int:
        """Days inside the period."""
        return (self.to_day - self.from_day).days + 1


def postings_between(
    first: date, last: date, *, roles: Iterable[str] = (PostingRole.RESPONSIBLE, PostingRole.WARDEN)
) -> list[PostingSpan]:
    """Who served which area how much of the period, by default those in charge.

    Shares are rounded down; what rounding leaves of an area that was served every day in full by its
    holders goes to its longest posting, so that such an area has exactly 1000 per mille.
    """
    postings = Posting.objects.filter(role__in=list(roles), starts_on__lte=last)
    postings = postings.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=first))
    by_area: dict[int, list[Posting]] = defaultdict(list)
    for posting in postings.order_by("area_id", "starts_on", "pk"):
        by_area[posting.area_id].append(posting)
    return [span for group in by_area.values() for span in _spans(group, first, last)]


def _spans(group: list[Posting], first: date, last: date) -> list[PostingSpan]:
    length = (last - first).days + 1
    cut = [(p, max(p.starts_on, first), min(p.ends_on or last, last)) for p in group]
    parts = [((to - start).days + 1) * posting.share_percent for posting, start, to in cut]
    shares = [part * 10 // length for part in parts]
    if sum(parts) == length * 100:
        shares[max(range(len(parts)), key=lambda at: (parts[at], -at))] += 1000 - sum(shares)
    return [
        PostingSpan(p.area_id, p.person_id, p.role, start, to, p.share_percent, share)
        for (p, start, to), share in zip(cut, shares, strict=True)
    ]


def periods(queryset: QuerySet[Posting]) -> list[Period]:
    """Postings as the rules see them."""
    rows = queryset.order_by().values_list(
        "pk", "area_id", "person_id", "role", "starts_on", "ends_on", "person__name"
    )
    return [Period(*row) for row in rows]


def faults_of_register(day: date) -> list[Problem]:
    """What the nightly check finds: two owners at once, people who left but are still posted, ended areas."""
    problems = [
        Problem(
            "posting.two_owners",
            Place(),
            {
                "area": first.area,
                "person": first.label,
                "days": first.shows(),
                "other": second.label,
                "other_days": second.shows(),
            },
        )
        for first, second in overlapping(periods(Posting.objects.all()))
    ]
    gone = Exists(current(Posting.objects.filter(person=OuterRef("pk")), day))
    problems += [
        Problem("posting.left_but_posted", Place(), {"code": person.code, "day": person.left_on})
        for person in Person.objects.filter(gone, left_on__lt=day).order_by("code")
    ]
    ended = on_day(Posting.objects.filter(area__valid_to__lt=day), day).annotate(code=F("area__code"))
    problems += [
        Problem("posting.area_ended", Place(), {"area": code})
        for code in ended.values_list("code", flat=True)
    ]
    return problems


def day_before(day: date) -> date:
    """The last day of what ends when something begins."""
    return day - timedelta(days=1)
