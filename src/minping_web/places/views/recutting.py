"""Merge and split areas, and the check of the household rule that suggests where."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy

from minping_web.common.clock import today
from minping_web.common.edit_pages import paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError
from minping_web.places.forms import MOST_PARTS, MergeForm, SplitForm, refused
from minping_web.places.imports import AREAS
from minping_web.places.models import Area
from minping_web.places.rules import household_rule as rule
from minping_web.places.selectors import household_rule as select
from minping_web.places.selectors.areas import VIEW, area_for, children_of, living, rows_of_areas
from minping_web.places.services import recuts
from minping_web.places.services.areas import EDIT
from minping_web.places.services.recut_preview import free_codes, preview_recut
from minping_web.places.views.editing import Words, area_to_edit, show_form

SUGGESTED = 12

MERGE: Words = {
    "title": gettext_lazy("Merge areas"),
    "lead": gettext_lazy(
        "The old areas end, a new one begins; what lies inside moves along. Past results stay comparable."
    ),
    "submit": gettext_lazy("Look at what results"),
    "confirm": gettext_lazy("Merge these areas"),
    "done": gettext_lazy("The areas were merged. Every change stands here and can be undone."),
}
SPLIT: Words = {
    "title": gettext_lazy("Split area"),
    "lead": gettext_lazy(
        "The area ends, its parts begin. The households of the parts say how past results are shared out."
    ),
    "submit": gettext_lazy("Look at what results"),
    "confirm": gettext_lazy("Split this area"),
    "done": gettext_lazy("The area was split. Every change stands here and can be undone."),
}


@page(EDIT, methods=("GET", "POST"))
def area_merge(request: ScopedRequest, area_id: int) -> HttpResponse:
    """Merge an area with areas beside it; `?with=` ticks some."""
    area = area_to_edit(request, area_id)
    siblings = living(Area.objects.filter(parent=area.parent_id), today()).exclude(pk=area.pk)
    siblings = siblings.filter(level=area.level, grid_level=area.grid_level, kind=area.kind).order_by("code")
    ticked = [int(value) for value in request.GET.getlist("with") if value.isdecimal() and len(value) < 12]
    initial = {"old": ticked, "name": area.name, "day": today(), "code": free_codes(area, 1)[0]}
    form = MergeForm(request.POST or None, siblings=siblings, initial=initial)

    def plan() -> recuts.Recut:
        told = form.cleaned_data
        old = [area.pk, *(sibling.pk for sibling in told["old"])]
        return recuts.Recut(old, [recuts.NewArea(told["code"], told["name"])], told["day"], told["reason"])

    return _in_two_steps(request, form, plan, (area, MERGE))


def _in_two_steps(
    request: ScopedRequest, form: forms.Form, plan: Callable[[], recuts.Recut], shown: tuple[Area, Words]
) -> HttpResponse:
    """First what the form would make, then, confirmed, the act itself."""
    area, words = shown
    if request.method == "POST" and form.is_valid():
        try:
            if "confirm" not in request.POST:
                return show_form(request, form, area, {**words, "plan": preview_recut(request.scope, plan())})
            made = recuts.recut(request.scope, plan())
        except RefusedError as refusal:
            refused(form, refusal)
        else:
            messages.success(request, words["done"])
            return redirect("changes:detail", made.pk)
    return show_form(request, form, area, words)


@page(EDIT, methods=("GET", "POST"))
def area_split(request: ScopedRequest, area_id: int) -> HttpResponse:
    """Split an area into `?parts=` parts."""
    area = area_to_edit(request, area_id)
    wanted = request.GET.get("parts", "2")
    parts = min(max(int(wanted), 2), MOST_PARTS) if wanted.isdecimal() and len(wanted) < 4 else 2
    inside = list(children_of(area, today()))
    codes = {f"code_{part}": code for part, code in enumerate(free_codes(area, parts))}
    initial = {"day": today(), **codes, **_first_guess(area, inside, parts)}
    form = SplitForm(request.POST or None, area=area, parts=parts, children=inside, initial=initial)

    def plan() -> recuts.Recut:
        told = form.cleaned_data
        return recuts.Recut([area.pk], form.new_areas(), told["day"], told["reason"], form.inside())

    return _in_two_steps(request, form, plan, (area, {**SPLIT, "parts": str(parts)}))


def _first_guess(area: Area, inside: list[Area], parts: int) -> dict[str, object]:
    """What lies inside dealt out in order, with the households that follow; evenly where nothing does."""
    guess: dict[str, object] = {}
    total = area.households or 0
    sums = [total // parts + (part < total % parts) for part in range(parts)]
    if len(inside) >= parts:
        sums = [0] * parts
        for place, child in enumerate(inside):
            part = place * parts // len(inside)
            guess[f"child_{child.pk}"] = part
            guess[f"name_{part}"] = child.name if len(inside) == parts else ""
            sums[part] += child.households or 0
    return guess | {f"households_{part}": count for part, count in enumerate(sums) if count}


@page(VIEW)
def household_rule(request: ScopedRequest) -> HttpResponse:
    """Grids outside 300 to 500 households, and suggestions; nothing happens by itself."""
    wanted = request.GET.get("under", "")
    under = area_for(request.scope, int(wanted)) if wanted.isdecimal() and len(wanted) < 12 else None
    grids = select.ruled_grids(request.scope, today(), under)
    listed = select.outside(grids, request.GET.get("standing", ""))
    if wants_export(request):
        return export_response(request, AREAS, rows_of_areas(listed))
    suggestions = select.proposals(grids, today())
    context = {
        "counts": select.counts_of(grids),
        "page": paged(request, listed),
        "suggestions": suggestions[:SUGGESTED],
        "more": max(0, len(suggestions) - SUGGESTED),
        "under": under,
        "least": rule.LEAST,
        "most": rule.MOST,
        "may_edit": request.scope.may(EDIT),
        "standings": [
            ("below", gettext_lazy("below")),
            ("above", gettext_lazy("above")),
            ("unknown", gettext_lazy("no count")),
        ],
    }
    return render(request, "places/household_rule.html", context)
