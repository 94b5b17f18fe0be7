"""Courses: the register, one course with its seats, who fits in it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.coaching.exports import COURSE_LIST, SEATS, course_rows, seat_rows
from minping_web.coaching.forms import CourseForm, SeatForm
from minping_web.coaching.models import Course
from minping_web.coaching.selectors.courses import course_of, courses_seen, may_change, seats_of
from minping_web.coaching.selectors.plans import EDIT, VIEW
from minping_web.coaching.services import courses as services
from minping_web.common.clock import today
from minping_web.common.edit_pages import asked, edited, paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines


@page(VIEW)
def course_list(request: ScopedRequest) -> HttpResponse:
    """Courses of the district and of the own place."""
    search, state = asked(request, "q"), asked(request, "state", 8)
    found = courses_seen(request.scope, search=search, state=state)
    if wants_export(request):
        return export_response(request, COURSE_LIST, course_rows(found))
    context = {
        "page_obj": paged(request, found),
        "q": search,
        "state": state,
        "may_edit": request.scope.may(EDIT),
    }
    return render(request, "coaching/courses.html", context)


@page(EDIT, methods=("GET", "POST"))
def course_new(request: ScopedRequest) -> HttpResponse:
    """A new course."""
    return _course_form(request, None)


@page(EDIT, methods=("GET", "POST"))
def course_edit(request: ScopedRequest, course_id: int) -> HttpResponse:
    """Change or cancel a course."""
    course = course_of(request.scope, course_id)
    if not may_change(request.scope, course):
        raise Http404
    return _course_form(request, course)


def _course_form(request: ScopedRequest, course: Course | None) -> HttpResponse:
    first = {name: getattr(course, name) for name in CourseForm.base_fields} if course else None
    form = CourseForm(request.POST or None, scope=request.scope, initial=first)

    def save() -> str:
        saved = services.save_course(request.scope, form.cleaned_data, existing=course)
        return reverse("coaching:course", args=[saved.pk])

    context = {
        "title": _("Change the course") if course else _("Add a course"),
        "lead": _(
            "A course answers questions of a scheme; whoever is surely behind there gets it suggested."
        ),
        "back": reverse("coaching:courses"),
    }
    return edited(request, form, save=save, context=context)


@page(VIEW, methods=("GET", "POST"))
def course_page(request: ScopedRequest, course_id: int) -> HttpResponse:
    """One course with its seats; enrolment and attendance are posted here."""
    course = course_of(request.scope, course_id)
    form = SeatForm(scope=request.scope)
    problems: list[Any] = []
    status = 200
    if request.method == "POST":
        request.scope.require(EDIT)
        form, problems = _seat_posted(request, course)
        if not problems and not form.errors:
            messages.success(request, _("Saved."))
            return redirect("coaching:course", course.pk)
        status = 422
    seats = seats_of(request.scope, course)
    if wants_export(request):
        return export_response(request, SEATS, seat_rows(seats))
    context = {
        "course": course,
        "seats": seats,
        "form": form,
        "problems": problems,
        "may_change": may_change(request.scope, course),
        "may_edit": request.scope.may(EDIT),
        "may_enrol": request.scope.may(EDIT) and not course.cancelled and course.starts_on >= today(),
        "has_begun": course.starts_on <= today(),
    }
    return render(request, "coaching/course.html", context, status=status)


def _seat_posted(request: ScopedRequest, course: Course) -> tuple[SeatForm, list[Any]]:
    act, number = request.POST.get("act", ""), request.POST.get("number", "")
    person_id = int(number) if number.isdecimal() else 0
    form = SeatForm(request.POST if act == "enrol" else None, scope=request.scope)
    try:
        if act == "enrol":
            if form.is_valid():
                services.enrol(request.scope, course, form.cleaned_data["person"])
        elif act == "cancel":
            services.cancel_seat(request.scope, course, person_id)
        else:
            services.note_attendance(request.scope, course, person_id, came=act == "came")
    except RefusedError as refused:
        return form, lines(refused.problems)
    return form, []
