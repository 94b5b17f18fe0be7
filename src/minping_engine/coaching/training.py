"""Which training fits a profile, and who may teach (docs/method/coaching.md, rules 13 and 14; S105).

In: a profile, the table of courses. Out: courses in order, each with the gaps it answers; gaps without a
course; who is surely ahead. A suggestion: whether somebody goes is agreed with her.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from minping_engine.coaching.profiles import LineState, ProfileLine, SkillProfile
from minping_engine.errors import InputError, Place, Problem


class CourseLevel(StrEnum):
    """Whom a course is for."""

    FOUNDATION = "foundation"
    REFRESHER = "refresher"
    TEACHING = "teaching"


@dataclass(frozen=True)
class Course:
    """One row of the table of courses."""

    course_id: str
    dimensions: tuple[str, ...]
    level: CourseLevel


@dataclass(frozen=True)
class SuggestionReason:
    """Why: the line of the profile, and whether the course is of the level that fits."""

    line: ProfileLine
    wanted: CourseLevel
    fits_level: bool


@dataclass(frozen=True)
class SuggestedCourse:
    """One course. `worth`: points surely behind that it answers, those at another level by half."""

    course: Course
    reasons: tuple[SuggestionReason, ...]
    worth: float


@dataclass(frozen=True)
class Suggestions:
    """For one worker: courses, best first; gaps without one; what she may teach, and courses for that."""

    worker: int
    courses: tuple[SuggestedCourse, ...]
    without_course: tuple[ProfileLine, ...]
    may_teach: tuple[ProfileLine, ...]
    teaching: tuple[SuggestedCourse, ...]


def suggest_training(
    profile: SkillProfile, courses: Sequence[Course], *, deep_gap: float = 5.0
) -> Suggestions:
    """Courses for the gaps that are real, in an order that anybody can follow.

    Surely `deep_gap` points behind or more: a foundation course; less: a refresher. A course of the other
    level is suggested only for a gap that no course of the right level answers.
    """
    _check(profile, courses)
    gaps = {
        line: CourseLevel.FOUNDATION if line.surely >= deep_gap else CourseLevel.REFRESHER
        for line in profile.of_state(LineState.GAP)
    }
    ahead = dict.fromkeys(profile.of_state(LineState.STRENGTH), CourseLevel.TEACHING)
    helping = [course for course in courses if course.level is not CourseLevel.TEACHING]
    teaching = [course for course in courses if course.level is CourseLevel.TEACHING]
    known = {dimension for course in helping for dimension in course.dimensions}
    return Suggestions(
        profile.worker,
        _ranked(helping, gaps),
        tuple(line for line in gaps if line.dimension not in known),
        tuple(ahead),
        _ranked(teaching, ahead),
    )


def teachers_by_dimension(profiles: Iterable[SkillProfile]) -> dict[str, tuple[int, ...]]:
    """Who may teach what: workers (rows) surely ahead, the surest first. For pairing, not for publication."""
    found: dict[str, list[tuple[float, int]]] = {}
    for profile in profiles:
        for line in profile.lines:
            found.setdefault(line.dimension, [])
            if line.state is LineState.STRENGTH:
                found[line.dimension].append((-line.surely, profile.worker))
    return {dimension: tuple(worker for _surely, worker in sorted(some)) for dimension, some in found.items()}


def _check(profile: SkillProfile, courses: Sequence[Course]) -> None:
    problems, known = [], {line.dimension for line in profile.lines}
    ids = [course.course_id for course in courses]
    for course in courses:
        if not course.dimensions or not set(course.dimensions) <= known:
            problems.append(Problem("coaching.course_without_dimension", Place(key=course.course_id)))
    for course_id in sorted({one for one in ids if ids.count(one) > 1}):
        problems.append(Problem("coaching.course_twice", Place(key=course_id)))
    if problems:
        raise InputError(problems)


def _ranked(
    courses: Sequence[Course], wanted: Mapping[ProfileLine, CourseLevel]
) -> tuple[SuggestedCourse, ...]:
    """Those that answer a line; ties by more lines, then by id."""
    answered = {
        line for line, level in wanted.items() for course in courses
        if course.level is level and line.dimension in course.dimensions
    }  # fmt: skip
    made = []
    for course in courses:
        reasons = tuple(
            SuggestionReason(line, level, course.level is level)
            for line, level in wanted.items()
            if line.dimension in course.dimensions and (course.level is level or line not in answered)
        )
        if reasons:
            worth = sum(one.line.surely * (1.0 if one.fits_level else 0.5) for one in reasons)
            made.append(SuggestedCourse(course, reasons, worth))
    return tuple(sorted(made, key=lambda one: (-one.worth, -len(one.reasons), one.course.course_id)))
