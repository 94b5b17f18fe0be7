"""What a community sees of somebody who chose its grid: qualifications and present work, never a score.

In: people who chose, the grid with its conditions. Out: one row each; conditions that the register knows are
checked, those that it does not keep (membership, language) are marked as declared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from minping_web.choices.models import Candidate, PostedGrid
from minping_web.common.clock import today
from minping_web.people.models import Certificate, Person, PersonSkill, Posting
from minping_web.people.selectors import on_day


@dataclass(frozen=True)
class Qualified:
    """One person with what she can show."""

    candidate: Candidate
    years: int | None
    certificates: tuple[str, ...]
    skills: tuple[str, ...]
    serves: tuple[str, ...]
    """Where she serves now."""

    @property
    def person(self) -> Person:
        """Whose row it is."""
        return self.candidate.person


def qualifications_of(candidates: Sequence[Candidate]) -> list[Qualified]:
    """In the given order; three queries."""
    ids, day = [one.person_id for one in candidates], today()
    papers = _by_person((row.person_id, _told(row)) for row in valid_certificates(day).filter(person__in=ids))
    held = (
        PersonSkill.objects.filter(person__in=ids).select_related("skill").order_by("-grade", "skill__order")
    )
    skills = _by_person((row.person_id, f"{row.skill} · {row.get_grade_display()}") for row in held)
    posted = on_day(Posting.objects.filter(person__in=ids), day).select_related("area__parent__parent")
    serves = _by_person((row.person_id, _placed(row)) for row in posted)
    return [
        Qualified(one, _years(one.person.started_on, day), papers[one.person_id], skills[one.person_id],
                  serves[one.person_id])
        for one in candidates
    ]  # fmt: skip


def valid_certificates(day: date) -> QuerySet[Certificate]:
    """Those that hold on a day."""
    return Certificate.in_state(Certificate.objects.all(), "", day).order_by("kind", "issued_on")


def unmet_by(person: Person, grids: Iterable[PostedGrid]) -> list[tuple[PostedGrid, str]]:
    """Conditions of these grids that the register says she does not meet; two queries."""
    kinds = set(
        valid_certificates(today())
        .filter(person=person, verified_on__isnull=False)
        .values_list("kind", flat=True)
    )
    skills = set(
        PersonSkill.objects.filter(person=person, grade__gte=PersonSkill.Grade.ALONE).values_list(
            "skill", flat=True
        )
    )
    found: list[tuple[PostedGrid, str]] = []
    for grid in grids:
        if grid.certificate and grid.certificate not in kinds:
            found.append((grid, str(grid.get_certificate_display())))
        if grid.skill_id and grid.skill_id not in skills:
            found.append((grid, str(grid.skill)))
    return found


def conditions_of(grid: PostedGrid) -> list[str]:
    """The conditions in words."""
    found = []
    if grid.certificate:
        found.append(str(grid.get_certificate_display()))
    if grid.skill:
        found.append(str(grid.skill))
    if grid.party_member:
        found.append(_("Party member"))
    if grid.language:
        found.append(_("speaks %(language)s") % {"language": grid.language})
    return found


def declared_conditions_of(grid: PostedGrid) -> list[str]:
    """Those that the register does not keep: whoever lists the grid declares them."""
    found = [_("Party member")] if grid.party_member else []
    return found + ([_("speaks %(language)s") % {"language": grid.language}] if grid.language else [])


def _told(row: Certificate) -> str:
    return str(row) if row.verified_on else _("%(certificate)s (not verified)") % {"certificate": row}


def _placed(row: Posting) -> str:
    around = [area.name for area in row.area.around]
    return " · ".join([row.area.name, *reversed(around)])


def _years(started: date | None, day: date) -> int | None:
    if started is None or started > day:
        return None
    return day.year - started.year - ((day.month, day.day) < (started.month, started.day))


def _by_person(rows: Iterable[tuple[int, str]]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = defaultdict(tuple)
    for person, told in rows:
        found[person] += (told,)
    return found
