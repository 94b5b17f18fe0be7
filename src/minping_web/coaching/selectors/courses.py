"""Courses with their seats, by who may come."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404

from minping_web.coaching.models import Course, Enrolment
from minping_web.coaching.rules.words import EnrolmentState
from minping_web.coaching.selectors.plans import EDIT, VIEW
from minping_web.common.clock import today
from minping_web.common.scope import Scope
from minping_web.places.models import Area
from minping_web.places.selectors.areas import areas_seen

TAKEN = Q(enrolments__state__in=(EnrolmentState.ENROLLED, EnrolmentState.ATTENDED))


def courses_seen(scope: Scope, *, search: str = "", state: str = "") -> QuerySet[Course]:
    """Courses of the district and of the scope's places; `state` is "coming", "past" or empty for all."""
    if not scope.may(VIEW):
        return Course.objects.none()
    rows = Course.objects.select_related("area")
    if not scope.may_everywhere(VIEW):
        rows = rows.filter(Q(area__isnull=True) | Q(area__in=_around(scope)))
    if search:
        rows = rows.filter(Q(title__icontains=search) | Q(code__icontains=search))
    if state == "coming":
        rows = rows.filter(ends_on__gte=today(), cancelled=False)
    elif state == "past":
        rows = rows.filter(ends_on__lt=today())
    return rows.annotate(taken=Count("enrolments", filter=TAKEN)).order_by("-starts_on", "code")


def _around(scope: Scope) -> QuerySet[Area]:
    """Areas of the scope: a course of a street is for its communities too."""
    reach = scope.reach(VIEW)
    wider = Q(pk__in=areas_seen(scope, VIEW).values("pk"))
    for root in reach.paths:
        steps = [root[:end] for end in range(8, len(root) + 1, 8)]
        wider |= Q(path__in=steps)
    return Area.objects.filter(wider)


def course_of(scope: Scope, course_id: int) -> Course:
    """One course, else 404."""
    return get_object_or_404(courses_seen(scope), pk=course_id)


def may_change(scope: Scope, course: Course) -> bool:
    """Whether the scope may change it: where it is held for, or in the whole district."""
    return scope.may(EDIT, course.area.path) if course.area else scope.may_everywhere(EDIT)


def seats_of(scope: Scope, course: Course) -> QuerySet[Enrolment]:
    """Who has a seat; offices see people of their own place."""
    rows = course.enrolments.select_related("person")
    if scope.may_everywhere(VIEW):
        return rows
    areas = areas_seen(scope, VIEW).values("pk")
    return rows.filter(Q(person__postings__area__in=areas) | Q(person__employer__area__in=areas)).distinct()


def open_courses() -> QuerySet[Course]:
    """Courses that somebody may still enrol in."""
    rows = Course.objects.filter(starts_on__gte=today(), cancelled=False).select_related("area")
    return rows.annotate(taken=Count("enrolments", filter=TAKEN)).order_by("starts_on", "pk")
