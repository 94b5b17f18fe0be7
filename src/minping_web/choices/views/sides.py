"""Who and what takes part: posted grids with conditions, people who choose."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from minping_web.choices.exports import GRIDS, PEOPLE, grid_rows, people_rows
from minping_web.choices.forms import GridForm, GridsForm, first_grid_values
from minping_web.choices.models import PostedGrid
from minping_web.choices.rules.phases import State
from minping_web.choices.selectors.choices import (
    EDIT,
    OFFERED,
    VIEW,
    areas_to_offer,
    candidates_seen,
    choice_edited,
    choice_of,
    grids_seen,
    people_to_take_in,
)
from minping_web.choices.selectors.qualifications import conditions_of
from minping_web.choices.selectors.results import taken_by
from minping_web.choices.services import preparing
from minping_web.choices.views.shared import tried
from minping_web.common.edit_pages import asked, edited, paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.lookups import by_code_or_name
from minping_web.common.pages import ScopedRequest, page
from minping_web.places.models import Area
from minping_web.places.rules.levels import Level

MOST_LISTED = 600


@page(VIEW)
def grid_list(request: ScopedRequest, choice_id: int) -> HttpResponse:
    """What is offered, and after the matching who got it."""
    choice = choice_of(request.scope, choice_id)
    text, state = asked(request, "q", 80), asked(request, "state", 12)
    found = grids_seen(request.scope, choice)
    if text:
        found = found.filter(_named(text, "area__"))
    if state in {"yes", "no"}:
        found = found.filter(handed_in_at__isnull=state == "no")
    if wants_export(request):
        return export_response(request, GRIDS, grid_rows(found))
    page_obj = paged(request, found)
    taken = taken_by(choice) if choice.has_result else {}
    for grid in page_obj.object_list:
        grid.conditions = conditions_of(grid)
        grid.taken = taken.get(grid.pk, [])
    context = {
        "choice": choice,
        "page_obj": page_obj,
        "text": text,
        "state": state,
        "may_edit": choice.state == State.DRAFT and request.scope.may(EDIT, choice.area.path),
    }
    return render(request, "choices/grids.html", context)


def _named(text: str, prefix: str) -> Q:
    """Areas by name, code or what lies around."""
    found = Q(**{f"{prefix}name__icontains": text}) | Q(**{f"{prefix}code__istartswith": text})
    for around in ("parent__name__icontains", "parent__parent__name__icontains"):
        found |= Q(**{prefix + around: text})
    return found


@page(EDIT, methods=("GET", "POST"))
def grid_add(request: ScopedRequest, choice_id: int) -> HttpResponse:
    """Offer grids: tick some, or all that the search shows."""
    choice = choice_edited(request.scope, choice_id)
    level = request.GET.get("level", Level.RESPONSIBILITY_AREA)
    text = asked(request, "q", 80)
    found = _offerable(areas_to_offer(choice), level, text)
    data = request.POST.copy() if request.method == "POST" else None
    if data is not None and "all" in data:
        data.setlist("areas", [str(pk) for pk in found.values_list("pk", flat=True)])
    form = GridsForm(data, areas=found)
    if form.is_valid():
        facts = dict(form.cleaned_data)
        areas = facts.pop("areas")
        if _added(request, choice.pk, list(areas), facts):
            return redirect("choices:grids", choice.pk)
    shown = list(found.order_by("path")[: MOST_LISTED + 1])
    context = {
        "choice": choice,
        "form": form,
        "areas": shown[:MOST_LISTED],
        "more": len(shown) > MOST_LISTED,
        "levels": [(one, Level(one).label) for one in OFFERED],
        "level": level,
        "text": text,
    }
    return render(request, "choices/grid_add.html", context, status=422 if form.is_bound else 200)


def _offerable(areas: QuerySet[Area], level: str, text: str) -> QuerySet[Area]:
    found = areas.filter(level=level) if level in OFFERED else areas
    return found.filter(_named(text, "")) if text else found


def _added(request: ScopedRequest, choice_id: int, areas: list[Area], facts: dict[str, object]) -> bool:
    made = ngettext("%(n)s grid is offered.", "%(n)s grids are offered.", len(areas)) % {"n": len(areas)}
    return tried(request, lambda: preparing.add_grids(request.scope, choice_id, areas, **facts), made)


@page(EDIT, methods=("GET", "POST"))
def grid_edit(request: ScopedRequest, choice_id: int, grid_id: int) -> HttpResponse:
    """Seats and conditions."""
    grid = _grid(request, choice_id, grid_id)
    form = GridForm(request.POST or None, initial=first_grid_values(grid))
    back = reverse("choices:grids", args=[choice_id])

    def save() -> str:
        preparing.save_grid(request.scope, grid, **form.cleaned_data)
        return back

    context = {"title": grid.placed, "back": back}
    return edited(request, form, save=save, context=context, said=_("Saved."), template="choices/form.html")


@page(EDIT, methods=("POST",))
def grid_remove(request: ScopedRequest, choice_id: int, grid_id: int) -> HttpResponse:
    """Offer it no more; it can be added again."""
    grid = _grid(request, choice_id, grid_id)
    tried(request, lambda: preparing.remove_grid(request.scope, grid), _("Removed."))
    return redirect("choices:grids", choice_id)


def _grid(request: ScopedRequest, choice_id: int, grid_id: int) -> PostedGrid:
    choice = choice_edited(request.scope, choice_id)
    return get_object_or_404(choice.grids.select_related("area__parent__parent"), pk=grid_id)


@page(VIEW)
def candidate_list(request: ScopedRequest, choice_id: int) -> HttpResponse:
    """Who chooses, and who has handed in; nobody's list."""
    choice = choice_of(request.scope, choice_id)
    text, state = asked(request, "q", 80), asked(request, "state", 12)
    found = candidates_seen(request.scope, choice)
    if text:
        found = found.filter(Q(person__name__icontains=text) | Q(person__code__icontains=text))
    if state in {"yes", "no"}:
        found = found.filter(handed_in_at__isnull=state == "no")
    if wants_export(request):
        return export_response(request, PEOPLE, people_rows(found))
    draft = choice.state == State.DRAFT and request.scope.may(EDIT, choice.area.path)
    context = {
        "choice": choice,
        "page_obj": paged(request, found),
        "text": text,
        "state": state,
        "may_edit": draft,
        "others": people_to_take_in(choice).count() if draft else 0,
    }
    return render(request, "choices/candidates.html", context)


@page(EDIT, methods=("POST",))
def candidate_add(request: ScopedRequest, choice_id: int) -> HttpResponse:
    """One person by staff number or name; without one everybody who serves there."""
    choice = choice_edited(request.scope, choice_id)
    words = request.POST.get("person", "").strip()[:100]
    if not words:
        tried(request, lambda: preparing.take_in_all(request.scope, choice.pk), _("Taken in."))
        return redirect("choices:candidates", choice.pk)
    people = people_to_take_in(choice)
    person = by_code_or_name(people, words, people)
    if person is None:
        messages.error(
            request, _("Nobody who serves there and does not take part yet has this number or name.")
        )
    else:
        tried(request, lambda: preparing.take_in(request.scope, choice.pk, person), _("Taken in."))
    return redirect("choices:candidates", choice.pk)


@page(EDIT, methods=("POST",))
def candidate_remove(request: ScopedRequest, choice_id: int, candidate_id: int) -> HttpResponse:
    """Somebody takes no part; can be taken in again."""
    choice = choice_edited(request.scope, choice_id)
    found = get_object_or_404(choice.candidates, pk=candidate_id)
    tried(request, lambda: preparing.take_out(request.scope, found), _("Removed."))
    return redirect("choices:candidates", choice.pk)
