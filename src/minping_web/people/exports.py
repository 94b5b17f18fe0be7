"""Rows of exports, with the columns of the imports; no work phones, no full certificate numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from django.db.models import QuerySet

from minping_web.people.models import Certificate, Person, PersonSkill, Posting
from minping_web.people.rules import (
    CERTIFICATE_WORDS,
    GRADE_WORDS,
    KIND_WORDS,
    ROLE_WORDS,
    mask_shown,
    word_of,
)


def people_rows(queryset: QuerySet[Person], *, english: bool = False) -> Iterator[Mapping[str, object]]:
    """One row per person."""
    for one in queryset.select_related("employer", "position", "profession_rank", "leadership_rank"):
        yield {
            "code": one.code,
            "name": one.name,
            "kind": word_of(KIND_WORDS, one.kind, english=english),
            "employer": one.employer.code if one.employer else None,
            "position": one.position.code if one.position else None,
            "profession_rank": one.profession_rank.code if one.profession_rank else None,
            "leadership_rank": one.leadership_rank.code if one.leadership_rank else None,
            "office_phone": one.office_phone,
            "started_on": one.started_on,
            "left_on": one.left_on,
        }


def posting_rows(queryset: Iterable[Posting], *, english: bool = False) -> Iterator[Mapping[str, object]]:
    """One row per posting."""
    for posting in queryset:
        yield {
            "person": posting.person.code,
            "area": posting.area.code,
            "role": word_of(ROLE_WORDS, posting.role, english=english),
            "starts_on": posting.starts_on,
            "ends_on": posting.ends_on,
            "share_percent": posting.share_percent,
        }


def certificate_rows(
    queryset: Iterable[Certificate], *, english: bool = False
) -> Iterator[Mapping[str, object]]:
    """Numbers masked; brought back, they keep their last signs."""
    for one in queryset:
        yield {
            "person": one.person.code,
            "kind": word_of(CERTIFICATE_WORDS, one.kind, english=english),
            "title": one.title,
            "number": mask_shown(one.number_tail),
            "issued_on": one.issued_on,
            "expires_on": one.expires_on,
        }


def skill_rows(people: QuerySet[Person], *, english: bool = False) -> Iterator[Mapping[str, object]]:
    """One row per person and skill."""
    held = PersonSkill.objects.filter(person__in=people.order_by().values("pk")).select_related(
        "person", "skill"
    )
    for row in held:
        yield {
            "person": row.person.code,
            "skill": row.skill.code,
            "grade": word_of(GRADE_WORDS, row.grade, english=english),
        }
