"""Which training fits whom, and who could teach what (S105). For pairing inside the office, never public.

In: profiles from the newest published result, the register of courses, standings. Out: gaps in words,
courses in order with their reasons, teachers near by first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.models import Q, QuerySet

from minping_engine.coaching import Course as CourseRow
from minping_engine.coaching import (
    CourseLevel,
    LineState,
    SkillProfile,
    SuggestedCourse,
    line_in_words,
    suggest_training,
    teachers_by_dimension,
)
from minping_web.assessments.models import AssessmentRun
from minping_web.coaching.models import CoachingPlan, Course, Standing
from minping_web.coaching.rules.words import OPEN, PartnerState, Side, of_language, page_language
from minping_web.coaching.selectors.evidence import dimension_names, profiles_of, scheme_of
from minping_web.coaching.selectors.plans import VIEW
from minping_web.common.clock import today
from minping_web.common.scope import PATH_STEP, Scope, within
from minping_web.publications.models import Publication
from minping_web.publications.selectors.current import current_publications

SHOWN = (LineState.GAP, LineState.STRENGTH)
MOST_TEACHERS = 6
MOST_PAIRS = 2
"""Plans that one colleague accompanies at a time, before others are suggested first: help costs time (G2)."""


@dataclass(frozen=True)
class Line:
    """One question of a profile in words."""

    dimension: str
    name: str
    state: str
    words: str
    points: float | None


@dataclass(frozen=True)
class Suggested:
    """A course and why."""

    course: Course
    reasons: tuple[str, ...]
    fits_level: bool


@dataclass(frozen=True)
class Fitting:
    """For one assessee: lines of the profile, courses in order, gaps that no course answers."""

    lines: tuple[Line, ...] = ()
    courses: tuple[Suggested, ...] = ()
    teaching: tuple[Suggested, ...] = ()
    without: tuple[str, ...] = ()

    @property
    def gaps(self) -> tuple[Line, ...]:
        """Where the person is really behind."""
        return tuple(one for one in self.lines if one.state == LineState.GAP)


def newest_run(assessee_id: str) -> AssessmentRun | None:
    """The newest published result that has this assessee."""
    found = current_publications().filter(run__results__assessee_id=assessee_id).first()
    return found.run if found else None


def fitting(assessee_id: str, run: AssessmentRun | None) -> Fitting:
    """What fits somebody, from one run; nothing without files."""
    profile = profiles_of(run).of(assessee_id) if run else None
    if run is None or profile is None:
        return Fitting()
    names = dimension_names(scheme_of(run), page_language())
    points = profiles_of(run).points
    courses = {str(one.pk): one for one in courses_for(run)}
    known = {line.dimension for line in profile.lines}
    rows = [
        CourseRow(key, items, CourseLevel(one.level))
        for key, one in courses.items()
        if (items := tuple(item for item in one.items if item in known))
    ]
    found = suggest_training(profile, rows)
    return Fitting(
        tuple(_line(profile, at, names, points, assessee_id) for at in range(len(profile.lines))),
        tuple(_suggested(one, courses, names) for one in found.courses),
        tuple(_suggested(one, courses, names) for one in found.teaching),
        tuple(names.get(line.dimension, line.dimension) for line in found.without_course),
    )


def _line(
    profile: SkillProfile, at: int, names: dict[str, str], points: dict[tuple[str, str], float], who: str
) -> Line:
    line = profile.lines[at]
    name = names.get(line.dimension, line.dimension)
    words = line_in_words(line, page_language(), dimension=name)
    return Line(line.dimension, name, line.state.value, words, points.get((who, line.dimension)))


def _suggested(one: SuggestedCourse, courses: dict[str, Course], names: dict[str, str]) -> Suggested:
    language = page_language()
    words = tuple(
        line_in_words(
            reason.line, language, dimension=names.get(reason.line.dimension, reason.line.dimension)
        )
        for reason in one.reasons
    )
    return Suggested(courses[one.course.course_id], words, all(reason.fits_level for reason in one.reasons))


def courses_for(run: AssessmentRun) -> QuerySet[Course]:
    """Courses of the scheme that are still to come or going on."""
    rows = Course.objects.filter(scheme_id=run.scheme.scheme_id, cancelled=False, ends_on__gte=today())
    return rows.order_by("starts_on", "pk")


@dataclass(frozen=True)
class Teacher:
    """Somebody who is ahead: where, since when, in what, and how many colleagues she helps already."""

    standing: Standing
    strengths: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    pairs: int = 0

    @property
    def words(self) -> list[str]:
        """The ladder's words and what the scheme asks of those ahead."""
        said = [of_language(one) for one in self.standing.words[:1]]
        return said + [of_language(one["text"]) for one in self.standing.teaching]


def newest_publications(scope: Scope) -> list[Publication]:
    """Of each scheme and subject the newest result that holds."""
    found: dict[tuple[str, str], Publication] = {}
    for row in current_publications():
        found.setdefault((row.run.scheme.scheme_id, row.round.subject), row)
    return list(found.values())


def teachers(scope: Scope, publication: Publication, *, dimension: str = "", near: str = "") -> list[Teacher]:
    """Persons ahead over the whole result or surely in some question, by place and name.

    Those of other places are seen by whoever sees them anyway; for a plan of the street or district ladder
    `near` widens to that area.
    """
    rows = Standing.objects.filter(publication=publication, person__isnull=False)
    rows = rows.filter(Q(person__left_on__isnull=True) | Q(person__left_on__gte=today()))
    rows = rows.select_related("person", "area__parent__parent")
    rows = rows.filter(area__path__startswith=near) if near else within(rows, scope, VIEW, "area__path")
    strong, names = _strengths(publication.run)
    busy = _pairs()
    found = []
    for row in rows.order_by("area__path", "name"):
        sure = strong.get(row.assessee_id, ())
        if (dimension in sure) if dimension else (sure or row.side == Side.AHEAD):
            said = tuple(names.get(one, one) for one in sure)
            found.append(Teacher(row, said, sure, busy.get(row.person_id or 0, 0)))
    return found


def _strengths(run: AssessmentRun) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Assessee -> questions in which she is surely ahead; names of the questions."""
    found = profiles_of(run)
    strong: dict[str, list[str]] = {}
    for dimension, rows in teachers_by_dimension(found.profiles).items():
        for row in rows:
            strong.setdefault(found.assessees[row], []).append(dimension)
    names = dimension_names(scheme_of(run), page_language())
    return {who: tuple(sorted(sure)) for who, sure in strong.items()}, names


def _pairs() -> dict[int, int]:
    rows = CoachingPlan.objects.filter(state__in=OPEN, partner__isnull=False)
    rows = rows.exclude(partner_state=PartnerState.DECLINED)
    counts: dict[int, int] = {}
    for partner in rows.values_list("partner_id", flat=True):
        counts[partner] = counts.get(partner, 0) + 1
    return counts


def partners_for(
    scope: Scope, plan: CoachingPlan, run: AssessmentRun | None, gaps: tuple[str, ...]
) -> list[Teacher]:
    """Whom to ask: those surely ahead where this worker is behind, near by and free ones first."""
    publication = Publication.objects.filter(run=run).select_related("run__scheme", "round").first()
    if publication is None or plan.area is None:
        return []
    near = _reach(plan)
    found = [
        one for one in teachers(scope, publication, near=near) if one.standing.person_id != plan.person_id
    ]
    home = plan.area.path
    found.sort(
        key=lambda one: (
            -len(set(one.dimensions) & set(gaps)),
            one.pairs >= MOST_PAIRS,
            -_shared(home, one.standing.area.path if one.standing.area else ""),
            one.standing.name,
        )
    )
    return [replace(one) for one in found[:MOST_TEACHERS]]


def _shared(one: str, other: str) -> int:
    """How many steps from the city down two places have in common."""
    steps = min(len(one), len(other)) // PATH_STEP
    return next(
        (
            at
            for at in range(steps)
            if one[at * PATH_STEP : (at + 1) * PATH_STEP] != other[at * PATH_STEP : (at + 1) * PATH_STEP]
        ),
        steps,
    )


def _reach(plan: CoachingPlan) -> str:
    """Path of the area around the plan in which a colleague is looked for: its ladder's level."""
    area = plan.area
    while area is not None and area.level != plan.level:
        area = area.parent
    return area.path if area else (plan.area.path if plan.area else "")
