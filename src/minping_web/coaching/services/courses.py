"""Courses, seats, attendance. Seats are counted under a lock, so that the last one is given once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from minping_engine.errors import Place, Problem
from minping_web.coaching.models import Course, Enrolment
from minping_web.coaching.rules.words import EnrolmentState
from minping_web.coaching.selectors.courses import may_change
from minping_web.coaching.selectors.plans import EDIT
from minping_web.common.changes import Recorder, recording
from minping_web.common.clock import now, today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.people.models import Person
from minping_web.people.selectors.directory import people_now
from minping_web.schemes.models import SchemeVersion

TAKEN = (EnrolmentState.ENROLLED, EnrolmentState.ATTENDED)


def wrong_course(values: Mapping[str, Any], place: Place) -> list[Problem]:
    """Faults of one course's fields."""
    wrong = []
    if values["ends_on"] < values["starts_on"]:
        wrong.append(Problem("coaching.course_days", place))
    if not SchemeVersion.objects.filter(scheme_id=values["scheme_id"]).exists():
        wrong.append(Problem("coaching.no_scheme", place, {"scheme": values["scheme_id"]}))
    if not values["dimensions"].split():
        wrong.append(Problem("coaching.no_question", place))
    return wrong


def write_course(
    scope: Scope, recorder: Recorder, values: Mapping[str, Any], *, existing: Course | None, place: Place
) -> Course:
    """Create or change one course; raises `RefusedError` with all faults."""
    course = existing or Course(**values)
    _require(scope, course)
    if existing is not None:
        _require(scope, Course(**{**_fields(existing), **values}))
    wrong = wrong_course({**_fields(course), **values}, place)
    if wrong:
        raise RefusedError(wrong)
    if existing is None:
        recorder.create(course)
    else:
        recorder.update(existing, **values)
    return course


def _fields(course: Course) -> dict[str, Any]:
    return {field.attname: getattr(course, field.attname) for field in course._meta.concrete_fields}


def _require(scope: Scope, course: Course) -> None:
    if not may_change(scope, course):
        raise PermissionDenied(EDIT)


def save_course(scope: Scope, values: Mapping[str, Any], *, existing: Course | None = None) -> Course:
    """One course from the form."""
    with recording(scope, "coaching.course", f"{values['code']} {values['title']}") as recorder:
        taken = Course.objects.filter(code=values["code"]).exclude(pk=existing.pk if existing else 0)
        if taken.exists():
            raise RefusedError.of("coaching.code_taken", Place(key="code"), code=values["code"])
        return write_course(scope, recorder, values, existing=existing, place=Place(key="ends_on"))


@transaction.atomic
def enrol(scope: Scope, course: Course, person: Person) -> Enrolment:
    """A seat for oneself, or by the office for somebody of its place."""
    if scope.person_id != person.pk and not people_now(scope, EDIT).filter(pk=person.pk).exists():
        raise PermissionDenied(EDIT)
    locked = Course.objects.select_for_update().get(pk=course.pk)
    if locked.cancelled or locked.starts_on < today():
        raise RefusedError.of("coaching.course_over", title=locked.title)
    known = Enrolment.objects.filter(course=locked, person=person).first()
    if known and known.state in TAKEN:
        raise RefusedError.of("coaching.seat_known", name=person.name)
    if locked.enrolments.filter(state__in=TAKEN).count() >= locked.seats:
        raise RefusedError.of("coaching.no_seat", title=locked.title, seats=locked.seats)
    made, _new = Enrolment.objects.update_or_create(
        course=locked, person=person,
        defaults={"state": EnrolmentState.ENROLLED, "made_at": now(), "made_by_id": scope.user_id},
    )  # fmt: skip
    return made


@transaction.atomic
def cancel_seat(scope: Scope, course: Course, person_id: int) -> None:
    """Give the seat back; whoever has it, or the office."""
    seat = _seat(scope, course, person_id, own=True)
    if seat.state != EnrolmentState.ENROLLED:
        raise RefusedError.of("coaching.seat_settled")
    Enrolment.objects.filter(pk=seat.pk).update(state=EnrolmentState.CANCELLED)


@transaction.atomic
def note_attendance(scope: Scope, course: Course, person_id: int, *, came: bool) -> None:
    """Who came; never before the course began."""
    seat = _seat(scope, course, person_id, own=False)
    if course.starts_on > today():
        raise RefusedError.of("coaching.course_ahead", title=course.title)
    if seat.state == EnrolmentState.CANCELLED:
        raise RefusedError.of("coaching.seat_settled")
    state = EnrolmentState.ATTENDED if came else EnrolmentState.ABSENT
    Enrolment.objects.filter(pk=seat.pk).update(state=state)


def _seat(scope: Scope, course: Course, person_id: int, *, own: bool) -> Enrolment:
    seat = Enrolment.objects.select_for_update().filter(course=course, person=person_id).first()
    if seat is None:
        raise RefusedError.of("coaching.seat_unknown")
    if own and scope.person_id == person_id:
        return seat
    if not people_now(scope, EDIT).filter(pk=person_id).exists():
        raise PermissionDenied(EDIT)
    return seat
