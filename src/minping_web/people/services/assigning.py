"""Many new postings with one effective day: a rotation as one change set, checked before, undone as one.

In a rotation places change hands in a circle, so all that ends is ended before anything begins. Who gets an
area to answer for gives up the others; who loses one keeps what nobody else got.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from minping_engine.errors import Place, Problem
from minping_web.common.changes import Recorder, recording
from minping_web.common.scope import Scope
from minping_web.people.models import Person, Posting
from minping_web.people.rules import SINGLE_ROLES, Period
from minping_web.people.selectors import EDIT, current, people_now, periods
from minping_web.people.selectors.postings import day_before
from minping_web.people.services.moves import open_handover
from minping_web.people.services.people import require_edit_of
from minping_web.people.services.postings import (
    PostingDraft,
    faults_beside,
    lock_areas,
    write_end,
    write_posting,
)
from minping_web.places.models import Area

KIND = "people.rotation"


@dataclass(frozen=True)
class Assignment:
    """Somebody serves an area in a role from the day on."""

    person: Person
    area: Area
    role: str
    talents: str = ""


Told = Callable[[int, int], None]
"""Hears how many assignments of how many are written."""


def assign_all(
    scope: Scope, title: str, assignments: Sequence[Assignment], day: date, *, told: Told | None = None
) -> Recorder:
    """Do it; raises `RefusedError` with what is in the way, and then nothing is written."""
    with recording(scope, KIND, title) as recorder:
        _write(recorder, assignments, day, told)
        return recorder


def problems_of(scope: Scope, assignments: Sequence[Assignment], day: date) -> list[Problem]:
    """Everything in their way, read in a few queries; `assign_all` checks once more as it writes."""
    ending = {row.pk for row in _given_up(assignments, day)}
    areas = {one.area.pk for one in assignments}
    people = {one.person.pk for one in assignments}
    held = list(current(Posting.objects.filter(area__in=areas, person__in=people), day))
    there = {(row.person_id, row.area_id, row.role) for row in held}
    others: dict[int, list[Period]] = defaultdict(list)
    for period in periods(Posting.objects.filter(area__in=areas).exclude(pk__in=ending)):
        others[period.area].append(period)
    yours = set(people_now(scope, EDIT).filter(pk__in=people).order_by().values_list("pk", flat=True))
    found = []
    for one in assignments:
        place = Place(key=one.person.name)
        if one.person.pk not in yours:
            found.append(Problem("person.not_yours", place, {"code": one.person.code}))
        elif (one.person.pk, one.area.pk, one.role) not in there:
            draft = PostingDraft(one.person, one.area, one.role, day, talents=one.talents)
            found += faults_beside(draft, others[one.area.pk], place)
    return found


def vacated_by(assignments: Sequence[Assignment], day: date) -> list[Area]:
    """Areas that somebody gives up and nobody gets."""
    taken = {one.area.pk for one in assignments if one.role in SINGLE_ROLES}
    return [row.area for row in _given_up(assignments, day) if row.area_id not in taken]


def _held(assignments: Sequence[Assignment], day: date) -> list[Posting]:
    """What owners hold from the day on: those who get an area, and those whose area goes to another."""
    owning = [one for one in assignments if one.role in SINGLE_ROLES]
    rows = Posting.objects.filter(role__in=SINGLE_ROLES).select_related("area__parent", "person")
    own = rows.filter(person__in=[one.person for one in owning])
    others = rows.filter(area__in=[one.area for one in owning])
    return list(current(own | others, day).distinct().order_by("pk"))


def _given_up(assignments: Sequence[Assignment], day: date) -> list[Posting]:
    """Postings that end: all of `_held` but those that stay as they are."""
    stays = {(one.person.pk, one.area.pk, one.role) for one in assignments}
    return [row for row in _held(assignments, day) if (row.person_id, row.area_id, row.role) not in stays]


def _write(recorder: Recorder, assignments: Sequence[Assignment], day: date, told: Told | None) -> None:
    """Within a recorder."""
    for one in assignments:
        require_edit_of(recorder.scope, one.person)
    ending = _given_up(assignments, day)
    lock_areas([*(one.area for one in assignments), *(row.area for row in ending)])
    givers = [(row.area, row.person) for row in ending]
    for row in ending:
        write_end(recorder, row, day_before(day))
    takers = _begin(recorder, assignments, day, told)
    for area, giver in givers:
        taker = takers.get(area.pk)
        if taker is None or taker.pk != giver.pk:
            open_handover(recorder, giver, taker, (area, day))


def _begin(
    recorder: Recorder, assignments: Sequence[Assignment], day: date, told: Told | None
) -> dict[int, Person]:
    """New postings, where there is none like it already; area -> who answers for it now."""
    takers: dict[int, Person] = {}
    for number, one in enumerate(assignments):
        if told:
            told(number, len(assignments))
        if one.role in SINGLE_ROLES:
            takers[one.area.pk] = one.person
        held = Posting.objects.filter(person=one.person, area=one.area, role=one.role)
        if not current(held, day).exists():
            write_posting(recorder, PostingDraft(one.person, one.area, one.role, day, talents=one.talents))
    return takers
