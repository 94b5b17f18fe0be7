"""Calls for marks as the bureau sees them: who was called, who has handed in, means only after the end."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.appraisals.exports import RATERS, rater_rows
from minping_web.appraisals.forms import CallForm, DaysForm, RatersForm
from minping_web.appraisals.models import CalledRater, RaterCall
from minping_web.appraisals.rules.asked import AskedGroup
from minping_web.appraisals.rules.links import LINKABLE
from minping_web.appraisals.rules.words import SOURCES
from minping_web.appraisals.selectors.evidence import EDIT, VIEW, asked_of, assessees_of, round_of
from minping_web.appraisals.selectors.missing import means_of
from minping_web.appraisals.selectors.paper import name_of, on_paper
from minping_web.appraisals.selectors.raters import call_of, called_of, group_of
from minping_web.appraisals.services.calls import (
    call_raters,
    change_days,
    make_call,
    note_reminded,
    remove_rater,
)
from minping_web.common.clock import today
from minping_web.common.edit_pages import asked, edited, paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines


@page(EDIT, methods=("GET", "POST"))
def call_new(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Call one rater group."""
    found = round_of(request.scope, round_id)
    name = asked(request, "group", 60)
    group = asked_of(found).group(name)
    if group is None:
        raise Http404
    local = group.source in {"resident_representatives", "representatives"}
    form = CallForm(request.POST or None, initial={"own_place_only": local and _has_places(found)})

    def save() -> str:
        call = make_call(request.scope, found, form.draft(group.id))
        return reverse("appraisals:raters_add", args=[call.pk])

    context = {
        "title": _("Call for marks: %(group)s") % {"group": group.title},
        "lead": _("At least %(n)s raters for everybody, as the scheme says.") % {"n": group.minimum},
        "back": reverse("appraisals:round", args=[found.pk]),
    }
    return edited(
        request, form, save=save, context=context, said=_("The call is there. Now choose who is called.")
    )


def _has_places(found: object) -> bool:
    """Whether places or people of places are assessed, so that one's own place can be meant."""
    return getattr(found, "subject", "") in {"grid", "community", "area", "community_worker"}


@page(VIEW)
def call_page(request: ScopedRequest, call_id: int) -> HttpResponse:
    """Who was called and has handed in; after the end means that hide single marks."""
    call = call_of(request.scope, call_id)
    group = group_of(call)
    search, state = asked(request, "search", 60), asked(request, "state", 12)
    found = called_of(call, search=search, state=state)
    if wants_export(request):
        return export_response(request, RATERS, rater_rows(found))
    everybody, page_obj = called_of(call), paged(request, found)
    for rater in page_obj.object_list:
        rater.called = name_of(rater)
    handed = everybody.filter(handed_in_at__isnull=False).count()
    context = {
        "call": call,
        "group": group,
        "source": SOURCES.get(group.source, group.source),
        "page_obj": page_obj,
        "on_paper": on_paper(call),
        "by_link": everybody.filter(user__isnull=True).count(),
        "takes_links": group.source in LINKABLE,
        "search": search,
        "state": state,
        "called": everybody.count(),
        "handed": handed,
        "is_open": call.is_open_on(today()),
        "is_over": call.is_over_on(today()),
        "means": _means(call, group),
        "may_edit": request.scope.may_everywhere(EDIT),
    }
    return render(request, "appraisals/call.html", context)


def _means(call: RaterCall, group: AskedGroup) -> list[dict[str, object]]:
    people = assessees_of(call.round)
    titles = {item.id: item.title for item in group.items}
    return [
        {
            "name": people[one.assessee_id].name, "item": titles.get(one.item, one.item), "n": one.n,
            "mean": one.mean,
        }
        for one in means_of(call, group)
        if one.assessee_id in people
    ]  # fmt: skip


@page(EDIT, methods=("GET", "POST"))
def raters_add(request: ScopedRequest, call_id: int) -> HttpResponse:
    """Choose who is called, of those whose role fits."""
    call = call_of(request.scope, call_id)
    group = group_of(call)
    called = set(CalledRater.objects.filter(call=call).values_list("user", flat=True))
    form = RatersForm(request.POST or None, group=group, called=called)

    def save() -> str:
        call_raters(request.scope, call, form.chosen, kind=form.cleaned_data.get("kind", ""))
        return reverse("appraisals:call", args=[call.pk])

    context = {
        "title": _("Who is called: %(group)s") % {"group": group.title},
        "lead": _("Accounts with a role that fits this group. People without an account get a link.")
        if form.people
        else _("Nobody else holds a role that fits this group. Grant roles first, or make links."),
        "back": reverse("appraisals:call", args=[call.pk]),
    }
    return edited(request, form, save=save, context=context, said=_("Called. They find it under “My marks”."))


@page(EDIT, methods=("GET", "POST"))
def call_days(request: ScopedRequest, call_id: int) -> HttpResponse:
    """Another last day."""
    call = call_of(request.scope, call_id)
    form = DaysForm(request.POST or None, initial={"ends_on": call.ends_on, "note": call.note})

    def save() -> str:
        change_days(request.scope, call, ends_on=form.cleaned_data["ends_on"], note=form.cleaned_data["note"])
        return reverse("appraisals:call", args=[call.pk])

    context = {"title": _("Change the last day"), "back": reverse("appraisals:call", args=[call.pk])}
    return edited(request, form, save=save, context=context)


@page(EDIT, methods=("POST",))
def rater_remove(request: ScopedRequest, call_id: int, rater_id: int) -> HttpResponse:
    """Take somebody off who has not marked."""
    call = call_of(request.scope, call_id)
    get_object_or_404(CalledRater, call=call, pk=rater_id)
    try:
        remove_rater(request.scope, call, rater_id)
        messages.success(request, _("Taken off the list."))
    except RefusedError as refused:
        for line in lines(refused.problems):
            messages.error(request, f"{line.what} {line.mend}")
    return redirect("appraisals:call", call.pk)


@page(EDIT, methods=("POST",))
def reminded(request: ScopedRequest, call_id: int) -> HttpResponse:
    """Note that those who have not handed in were reminded."""
    call = call_of(request.scope, call_id)
    n = note_reminded(request.scope, call)
    messages.success(request, _("%(n)s raters noted as reminded today.") % {"n": n})
    return redirect("appraisals:call", call.pk)
