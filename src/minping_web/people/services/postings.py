"""Postings: who serves which area from when to when, with one owner at a time (S10).

The area's row is locked before the check, so that two people cannot both pass it; a trigger of the
database refuses the same overlap once more, for whatever path a row takes (undo, a repair by hand).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied

from minping_engine.errors import Place, Problem
from minping_web.common.changes import Recorder, recording
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.people.models import Person, Posting
from minping_web.people.rules import Period, PostingRole, conflicts, has_specialists
from minping_web.people.selectors import EDIT, periods
from minping_web.people.services.people import HERE, at
from minping_web.places.models import Area


@dataclass(frozen=True)
class PostingDraft:
    """A posting as somebody wants it."""

    person: Person
    area: Area
    role: str
    starts_on: date
    ends_on: date | None = None
    share_percent: int = 100
    talents: str = ""


def save_posting(scope: Scope, draft: PostingDraft, *, existing: Posting | None = None) -> Posting:
    """Create or edit; raises `RefusedError` naming both postings where they overlap."""
    title = f"{draft.person.name} → {draft.area.name}"
    with recording(scope, "people.posting", title) as recorder:
        return write_posting(recorder, draft, existing=existing)


def write_posting(
    recorder: Recorder, draft: PostingDraft, *, existing: Posting | None = None, place: Place = HERE
) -> Posting:
    """Create or edit within a recorder."""
    for area in {draft.area, existing.area if existing else draft.area}:
        recorder.scope.require(EDIT, area.path)
    lock_areas([draft.area])
    problems = faults_of_posting(draft, existing, place)
    if problems:
        raise RefusedError(problems)
    values = vars(draft) | {"talents": draft.talents.strip() if draft.role == PostingRole.SPECIALIST else ""}
    if existing:
        recorder.update(existing, **values)
        return existing
    made = Posting(**values)
    recorder.create(made)
    return made


def lock_areas(areas: list[Area]) -> None:
    """Hold the rows of the areas until the transaction ends, always in the same order."""
    keys = sorted({area.pk for area in areas})
    list(Area.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))


def faults_of_posting(draft: PostingDraft, existing: Posting | None, place: Place) -> list[Problem]:
    """Everything wrong with a posting by itself and beside the others of its area."""
    others = periods(Posting.objects.filter(area=draft.area))
    return faults_beside(draft, others, place, key=existing.pk if existing else None)


def faults_beside(
    draft: PostingDraft, others: Iterable[Period], place: Place, *, key: int | None = None
) -> list[Problem]:
    """The same beside postings that were read already; `key` is the posting's own."""
    problems = _faults_of_days(draft, place)
    if draft.role == PostingRole.WARDEN and draft.area.level != Area.Level.GRID:
        problems.append(at(place, "role", "posting.warden_needs_grid", area=draft.area.name))
    problems += _faults_of_specialist(draft, place)
    new = Period(
        key,
        draft.area.pk,
        draft.person.pk,
        draft.role,
        draft.starts_on,
        draft.ends_on,
        draft.person.name,
    )
    return problems + conflicts(new, others, place, area=draft.area.name)


def _faults_of_specialist(draft: PostingDraft, place: Place) -> list[Problem]:
    """S89: on an L1 or L2 grid, with what the specialist is appointed for."""
    if draft.role != PostingRole.SPECIALIST:
        return []
    problems = []
    if not has_specialists(draft.area.level, draft.area.grid_level):
        problems.append(at(place, "area", "posting.specialist_needs_wide_grid", area=draft.area.name))
    if not draft.talents.strip():
        problems.append(at(place, "talents", "posting.talents_missing", person=draft.person.code))
    return problems


def _faults_of_days(draft: PostingDraft, place: Place) -> list[Problem]:
    problems = []
    area, person, code = draft.area, draft.person, draft.person.code
    if draft.ends_on and draft.ends_on < draft.starts_on:
        problems.append(at(place, "ends_on", "posting.ends_before_start", person=code))
    if area.valid_from and draft.starts_on < area.valid_from:
        params = {"area": area.name, "day": area.valid_from}
        problems.append(at(place, "starts_on", "posting.before_area", **params))
    if area.valid_to and (draft.ends_on is None or draft.ends_on > area.valid_to):
        params = {"area": area.name, "day": area.valid_to}
        problems.append(at(place, "ends_on", "posting.after_area", **params))
    if person.started_on and draft.starts_on < person.started_on:
        problems.append(at(place, "starts_on", "posting.before_joining", person=code, day=person.started_on))
    if person.left_on and (draft.ends_on is None or draft.ends_on > person.left_on):
        problems.append(at(place, "ends_on", "posting.left_but_posted", code=code, day=person.left_on))
    return problems


def end_posting(scope: Scope, posting: Posting, day: date) -> None:
    """Set the last day."""
    with recording(scope, "people.posting", str(posting)) as recorder:
        write_end(recorder, posting, day)


def write_end(recorder: Recorder, posting: Posting, day: date) -> None:
    """Set the last day within a recorder; a posting that would end before it began is removed."""
    recorder.scope.require(EDIT, posting.area.path)
    if day < posting.starts_on:
        recorder.delete(posting)
    else:
        recorder.update(posting, ends_on=day)


def remove_posting(scope: Scope, posting: Posting) -> None:
    """Remove a posting entered by mistake; can be undone."""
    if not scope.may(EDIT, posting.area.path):
        raise PermissionDenied(EDIT)
    with recording(scope, "people.posting", str(posting)) as recorder:
        recorder.delete(posting)
