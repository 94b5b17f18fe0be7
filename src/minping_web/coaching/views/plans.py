"""Plans for the office: list, board, one plan with everything that is done on it, causes, who could teach."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.coaching.exports import CAUSES, PLANS, cause_rows, plan_rows
from minping_web.coaching.forms import (
    CauseAnswerForm,
    CauseForm,
    EndForm,
    FrameForm,
    GoalForm,
    OpenForm,
    PartnerForm,
    ReasonForm,
    RemarkForm,
    StepForm,
    TalkForm,
)
from minping_web.coaching.models import CoachingPlan
from minping_web.coaching.rules.words import CauseState, Level, PlanState
from minping_web.coaching.selectors.plans import (
    EDIT,
    VIEW,
    PlanFilter,
    board_of,
    causes_seen,
    departments,
    filtered_plans,
    minutes_of,
    overdue,
    plan_of,
    plans_seen,
)
from minping_web.coaching.selectors.training import (
    Fitting,
    fitting,
    newest_publications,
    newest_run,
    partners_for,
    teachers,
)
from minping_web.coaching.services import answers
from minping_web.coaching.services import plans as services
from minping_web.common.edit_pages import asked, edited, paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines
from minping_web.common.scope import Scope
from minping_web.people.selectors import area_below


@page(VIEW)
def plan_list(request: ScopedRequest) -> HttpResponse:
    """Plans of the own place."""
    area = area_below(request.scope, asked(request, "area"))
    wanted = PlanFilter(asked(request, "q"), asked(request, "state", 12), asked(request, "level", 12), area)
    found = filtered_plans(plans_seen(request.scope), wanted)
    if wants_export(request):
        return export_response(request, PLANS, plan_rows(found))
    context = {
        "page_obj": paged(request, found),
        "wanted": wanted,
        "area_text": asked(request, "area"),
        "states": PlanState.choices,
        "levels": Level.choices,
        "overdue": overdue(plans_seen(request.scope)).count(),
        "may_edit": request.scope.may(EDIT),
    }
    return render(request, "coaching/list.html", context)


@page(VIEW)
def board(request: ScopedRequest) -> HttpResponse:
    """Open plans by step of the ladder."""
    return render(request, "coaching/board.html", {"columns": board_of(request.scope)})


@page(EDIT, methods=("GET", "POST"))
def plan_new(request: ScopedRequest) -> HttpResponse:
    """A plan that the office opens, whatever the score was."""
    form = OpenForm(
        request.POST or None, scope=request.scope, initial={"person": asked(request, "person", 40)}
    )

    def save() -> str:
        given = form.cleaned_data
        plan = services.open_plan(request.scope, given["person"], given["why"], level=given["level"])
        return reverse("coaching:plan", args=[plan.pk])

    context = {
        "title": _("Open a coaching plan"),
        "lead": _("For somebody who asks for help, or whom you want to help whatever the score is."),
        "back": reverse("coaching:list"),
    }
    return edited(request, form, save=save, context=context, said=_("Opened. Now the talk, goals and steps."))


@page(VIEW, methods=("GET", "POST"))
def plan_page(request: ScopedRequest, plan_id: int) -> HttpResponse:
    """One plan: why, talk, goals, steps, partner, causes; what is done on it is posted here."""
    plan = plan_of(request.scope, plan_id)
    fit, run = _fit(plan)
    forms_ = _forms(request.scope, plan, fit)
    problems, status = [], 200
    if request.method == "POST":
        request.scope.require(EDIT)
        act = request.POST.get("act", "")
        if act not in ACTS:
            return HttpResponse(status=400)
        outcome = _tried(request, plan, act, forms_)
        if outcome is True:
            return redirect(f"{reverse('coaching:plan', args=[plan.pk])}#{ACTS[act][1]}")
        problems, status = outcome, 422
        plan = plan_of(request.scope, plan_id)
    context = _context(request.scope, plan, fit) | {
        "forms": forms_,
        "problems": problems,
        "partners": partners_for(request.scope, plan, run, tuple(one.dimension for one in fit.gaps)),
    }
    return render(request, "coaching/plan.html", context, status=status)


def _fit(plan: CoachingPlan) -> tuple[Fitting, Any]:
    run = newest_run(plan.assessee_id)
    return fitting(plan.assessee_id, run), run


def _context(scope: Scope, plan: CoachingPlan, fit: Fitting) -> dict[str, Any]:
    path = plan.area.path if plan.area else None
    may_edit = scope.may(EDIT, path) if path else scope.may_everywhere(EDIT)
    every, done = minutes_of(plan)
    has_account = plan.person is not None and plan.person.user_id is not None
    return {
        "plan": plan,
        "may_edit": may_edit,
        "may_answer": may_edit and plan.state == PlanState.PROPOSED and not has_account,
        "goals": plan.goals.all(),
        "steps": plan.steps.select_related("course"),
        "causes": plan.causes.select_related("organisation"),
        "events": plan.events.all(),
        "minutes": every,
        "minutes_done": done,
        "fit": fit,
        "is_partner": scope.person_id is not None and scope.person_id == plan.partner_id,
    }


def _forms(scope: Scope, plan: CoachingPlan, fit: Fitting) -> dict[str, forms.Form]:
    """Every form of the page as it is shown first."""
    first = {name: getattr(plan, name) for name in services.TALK}
    frame = {"level": plan.level, "starts_on": plan.starts_on, "ends_on": plan.ends_on}
    return {
        "talk": TalkForm(initial=first),
        "frame": FrameForm(initial=frame),
        "goal": GoalForm(questions=_questions(fit)),
        "step": StepForm(),
        "partner": PartnerForm(),
        "end": EndForm(),
        "cause": CauseForm(owners=departments(scope)),
    }


def _questions(fit: Fitting) -> list[tuple[str, str]]:
    return [
        (one.dimension, f"{one.name} · {one.points:.1f}" if one.points is not None else one.name)
        for one in fit.lines
    ]


Done = Callable[[ScopedRequest, CoachingPlan, dict[str, Any]], object]


def _goal(request: ScopedRequest, plan: CoachingPlan, given: dict[str, Any]) -> None:
    fit, _run = _fit(plan)
    before = next((one.points for one in fit.lines if one.dimension == given["dimension"]), None)
    services.add_goal(request.scope, plan.pk, {**given, "before": before})


def _step(request: ScopedRequest, plan: CoachingPlan, given: dict[str, Any]) -> None:
    times = given.pop("times")
    services.add_step(request.scope, plan.pk, given, times=times)


def _number(request: ScopedRequest) -> int:
    text = request.POST.get("number", "")
    return int(text) if text.isdecimal() else 0


ACTS: dict[str, tuple[type[forms.Form] | None, str, Done]] = {
    "talk": (TalkForm, "talk", lambda r, p, v: services.note_talk(r.scope, p.pk, v)),
    "frame": (FrameForm, "frame", lambda r, p, v: services.set_frame(r.scope, p.pk, **v)),
    "goal": (GoalForm, "goals", _goal),
    "goal_remove": (None, "goals", lambda r, p, v: services.remove_goal(r.scope, p.pk, _number(r))),
    "step": (StepForm, "steps", _step),
    "step_remove": (None, "steps", lambda r, p, v: services.remove_step(r.scope, p.pk, _number(r))),
    "done": (RemarkForm, "steps", lambda r, p, v: answers.tick(r.scope, p, _number(r), remark=v["remark"])),
    "undone": (None, "steps", lambda r, p, v: answers.tick(r.scope, p, _number(r), undone=True)),
    "partner": (PartnerForm, "partner", lambda r, p, v: services.ask_partner(r.scope, p.pk, v["partner"])),
    "offer": (None, "", lambda r, p, v: answers.offer(r.scope, p.pk)),
    "agreed": (None, "", lambda r, p, v: answers.note_answer(r.scope, p.pk, agrees=True)),
    "declined": (ReasonForm, "", lambda r, p, v: answers.note_answer(r.scope, p.pk, agrees=False, **v)),
    "end": (EndForm, "", lambda r, p, v: answers.end_plan(r.scope, p.pk, **v)),
    "withdraw": (ReasonForm, "", lambda r, p, v: answers.withdraw(r.scope, p.pk, v["reason"])),
    "cause": (CauseForm, "causes", lambda r, p, v: services.note_cause(r.scope, p.pk, v)),
}
"""Act -> its form, where on the page it stands, what is done."""


def _tried(request: ScopedRequest, plan: CoachingPlan, act: str, shown: dict[str, forms.Form]) -> Any:
    """True when it was done, else the problems; the form with its faults takes the place of the shown one."""
    kind, _place, done = ACTS[act]
    given: dict[str, Any] = {}
    if kind is not None:
        form = _bound(request, plan, kind)
        shown[act] = form
        if not form.is_valid():
            return []
        given = form.cleaned_data
    try:
        done(request, plan, dict(given))
    except RefusedError as refused:
        return lines(refused.problems)
    messages.success(request, _("Saved."))
    return True


def _bound(request: ScopedRequest, plan: CoachingPlan, kind: type[forms.Form]) -> forms.Form:
    """The form with what was sent; some choose among what the plan or the user has."""
    if kind is GoalForm:
        return GoalForm(request.POST, questions=_questions(_fit(plan)[0]))
    if kind is CauseForm:
        return CauseForm(request.POST, owners=departments(request.scope))
    return kind(request.POST)


@page(VIEW, methods=("GET", "POST"))
def cause_list(request: ScopedRequest) -> HttpResponse:
    """What is not the workers' to mend: for the departments."""
    found = causes_seen(request.scope, state=asked(request, "state", 12), search=asked(request, "q"))
    if request.method == "POST":
        return _cause_answered(request)
    if wants_export(request):
        return export_response(request, CAUSES, cause_rows(found))
    context = {
        "page_obj": paged(request, found),
        "state": asked(request, "state", 12),
        "q": asked(request, "q"),
        "states": CauseState.choices,
        "may_edit": request.scope.may(EDIT),
    }
    return render(request, "coaching/causes.html", context)


def _cause_answered(request: ScopedRequest) -> HttpResponse:
    request.scope.require(EDIT)
    cause = causes_seen(request.scope).filter(pk=_number(request)).first()
    form = CauseAnswerForm(request.POST)
    if cause is not None and form.is_valid():
        services.answer_cause(request.scope, cause, **form.cleaned_data)
        messages.success(request, _("Saved."))
    return redirect("coaching:causes")


@page(VIEW)
def teacher_list(request: ScopedRequest) -> HttpResponse:
    """Who is ahead and could teach, in the newest results; by place and name."""
    publications = newest_publications(request.scope)
    wanted = asked(request, "result", 12)
    chosen = next(
        (one for one in publications if str(one.pk) == wanted), publications[0] if publications else None
    )
    found = teachers(request.scope, chosen) if chosen else []
    context = {"page_obj": paged(request, found), "publications": publications, "chosen": chosen}
    return render(request, "coaching/teachers.html", context)
