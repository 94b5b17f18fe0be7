"""Create, edit, end, rename and move areas: a form each, the services decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_web.common.clock import today
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError
from minping_web.places.forms import AreaForm, EndForm, MoveForm, RenameForm, refused
from minping_web.places.models import HEX, Area
from minping_web.places.rules.levels import PARENTS, Kind, Level
from minping_web.places.selectors.areas import area_for, areas_seen, living
from minping_web.places.services import areas as service
from minping_web.places.services.areas import EDIT

Words = Mapping[str, Any]


def area_to_edit(request: ScopedRequest, area_id: int) -> Area:
    """An area that this user may change, else 404."""
    area = area_for(request.scope, area_id, EDIT)
    if not service.may_edit(request.scope, area):
        raise Http404
    return area


def show_form(request: ScopedRequest, form: forms.BaseForm, area: Area | None, words: Words) -> HttpResponse:
    """The page of a form; with errors the status says so."""
    context = {"form": form, "area": area, **words}
    return render(request, "places/form.html", context, status=422 if form.errors else 200)


def _done(request: ScopedRequest, form: forms.Form, act: Callable[[], object], words: Words) -> bool:
    """Carry an act out; a refusal lands beside its fields."""
    if not form.is_valid():
        return False
    try:
        act()
    except RefusedError as refusal:
        refused(form, refusal)
        return False
    messages.success(request, words["done"])
    return True


CREATE: Words = {
    "title": gettext_lazy("New area"),
    "lead": gettext_lazy("An area is made once and keeps its code; for many at once use the import."),
    "submit": gettext_lazy("Create the area"),
    "done": gettext_lazy("The area was created."),
}
CHANGE: Words = {
    "title": gettext_lazy("Edit area"),
    "lead": gettext_lazy(
        "Correct facts here. A new official name or another place is an act of its own, with a day."
    ),
    "submit": gettext_lazy("Save"),
    "done": gettext_lazy("Saved."),
}
END: Words = {
    "title": gettext_lazy("End area"),
    "lead": gettext_lazy("An ended area stays in the register and in all past results; it can be undone."),
    "submit": gettext_lazy("End the area"),
    "done": gettext_lazy("The area was ended."),
    "danger": "1",
}
RENAME: Words = {
    "title": gettext_lazy("Rename area"),
    "lead": gettext_lazy("The area stays the same one; its former name stays in the history."),
    "submit": gettext_lazy("Rename"),
    "done": gettext_lazy("The area was renamed."),
}
MOVE: Words = {
    "title": gettext_lazy("Move area"),
    "lead": gettext_lazy("The area moves with everything inside; its former place stays in the history."),
    "submit": gettext_lazy("Move"),
    "done": gettext_lazy("The area was moved."),
}


@page(EDIT, methods=("GET", "POST"))
def area_create(request: ScopedRequest) -> HttpResponse:
    """A new area inside `?parent=`."""
    wanted = request.GET.get("parent", "")
    parent = area_to_hold(request, int(wanted)) if wanted.isdecimal() and len(wanted) < 12 else None
    if parent is None and not request.scope.reach(EDIT).whole:
        raise Http404
    form = AreaForm(request.POST or None, parent=parent)
    if request.method == "POST" and form.is_valid():
        try:
            area = service.create_area(request.scope, parent=parent, values=form.values())
        except RefusedError as refusal:
            refused(form, refusal)
        else:
            messages.success(request, CREATE["done"])
            return redirect("places:detail", area.pk)
    return show_form(request, form, parent, CREATE)


def area_to_hold(request: ScopedRequest, area_id: int) -> Area:
    """An area in which this user may make others, else 404."""
    return area_for(request.scope, area_id, EDIT)


@page(EDIT, methods=("GET", "POST"))
def area_edit(request: ScopedRequest, area_id: int) -> HttpResponse:
    """Correct facts."""
    area = area_to_edit(request, area_id)
    form = AreaForm(request.POST or None, instance=area, parent=area.parent)
    if request.method == "POST" and form.is_valid():
        try:
            service.edit_area(request.scope, area_id, form.values())
        except RefusedError as refusal:
            refused(form, refusal)
        else:
            messages.success(request, CHANGE["done"])
            return redirect("places:detail", area_id)
    return show_form(request, form, Area.objects.get(pk=area_id), CHANGE)


@page(EDIT, methods=("GET", "POST"))
def area_end(request: ScopedRequest, area_id: int) -> HttpResponse:
    """Let an area end."""
    area = area_to_edit(request, area_id)
    form = EndForm(request.POST or None, initial={"last_day": today()})
    if request.method == "POST" and _done(
        request, form, lambda: service.end_area(request.scope, area_id, **form.cleaned_data), END
    ):
        return redirect("places:detail", area_id)
    return show_form(request, form, area, END)


@page(EDIT, methods=("GET", "POST"))
def area_rename(request: ScopedRequest, area_id: int) -> HttpResponse:
    """Give an area a new official name."""
    area = area_to_edit(request, area_id)
    form = RenameForm(request.POST or None, initial={"name": area.name, "day": today()})
    if request.method == "POST" and _done(
        request, form, lambda: service.rename_area(request.scope, area_id, **form.cleaned_data), RENAME
    ):
        return redirect("places:detail", area_id)
    return show_form(request, form, area, RENAME)


@page(EDIT, methods=("GET", "POST"))
def area_move(request: ScopedRequest, area_id: int) -> HttpResponse:
    """Put an area into another one."""
    area = area_to_edit(request, area_id)
    form = MoveForm(request.POST or None, parents=_possible_parents(request, area), initial={"day": today()})
    if request.method == "POST" and _done(
        request, form, lambda: service.move_area(request.scope, area_id, **form.cleaned_data), MOVE
    ):
        return redirect("places:detail", area_id)
    return show_form(
        request, form, area, dict(MOVE) | {"empty": _("There is no other area that it could lie in.")}
    )


def _possible_parents(request: ScopedRequest, area: Area) -> QuerySet[Area]:
    """Areas of the right level; for the smallest areas only those near by, or the list would have no end."""
    wanted = set(PARENTS[area.level])
    if area.kind in {Kind.EXCLUSIVE, Kind.POLICE}:
        wanted.add(Level.STREET)
    found = living(areas_seen(request.scope, EDIT), today()).filter(level__in=wanted)
    found = found.exclude(pk=area.parent_id or 0).exclude(path__startswith=area.path)
    if area.level == Level.RESPONSIBILITY_AREA:
        near = area.path[: max(len(area.path) - 3 * HEX, HEX)]
        found = found.filter(path__startswith=near)
    return found.select_related("parent").order_by("path")
