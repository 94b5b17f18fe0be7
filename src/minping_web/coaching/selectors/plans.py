"""Plans as the office sees them: its own place's, never in the order of scores (G1)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet, Sum
from django.shortcuts import get_object_or_404

from minping_web.coaching.models import CoachingPlan, OtherCause
from minping_web.coaching.rules.words import OPEN, CauseState, Level
from minping_web.common.clock import today
from minping_web.common.scope import PATH_END, Scope, within
from minping_web.organisations.models import Organisation
from minping_web.organisations.selectors import organisations_seen
from minping_web.people.models import Person
from minping_web.people.selectors.postings import on_day
from minping_web.places.models import Area

VIEW, EDIT = "coaching.view", "coaching.edit"
ON_BOARD = 20
"""Plans that the board shows of a step."""


def plans_seen(scope: Scope, permission: str = VIEW) -> QuerySet[CoachingPlan]:
    """Plans of the scope's places, newest first, then by name."""
    rows = CoachingPlan.objects.select_related(
        "area__parent__parent", "person", "partner", "publication__round"
    )
    return within(rows, scope, permission, "area__path")


def plan_of(scope: Scope, plan_id: int) -> CoachingPlan:
    """One plan, else 404."""
    return get_object_or_404(plans_seen(scope), pk=plan_id)


@dataclass(frozen=True)
class PlanFilter:
    """What the list is narrowed to; `state` "open" are all that go on."""

    text: str = ""
    state: str = ""
    level: str = ""
    area: Area | None = None


def filtered_plans(rows: QuerySet[CoachingPlan], wanted: PlanFilter) -> QuerySet[CoachingPlan]:
    """Search, state, step of the ladder, area; each row with its steps counted."""
    if wanted.text:
        rows = rows.filter(Q(name__icontains=wanted.text) | Q(partner__name__icontains=wanted.text))
    if wanted.state == "open":
        rows = rows.filter(state__in=OPEN)
    elif wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.level:
        rows = rows.filter(level=wanted.level)
    if wanted.area:
        path = wanted.area.path
        rows = rows.filter(area__path__gte=path, area__path__lt=path + PATH_END)
    return rows.annotate(
        all_steps=Count("steps"), done_steps=Count("steps", filter=Q(steps__done_on__isnull=False)),
        all_minutes=Sum("steps__minutes"),
    ).order_by("-opened_at", "name", "pk")  # fmt: skip


@dataclass(frozen=True)
class Rung:
    """One step of the ladder on the board: how many are helped there, and the first of them by place."""

    level: str
    count: int
    plans: list[CoachingPlan]

    @property
    def is_cut(self) -> bool:
        """Whether the list holds more than the board shows."""
        return self.count > len(self.plans)


def board_of(scope: Scope) -> list[Rung]:
    """Open plans by step, from the community up; a district has hundreds at a step, the list shows all."""
    rows = within(CoachingPlan.objects.filter(state__in=OPEN), scope, VIEW, "area__path")
    counted = dict(rows.order_by().values_list("level").annotate(n=Count("pk")))
    seen = plans_seen(scope)
    return [Rung(level.value, counted.get(level, 0), _first_at(seen, level.value)) for level in Level]


def _first_at(seen: QuerySet[CoachingPlan], level: str) -> list[CoachingPlan]:
    rows = seen.filter(state__in=OPEN, level=level).order_by("area__path", "name", "pk")
    first = list(rows.values_list("pk", flat=True)[:ON_BOARD])  # steps are counted of these alone
    wanted = PlanFilter(state="open")
    return list(filtered_plans(seen.filter(pk__in=first), wanted).order_by("area__path", "name", "pk"))


def minutes_of(plan: CoachingPlan) -> tuple[int, int]:
    """Minutes that all steps take of the worker, and those of steps that are done."""
    found = plan.steps.aggregate(every=Sum("minutes"), done=Sum("minutes", filter=Q(done_on__isnull=False)))
    return found["every"] or 0, found["done"] or 0


def causes_seen(scope: Scope, *, state: str = "", search: str = "") -> QuerySet[OtherCause]:
    """What is not the workers', by place; the worker is not named."""
    rows = within(
        OtherCause.objects.select_related("area__parent__parent", "organisation"), scope, VIEW, "area__path"
    )
    if state in CauseState.values:
        rows = rows.filter(state=state)
    if search:
        named = Q(text__icontains=search) | Q(area__name__icontains=search)
        rows = rows.filter(named | Q(organisation__name__icontains=search))
    return rows


def area_of_person(person: Person) -> Area | None:
    """Where somebody serves today, the first posting; else where the employer lies."""
    posting = on_day(person.postings.select_related("area"), today()).order_by("pk").first()
    return posting.area if posting else (person.employer.area if person.employer else None)


def departments(scope: Scope) -> QuerySet[Organisation]:
    """Who may own a cause: the district's departments, and what else the scope sees."""
    of_district = Organisation.objects.filter(kind=Organisation.Kind.DEPARTMENT).values("pk")
    seen = organisations_seen(scope).values("pk")
    return Organisation.objects.filter(Q(pk__in=of_district) | Q(pk__in=seen)).order_by("name")


def overdue(rows: QuerySet[CoachingPlan]) -> QuerySet[CoachingPlan]:
    """Open plans whose last day is past: the pair says what came of it."""
    return rows.filter(state__in=OPEN, ends_on__lt=today()).order_by(F("ends_on"), "pk")
