"""Certificates, skills, job descriptions, handovers and requests for correction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from minping_web.common.scope import Scope, within
from minping_web.people.models import (
    Certificate,
    CorrectionRequest,
    Handover,
    JobDescription,
    Person,
    PersonSkill,
    Position,
    Skill,
)
from minping_web.people.selectors.directory import EDIT, OWN, VIEW, people_now


def certificates_seen(scope: Scope) -> QuerySet[Certificate]:
    """Certificates of people seen by current posting or employer."""
    people = people_now(scope, VIEW).order_by().values("pk")
    return Certificate.objects.filter(person__in=people).select_related("person", "verified_by")


def descriptions_in_force(day: date) -> list[tuple[Position, JobDescription | None]]:
    """Each position with the version that holds on a day."""
    newest: dict[int, JobDescription] = {}
    for description in JobDescription.objects.filter(in_force_from__lte=day).order_by(
        "in_force_from", "version"
    ):
        newest[description.position_id] = description
    return [
        (position, newest.get(position.pk)) for position in Position.objects.filter(ended_on__isnull=True)
    ]


@dataclass(frozen=True)
class SkillRow:
    """One person of the matrix; `grades` has an entry per skill, None where there is none."""

    person: Person
    grades: tuple[PersonSkill | None, ...]


def skill_matrix(people: list[Person]) -> tuple[list[Skill], list[SkillRow]]:
    """Skills in order, and a row per person; two queries."""
    skills = list(Skill.objects.filter(ended_on__isnull=True))
    held = {(row.person_id, row.skill_id): row for row in PersonSkill.objects.filter(person__in=people)}
    rows = [SkillRow(one, tuple(held.get((one.pk, skill.pk)) for skill in skills)) for one in people]
    return skills, rows


def handovers_seen(scope: Scope, permission: str = VIEW) -> QuerySet[Handover]:
    """Handovers of areas within the scope."""
    queryset = Handover.objects.select_related("giver", "taker", "area__parent__parent")
    return within(queryset, scope, permission, "area__path")


def correction_requests_seen(scope: Scope) -> QuerySet[CorrectionRequest]:
    """Requests of those whom the scope may edit; the office that answers."""
    people = people_now(scope, EDIT).order_by().values("pk")
    return CorrectionRequest.objects.filter(person__in=people).select_related("person", "answered_by")


def description_on(position: Position, day: date) -> JobDescription | None:
    """The version in force on a day."""
    return position.descriptions.filter(in_force_from__lte=day).order_by("-version").first()


def filtered_handovers(queryset: QuerySet[Handover], *, text: str, state: str) -> QuerySet[Handover]:
    """Search by either side or area; open (by default), closed or all."""
    if text:
        names = ("giver__name", "giver__code", "taker__name", "taker__code", "area__name")
        found = Q(area__code__istartswith=text)
        for name in names:
            found |= Q(**{f"{name}__icontains": text})
        queryset = queryset.filter(found)
    both = Q(giver_confirmed_at__isnull=False, taker_confirmed_at__isnull=False)
    return queryset.filter({"closed": both, "all": Q()}.get(state, ~both))


def filtered_corrections(
    queryset: QuerySet[CorrectionRequest], *, text: str, state: str
) -> QuerySet[CorrectionRequest]:
    """Search by person or words; open (by default), answered or all."""
    if text:
        queryset = queryset.filter(
            Q(person__name__icontains=text) | Q(person__code__icontains=text) | Q(text__icontains=text)
        )
    is_open = Q(state=CorrectionRequest.State.OPEN)
    return queryset.filter({"answered": ~is_open, "all": Q()}.get(state, is_open))


def own_handovers(scope: Scope) -> QuerySet[Handover]:
    """Handovers in which the user is one side."""
    if scope.person_id is None or not scope.may(OWN):
        return Handover.objects.none()
    own = Q(giver=scope.person_id) | Q(taker=scope.person_id)
    return Handover.objects.filter(own).select_related("giver", "taker", "area__parent__parent")
