"""What one person sees of the own coaching: plans as worker or as colleague, courses, stories, pledges."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet, Sum
from django.shortcuts import get_object_or_404

from minping_web.coaching.models import CoachingPlan, Enrolment, Pledge, ServiceStory, Step
from minping_web.coaching.rules.words import HELPED, OPEN, EnrolmentState, PartnerState, PlanState
from minping_web.coaching.selectors.training import Fitting, fitting, newest_run
from minping_web.common.clock import today
from minping_web.common.scope import Scope
from minping_web.people.models import Person
from minping_web.people.selectors.postings import on_day

AGREED = (PlanState.AGREED, *HELPED)
"""A colleague hears of a plan when its worker agreed: whoever declines help is talked about to nobody."""


def me(scope: Scope) -> Person | None:
    """The person behind the account."""
    return Person.objects.filter(pk=scope.person_id).first() if scope.person_id else None


def own_plans(scope: Scope) -> QuerySet[CoachingPlan]:
    """Plans for me, and those in which I was asked to help and did not decline."""
    if scope.person_id is None:
        return CoachingPlan.objects.none()
    asked = Q(partner=scope.person_id, state__in=AGREED) & ~Q(partner_state=PartnerState.DECLINED)
    rows = CoachingPlan.objects.filter(Q(person=scope.person_id) | asked)
    rows = rows.select_related("person", "partner", "area", "publication__round")
    return rows.annotate(
        all_steps=Count("steps"), done_steps=Count("steps", filter=Q(steps__done_on__isnull=False)),
        all_minutes=Sum("steps__minutes"),
    ).order_by("-opened_at", "pk")  # fmt: skip


def own_plan(scope: Scope, plan_id: int) -> CoachingPlan:
    """One of them, else 404."""
    return get_object_or_404(own_plans(scope), pk=plan_id)


def plans_for_me(scope: Scope) -> list[CoachingPlan]:
    """Where I am helped, the open ones first."""
    rows = [one for one in own_plans(scope) if one.person_id == scope.person_id]
    return sorted(rows, key=lambda one: one.state not in OPEN)


def plans_with_me(scope: Scope) -> list[CoachingPlan]:
    """Where I help a colleague, and it goes on."""
    return [one for one in own_plans(scope) if one.partner_id == scope.person_id and one.is_open]


def own_fitting(scope: Scope) -> Fitting:
    """My strengths and gaps in the newest published result, and courses that fit."""
    person = me(scope)
    who = f"P{person.pk:06d}" if person else ""
    return fitting(who, newest_run(who)) if who else Fitting()


def own_seats(scope: Scope) -> QuerySet[Enrolment]:
    """My seats in courses that are not over."""
    rows = Enrolment.objects.filter(person=scope.person_id).exclude(state=EnrolmentState.CANCELLED)
    return rows.filter(course__ends_on__gte=today()).select_related("course").order_by("course__starts_on")


def own_stories(scope: Scope) -> QuerySet[ServiceStory]:
    """Stories about me."""
    return ServiceStory.objects.filter(person=scope.person_id).select_related("written_by")


def own_pledges(scope: Scope) -> QuerySet[Pledge]:
    """My pledges, newest year first."""
    return Pledge.objects.filter(person=scope.person_id)


def places_of(person: Person) -> list[str]:
    """Names of the areas that somebody serves today."""
    postings = on_day(person.postings.select_related("area"), today()).order_by("pk")
    return list(dict.fromkeys(posting.area.name for posting in postings))


def evening_hours(person: Person) -> Step | None:
    """Evening hours of the newest plan that has any."""
    steps = Step.objects.filter(plan__person=person, plan__state__in=AGREED, to_time__isnull=False)
    return steps.order_by("-plan__opened_at", "pk").first()
