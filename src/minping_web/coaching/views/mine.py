"""The own page of help, phone first: plans for me and with me, courses, stories, the pledge.

Open to whoever signs in, since an experienced colleague may hold any role; everything is the own person's.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.coaching.forms import PledgeForm, ReasonForm, RemarkForm, StatementForm, StoryForm, this_year
from minping_web.coaching.models import CoachingPlan, Pledge
from minping_web.coaching.rules.words import PLEDGE, PartnerState, PlanState
from minping_web.coaching.selectors.courses import open_courses
from minping_web.coaching.selectors.own import (
    evening_hours,
    me,
    own_fitting,
    own_plan,
    own_pledges,
    own_seats,
    own_stories,
    places_of,
    plans_for_me,
    plans_with_me,
)
from minping_web.coaching.selectors.plans import minutes_of
from minping_web.coaching.services import answers, stories
from minping_web.coaching.services import courses as seats
from minping_web.common.edit_pages import edited
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines


@page(methods=("GET", "POST"))
def mine(request: ScopedRequest) -> HttpResponse:
    """Everything of my own; seats, answers to stories are posted here."""
    person = me(request.scope)
    if request.method == "POST":
        return _posted(request) if person else redirect("coaching:mine")
    context: dict[str, Any] = {"person": person}
    if person is not None:
        pledges = list(own_pledges(request.scope))
        context |= {
            "plans": plans_for_me(request.scope),
            "pairs": plans_with_me(request.scope),
            "fit": own_fitting(request.scope),
            "seats": own_seats(request.scope),
            "courses": open_courses()[:20],
            "stories": own_stories(request.scope),
            "pledges": pledges,
            "pledge": next((one for one in pledges if one.year == this_year()), None),
        }
    return render(request, "coaching/mine.html", context)


def _posted(request: ScopedRequest) -> HttpResponse:
    person = me(request.scope)
    text = request.POST.get("number", "")
    number, act = int(text) if text.isdecimal() else 0, request.POST.get("act", "")
    assert person is not None
    try:
        if act in ("enrol", "cancel"):
            course = get_object_or_404(open_courses(), pk=number)
            if act == "enrol":
                seats.enrol(request.scope, course, person)
            else:
                seats.cancel_seat(request.scope, course, person.pk)
        elif act in ("story_yes", "story_no"):
            story = get_object_or_404(own_stories(request.scope), pk=number)
            stories.agree_to_story(request.scope, story, agrees=act == "story_yes")
        else:
            return HttpResponse(status=400)
    except RefusedError as refused:
        for line in lines(refused.problems):
            messages.error(request, f"{line.what} {line.mend}")
    else:
        messages.success(request, _("Saved."))
    return redirect("coaching:mine")


@page(methods=("GET", "POST"))
def my_plan(request: ScopedRequest, plan_id: int) -> HttpResponse:
    """One plan, as the worker or as the colleague who helps: answer, tick off steps."""
    plan = own_plan(request.scope, plan_id)
    problems, status = [], 200
    if request.method == "POST":
        try:
            _act(request, plan)
        except RefusedError as refused:
            problems, status = lines(refused.problems), 422
        else:
            messages.success(request, _("Saved."))
            declined = request.POST.get("act") == "partner_no"
            return redirect(
                reverse("coaching:mine") if declined else reverse("coaching:my_plan", args=[plan.pk])
            )
    every, done = minutes_of(plan)
    is_worker = plan.person_id == request.scope.person_id
    context = {
        "plan": plan,
        "is_worker": is_worker,
        "asks_worker": is_worker and plan.state == PlanState.PROPOSED and plan.offered_at is not None,
        "asks_partner": not is_worker and plan.is_open and plan.partner_state == PartnerState.ASKED,
        "may_tick": plan.state in (PlanState.AGREED, PlanState.RUNNING)
        and (is_worker or plan.partner_state == PartnerState.ACCEPTED),
        "goals": plan.goals.all(),
        "steps": plan.steps.select_related("course"),
        "minutes": every,
        "minutes_done": done,
        "problems": problems,
    }
    return render(request, "coaching/my_plan.html", context, status=status)


def _act(request: ScopedRequest, plan: CoachingPlan) -> None:
    """What was pressed."""
    act, text = request.POST.get("act", ""), request.POST.get("number", "")
    number = int(text) if text.isdecimal() else 0
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    if act in ("yes", "no"):
        answers.answer(request.scope, plan, agrees=act == "yes", reason=reason)
    elif act in ("partner_yes", "partner_no"):
        answers.answer_as_partner(request.scope, plan, accepts=act == "partner_yes", reason=reason)
    elif act in ("done", "undone"):
        remark = RemarkForm(request.POST)
        words = remark.cleaned_data["remark"] if remark.is_valid() else ""
        answers.tick(request.scope, plan, number, remark=words, undone=act == "undone")
    else:
        raise Http404


@page(methods=("GET", "POST"))
def my_story(request: ScopedRequest) -> HttpResponse:
    """Tell a story of one's own."""
    person = me(request.scope)
    if person is None:
        raise Http404
    form = StoryForm(request.POST or None)

    def save() -> str:
        stories.write_story(request.scope, person, **form.cleaned_data)
        return reverse("coaching:mine")

    context = {
        "title": _("Tell a service story"),
        "lead": _("A few sentences that stand beside the score. No resident is named."),
        "back": reverse("coaching:mine"),
    }
    return edited(request, form, save=save, context=context, said=_("Saved. Now the office reads it."))


@page(methods=("GET", "POST"))
def my_pledge(request: ScopedRequest) -> HttpResponse:
    """This year's pledge, in own words."""
    if me(request.scope) is None:
        raise Http404
    known = own_pledges(request.scope).filter(year=this_year()).first()
    offered = "\n".join(str(line) for line in PLEDGE)
    form = PledgeForm(request.POST or None, initial={"text": known.text if known else offered})

    def save() -> str:
        stories.make_pledge(request.scope, form.cleaned_data["text"])
        return reverse("coaching:mine")

    context = {
        "title": _("My pledge for %(year)s") % {"year": this_year()},
        "lead": _("What residents may expect of you. Put it in your own words; it is no input of any score."),
        "back": reverse("coaching:mine"),
    }
    return edited(request, form, save=save, context=context, said=_("Saved."))


@page(methods=("GET", "POST"))
def my_statement(request: ScopedRequest, year: int) -> HttpResponse:
    """What came of a year's pledge."""
    pledge = get_object_or_404(Pledge, person=request.scope.person_id or 0, year=year)
    form = StatementForm(request.POST or None, initial={"statement": pledge.statement})

    def save() -> str:
        stories.make_statement(request.scope, year, form.cleaned_data["statement"])
        return reverse("coaching:mine")

    context = {
        "title": _("My statement for %(year)s") % {"year": year},
        "lead": pledge.text,
        "back": reverse("coaching:mine"),
    }
    return edited(request, form, save=save, context=context, said=_("Saved."))


@page()
def my_card(request: ScopedRequest) -> HttpResponse:
    """Contact cards to print and hand to residents (S13): name, place, office phone, evening hours."""
    person = me(request.scope)
    if person is None:
        raise Http404
    context = {
        "person": person,
        "hours": evening_hours(person),
        "places": places_of(person),
        "cards": range(8),
    }
    return render(request, "coaching/card.html", context)
