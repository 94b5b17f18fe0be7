"""Answers and ends of plans: the worker's yes or no, the colleague's, ticks, the end.

The worker's answer is the worker's alone; where somebody has no account the office notes what was answered
in the talk. Declining needs a few words and has no consequence.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction

from minping_engine.errors import Place
from minping_web.coaching.models import CoachingPlan, PlanEvent, Step
from minping_web.coaching.rules.states import may_become, missing_for_agreement, missing_for_offer
from minping_web.coaching.rules.words import PartnerState, PlanState
from minping_web.coaching.services.plans import changed, edited, note, refuse, require_at
from minping_web.common.clock import now, today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope


@transaction.atomic
def answer_as_partner(scope: Scope, plan: CoachingPlan, *, accepts: bool, reason: str = "") -> CoachingPlan:
    """The colleague who was asked says yes or no; nobody else can."""
    locked = CoachingPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if scope.person_id is None or locked.partner_id != scope.person_id:
        raise PermissionDenied("partner")
    if locked.state not in (PlanState.AGREED, PlanState.RUNNING):
        raise RefusedError.of("coaching.not_agreed")
    state = PartnerState.ACCEPTED if accepts else PartnerState.DECLINED
    return changed(
        scope, locked, f"partner_{state.value}", partner_state=state, partner_reason=reason.strip()
    )


@transaction.atomic
def offer(scope: Scope, plan_id: int) -> CoachingPlan:
    """Show the plan to the worker and ask; whoever has no account is asked in the talk."""
    plan = edited(scope, plan_id)
    refuse(missing_for_offer(plan.facts))
    return changed(scope, plan, "offered", offered_at=now())


@transaction.atomic
def answer(scope: Scope, plan: CoachingPlan, *, agrees: bool, reason: str = "") -> CoachingPlan:
    """The worker says yes or no. No needs a reason in a few words, and has no consequence."""
    locked = CoachingPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if scope.person_id is None or locked.person_id != scope.person_id:
        raise PermissionDenied("worker")
    return _answered(scope, locked, agrees=agrees, reason=reason, on_paper=False)


@transaction.atomic
def note_answer(scope: Scope, plan_id: int, *, agrees: bool, reason: str = "") -> CoachingPlan:
    """The answer of somebody without an account, or of an area's team, as the office heard it."""
    plan = edited(scope, plan_id)
    if plan.person is not None and plan.person.user_id is not None:
        raise RefusedError.of("coaching.answers_herself", name=plan.name)
    return _answered(scope, plan, agrees=agrees, reason=reason, on_paper=True)


def _answered(scope: Scope, plan: CoachingPlan, *, agrees: bool, reason: str, on_paper: bool) -> CoachingPlan:
    if agrees:
        refuse(missing_for_agreement(plan.facts))
    elif not may_become(plan.state, PlanState.DECLINED):
        raise RefusedError.of("coaching.not_open")
    elif not reason.strip():
        raise RefusedError.of("coaching.reason_missing", Place(key="reason"))
    begins = agrees and plan.starts_on is not None and plan.starts_on <= today()
    state = PlanState.RUNNING if begins else PlanState.AGREED if agrees else PlanState.DECLINED
    return changed(
        scope, plan, "agreed" if agrees else "declined", state=state, answered_at=now(),
        answered_on_paper=on_paper, answer_reason=reason.strip(), **({} if agrees else {"ended_on": today()}),
    )  # fmt: skip


@transaction.atomic
def tick(scope: Scope, plan: CoachingPlan, step_id: int, *, remark: str = "", undone: bool = False) -> Step:
    """The pair, or the office that goes along, says that a step is done; or takes that back."""
    locked = CoachingPlan.objects.select_for_update(of=("self",)).select_related("area").get(pk=plan.pk)
    if scope.person_id is None or scope.person_id not in _pair(locked):
        require_at(scope, locked.area)
    if locked.state not in (PlanState.AGREED, PlanState.RUNNING):
        raise RefusedError.of("coaching.not_agreed")
    step = Step.objects.select_for_update().filter(plan=locked, pk=step_id).first()
    if step is None:
        raise RefusedError.of("coaching.no_such_step")
    step.done_on, step.done_by_id = (None, None) if undone else (today(), scope.user_id)
    step.remark = "" if undone else remark.strip()
    step.save(update_fields=["done_on", "done_by", "remark"])
    note(locked, scope, "undone" if undone else "done", str(step))
    return step


def _pair(plan: CoachingPlan) -> set[int | None]:
    accepted = plan.partner_state == PartnerState.ACCEPTED
    return {plan.person_id, plan.partner_id} if accepted else {plan.person_id}


@transaction.atomic
def end_plan(scope: Scope, plan_id: int, *, ended_as: str, result: str) -> CoachingPlan:
    """Help is over; whether it helped says the next published result."""
    plan = edited(scope, plan_id)
    if not may_become(plan.state, PlanState.ENDED):
        raise RefusedError.of("coaching.not_running")
    return changed(
        scope,
        plan,
        "ended",
        state=PlanState.ENDED,
        ended_on=today(),
        ended_as=ended_as,
        result=result.strip(),
    )


@transaction.atomic
def withdraw(scope: Scope, plan_id: int, reason: str) -> CoachingPlan:
    """The office takes a proposal back before help began."""
    plan = edited(scope, plan_id)
    if not may_become(plan.state, PlanState.WITHDRAWN):
        raise RefusedError.of("coaching.not_open")
    if not reason.strip():
        raise RefusedError.of("coaching.reason_missing", Place(key="reason"))
    return changed(
        scope, plan, "withdrawn", state=PlanState.WITHDRAWN, ended_on=today(), answer_reason=reason.strip()
    )


def begin_due() -> int:
    """Agreed plans whose first day has come."""
    due = CoachingPlan.objects.filter(state=PlanState.AGREED, starts_on__lte=today())
    begun = 0
    for plan in due:
        with transaction.atomic():
            if CoachingPlan.objects.filter(pk=plan.pk, state=PlanState.AGREED).update(
                state=PlanState.RUNNING
            ):
                PlanEvent.objects.create(plan=plan, at=now(), what="began")
                begun += 1
    return begun
