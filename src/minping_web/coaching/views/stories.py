"""Service stories and pledges for the office."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.coaching.exports import PLEDGES, STORIES, pledge_rows, story_rows
from minping_web.coaching.forms import OfficeStoryForm, ReasonForm, this_year
from minping_web.coaching.rules.words import StoryState
from minping_web.coaching.selectors.plans import EDIT, VIEW
from minping_web.coaching.selectors.stories import (
    people_without_pledge,
    pledges_seen,
    stories_seen,
    story_of,
)
from minping_web.coaching.services import stories as services
from minping_web.common.edit_pages import asked, edited, paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines


@page(VIEW)
def story_list(request: ScopedRequest) -> HttpResponse:
    """Stories of the own place."""
    search, state = asked(request, "q"), asked(request, "state", 12)
    found = stories_seen(request.scope, search=search, state=state)
    if wants_export(request):
        return export_response(request, STORIES, story_rows(found))
    context = {
        "page_obj": paged(request, found),
        "q": search,
        "state": state,
        "states": StoryState.choices,
        "may_edit": request.scope.may(EDIT),
    }
    return render(request, "coaching/stories.html", context)


@page(EDIT, methods=("GET", "POST"))
def story_new(request: ScopedRequest) -> HttpResponse:
    """The office tells a story; the worker is asked whether it may be shown."""
    form = OfficeStoryForm(request.POST or None, scope=request.scope)

    def save() -> str:
        story = services.write_story(request.scope, **form.cleaned_data)
        return reverse("coaching:story", args=[story.pk])

    context = {
        "title": _("Tell a service story"),
        "lead": _("A few sentences that stand beside the score. No resident is named."),
        "back": reverse("coaching:stories"),
    }
    return edited(request, form, save=save, context=context, said=_("Saved. Now the worker is asked."))


@page(VIEW, methods=("GET", "POST"))
def story_page(request: ScopedRequest, story_id: int) -> HttpResponse:
    """One story; the office decides whether it is shown."""
    story = story_of(request.scope, story_id)
    problems, status = [], 200
    if request.method == "POST":
        request.scope.require(EDIT)
        form = ReasonForm(request.POST)
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        try:
            services.decide_story(
                request.scope, story, shown=request.POST.get("act") == "show", reason=reason
            )
        except RefusedError as refused:
            problems, status = lines(refused.problems), 422
        else:
            messages.success(request, _("Saved."))
            return redirect("coaching:story", story.pk)
    may_decide = (
        request.scope.may(EDIT)
        and story.written_by_id != request.scope.user_id
        and story.state in (StoryState.OFFERED, StoryState.SHOWN)
    )
    context = {"story": story, "problems": problems, "may_decide": may_decide}
    return render(request, "coaching/story.html", context, status=status)


@page(VIEW)
def pledge_list(request: ScopedRequest) -> HttpResponse:
    """Pledges of a year with their statements."""
    text = asked(request, "year", 4)
    year = int(text) if text.isdecimal() else this_year()
    search = asked(request, "q")
    found = pledges_seen(request.scope, year=year, search=search)
    if wants_export(request):
        return export_response(request, PLEDGES, pledge_rows(found))
    context = {
        "page_obj": paged(request, found),
        "year": year,
        "years": [this_year() - back for back in range(4)],
        "q": search,
        "without": people_without_pledge(request.scope, year).count() if year == this_year() else None,
    }
    return render(request, "coaching/pledges.html", context)
