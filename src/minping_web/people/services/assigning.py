"""Many new postings with one effective day: a whole rotation as one change set, previewed and undone as one.

In a rotation places change hands in a circle, so all that ends is ended before anything begins. Who gets an
area to answer for gives up the others; who loses one keeps what nobody else got.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from minping_web.common.changes import Recorder, preview, recording
from minping_web.common.scope import Scope
from minping_web.people.models import Person, Posting
from minping_web.people.rules import SINGLE_ROLES, load_changes
from minping_web.people.selectors import current, loads_by_person, owner_of
from minping_web.people.selectors.postings import day_before
from minping_web.people.services.moves import MovePreview, open_handover
from minping_web.people.services.people import require_edit_of
from minping_web.people.services.postings import PostingDraft, lock_areas, write_end, write_posting
from minping_web.places.models import Area

KIND = "people.rotation"


@dataclass(frozen=True)
class Assignment:
    """Somebody serves an area in a role from the day on."""

    person: Person
    area: Area
    role: str


def assign_all(scope: Scope, title: str, assignments: Sequence[Assignment], day: date) -> Recorder:
    """Do it; raises `RefusedError` with what is in the way, and then nothing is written."""
    with recording(scope, KIND, title) as recorder:
        _write(recorder, assignments, day)
        return recorder


def preview_assignments(scope: Scope, assignments: Sequence[Assignment], day: date) -> MovePreview:
    """The same edit, taken back: rows, loads before and after, areas left without an owner."""
    around = {one.area.path for one in assignments}
    around |= {posting.area.path for posting in _given_up(assignments, day)}
    before = loads_by_person(day, around)
    seen: dict[str, object] = {}

    def edit() -> Recorder:
        recorder = Recorder(scope, KIND, "")
        given = _write(recorder, assignments, day)
        seen["after"] = loads_by_person(day, around)
        seen["vacated"] = [area for area in given if owner_of(area, day) is None]
        return recorder

    recorder = preview(edit)
    after: dict[int, int] = seen["after"]  # type: ignore[assignment]
    labels = dict(Person.objects.filter(pk__in={*before, *after}).values_list("pk", "name"))
    return MovePreview(recorder.differences, load_changes(before, after, labels), seen["vacated"])  # type: ignore[arg-type]


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


def _write(recorder: Recorder, assignments: Sequence[Assignment], day: date) -> list[Area]:
    """Within a recorder; the areas that were given up."""
    for one in assignments:
        require_edit_of(recorder.scope, one.person)
    ending = _given_up(assignments, day)
    lock_areas([*(one.area for one in assignments), *(row.area for row in ending)])
    givers = [(row.area, row.person) for row in ending]
    for row in ending:
        write_end(recorder, row, day_before(day))
    takers = _begin(recorder, assignments, day)
    for area, giver in givers:
        taker = takers.get(area.pk)
        if taker is None or taker.pk != giver.pk:
            open_handover(recorder, giver, taker, (area, day))
    return [area for area, _giver in givers]


def _begin(recorder: Recorder, assignments: Sequence[Assignment], day: date) -> dict[int, Person]:
    """New postings, where there is none like it already; area -> who answers for it now."""
    takers: dict[int, Person] = {}
    for one in assignments:
        if one.role in SINGLE_ROLES:
            takers[one.area.pk] = one.person
        held = Posting.objects.filter(person=one.person, area=one.area, role=one.role)
        if not current(held, day).exists():
            write_posting(recorder, PostingDraft(one.person, one.area, one.role, day))
    return takers
