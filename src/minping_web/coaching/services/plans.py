"""Plans as the office prepares them (S9): talk, days, goals, steps, whom to ask, what is not the worker's.

Each call is one transaction, checks the right at the plan's place, and leaves an event with who and when.
What the worker and the colleague answer, and the end, stand in `services.answers`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from minping_engine.errors import Place, Problem
from minping_web.coaching.models import CoachingPlan, Goal, OtherCause, PlanEvent, Step
from minping_web.coaching.rules.states import (
    is_open,
    wrong_days,
)
from minping_web.coaching.rules.words import (
    LATEST_EVENING,
    Level,
    PartnerState,
    PlanState,
    StepKind,
)
from minping_web.coaching.selectors.plans import EDIT, area_of_person
from minping_web.common.clock import now, today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.people.models import Person
from minping_web.places.models import Area

TALK = ("talk_on", "talk_by", "is_known", "invites", "is_prompt", "talk_note")


def refuse(problems: Iterable[Problem]) -> None:
    """Raise all of them at once, if there are any."""
    found = list(problems)
    if found:
        raise RefusedError(found)


def note(plan: CoachingPlan, scope: Scope, what: str, words: str = "") -> None:
    """An event of the plan."""
    PlanEvent.objects.create(plan=plan, at=now(), by=scope.label[:80], what=what, words=words[:300])


def edited(scope: Scope, plan_id: int) -> CoachingPlan:
    """The plan, locked, for whoever may change it there."""
    plan = (
        CoachingPlan.objects.select_for_update(of=("self",)).select_related("area", "person").get(pk=plan_id)
    )
    require_at(scope, plan.area)
    return plan


def require_at(scope: Scope, area: Area | None) -> None:
    """Where the plan is; without a place in the whole district only."""
    if area is None:
        if not scope.may_everywhere(EDIT):
            raise PermissionDenied(EDIT)
    else:
        scope.require(EDIT, area.path)


def _require_level(scope: Scope, area: Area | None, level: str) -> None:
    """A higher step shows colleagues of all its places: whoever answers for these takes the plan there."""
    around = area
    while around is not None and around.level != level:
        around = around.parent
    if level != Level.COMMUNITY and not (around and scope.may(EDIT, around.path)):
        raise RefusedError.of("coaching.level_above", Place(key="level"))


@transaction.atomic
def open_plan(scope: Scope, person: Person, why: str, *, level: str = Level.COMMUNITY) -> CoachingPlan:
    """A plan that an office or the worker asks for, whatever the score was."""
    area = area_of_person(person)
    require_at(scope, area)
    _require_level(scope, area, level)
    text = why.strip()
    assessee = f"P{person.pk:06d}"
    reasons = [{"kind": "office", "use": "", "text": {"zh": text, "en": text}, "basis": {}, "period": ""}]
    try:
        with transaction.atomic():
            plan = CoachingPlan.objects.create(
                assessee_id=assessee, name=person.name, person=person, area=area, level=level,
                reasons=reasons, opened_at=now(), opened_by_id=scope.user_id,
            )  # fmt: skip
    except IntegrityError:
        raise RefusedError.of("coaching.has_plan", Place(key="person"), name=person.name) from None
    note(plan, scope, "opened")
    return plan


def changed(scope: Scope, plan: CoachingPlan, what: str, **values: Any) -> CoachingPlan:
    for name, value in values.items():
        setattr(plan, name, value)
    plan.save(update_fields=list(values))
    note(plan, scope, what)
    return plan


def _ask_again(plan: CoachingPlan) -> None:
    """Who was asked already agrees to what was seen: a changed plan is offered anew."""
    if plan.state == PlanState.PROPOSED and plan.offered_at is not None:
        plan.offered_at = None
        plan.save(update_fields=["offered_at"])


def refuse_closed(plan: CoachingPlan) -> None:
    if not is_open(plan.state):
        raise RefusedError.of("coaching.not_open")


@transaction.atomic
def note_talk(scope: Scope, plan_id: int, values: Mapping[str, Any]) -> CoachingPlan:
    """The secretary's talk with its three questions."""
    plan = edited(scope, plan_id)
    refuse_closed(plan)
    if values.get("talk_on") and values["talk_on"] > today():
        raise RefusedError.of("coaching.talk_ahead", Place(key="talk_on"))
    return changed(scope, plan, "talk", **{name: values[name] for name in TALK if name in values})


@transaction.atomic
def set_frame(
    scope: Scope, plan_id: int, *, level: str, starts_on: date | None, ends_on: date | None
) -> CoachingPlan:
    """Who helps, and from when to when."""
    plan = edited(scope, plan_id)
    refuse_closed(plan)
    refuse(wrong_days(starts_on, ends_on))
    if level != plan.level:
        _require_level(scope, plan.area, level)
    if plan.state != PlanState.PROPOSED and starts_on != plan.starts_on:
        raise RefusedError.of("coaching.agreed_day", Place(key="starts_on"))
    _ask_again(plan)
    return changed(scope, plan, "frame", level=level, starts_on=starts_on, ends_on=ends_on)


@transaction.atomic
def ask_partner(scope: Scope, plan_id: int, partner: Person) -> CoachingPlan:
    """Ask an experienced colleague, who may decline."""
    plan = edited(scope, plan_id)
    refuse_closed(plan)
    if partner.pk == plan.person_id:
        raise RefusedError.of("coaching.own_partner", Place(key="partner"))
    if partner.left_on and partner.left_on < today():
        raise RefusedError.of("coaching.partner_left", Place(key="partner"), name=partner.name)
    return changed(
        scope, plan, "partner_asked", partner=partner, partner_state=PartnerState.ASKED, partner_reason=""
    )


@transaction.atomic
def add_goal(scope: Scope, plan_id: int, values: Mapping[str, Any]) -> Goal:
    """A goal, before the worker agrees: what was agreed on stays."""
    plan = edited(scope, plan_id)
    if plan.state != PlanState.PROPOSED:
        raise RefusedError.of("coaching.goals_agreed")
    goal = Goal.objects.create(plan=plan, **values)
    _ask_again(plan)
    note(plan, scope, "goal", goal.label)
    return goal


@transaction.atomic
def remove_goal(scope: Scope, plan_id: int, goal_id: int) -> None:
    """Before the worker agrees."""
    plan = edited(scope, plan_id)
    if plan.state != PlanState.PROPOSED:
        raise RefusedError.of("coaching.goals_agreed")
    Goal.objects.filter(plan=plan, pk=goal_id).delete()
    _ask_again(plan)
    note(plan, scope, "goal_removed")


def _wrong_step(values: Mapping[str, Any]) -> list[Problem]:
    """Evening hours need both times and end while people are still up (S13)."""
    start, end = values.get("from_time"), values.get("to_time")
    wrong = []
    if values["kind"] == StepKind.EVENING_HOURS and not (start and end):
        wrong.append(Problem("coaching.evening_hours", Place(key="from_time")))
    if start and end and start >= end:
        wrong.append(Problem("coaching.times", Place(key="to_time")))
    if end and end > LATEST_EVENING:
        latest = f"{LATEST_EVENING:%H:%M}"
        wrong.append(Problem("coaching.too_late", Place(key="to_time"), {"latest": latest}))
    return wrong


@transaction.atomic
def add_step(scope: Scope, plan_id: int, values: Mapping[str, Any], *, times: int = 1) -> list[Step]:
    """A measure, as often as it takes place: each time is ticked off by itself."""
    plan = edited(scope, plan_id)
    refuse_closed(plan)
    refuse(_wrong_step(values))
    made = Step.objects.bulk_create([Step(plan=plan, **values) for _again in range(max(1, min(times, 12)))])
    _ask_again(plan)
    note(plan, scope, "step", str(made[0]))
    return made


@transaction.atomic
def remove_step(scope: Scope, plan_id: int, step_id: int) -> None:
    """One that is not done; what was done stays."""
    plan = edited(scope, plan_id)
    refuse_closed(plan)
    gone, _rows = Step.objects.filter(plan=plan, pk=step_id, done_on__isnull=True).delete()
    if not gone:
        raise RefusedError.of("coaching.step_done")
    _ask_again(plan)
    note(plan, scope, "step_removed")


@transaction.atomic
def note_cause(scope: Scope, plan_id: int, values: Mapping[str, Any]) -> OtherCause:
    """What is in the way and belongs to another unit (S12, D2)."""
    plan = edited(scope, plan_id)
    cause = OtherCause.objects.create(plan=plan, area=plan.area, noted_at=now(), **values)
    note(plan, scope, "cause")
    return cause


@transaction.atomic
def answer_cause(scope: Scope, cause: OtherCause, *, state: str, answer: str) -> OtherCause:
    """Passed on, or solved, with what the department said."""
    locked = OtherCause.objects.select_for_update(of=("self",)).select_related("area").get(pk=cause.pk)
    require_at(scope, locked.area)
    locked.state, locked.answer, locked.changed_at = state, answer.strip(), now()
    locked.save(update_fields=["state", "answer", "changed_at"])
    return locked
