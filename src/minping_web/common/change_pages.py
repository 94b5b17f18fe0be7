"""Change sets as pages: the list, one act with every difference, undo.

A person sees what was done where the app's `.view` permission holds today. The addresses are mounted once
by the site under the name `changes`.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.apps import apps
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from minping_engine.errors import Problem
from minping_web.common.changes import may_undo, obstacles, readable_by, undo
from minping_web.common.edit_pages import asked, paged
from minping_web.common.models import ChangeSet
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines
from minping_web.common.readable import differences_of, readable


@page()
def change_list(request: ScopedRequest) -> HttpResponse:
    """All acts of editing, the newest first; `kind` and `q` narrow it."""
    wanted, kind = asked(request, "q"), request.GET.get("kind", "")[:60]
    state = request.GET.get("state", "")
    found = readable_by(request.scope)
    kinds = _registers(found)
    if wanted:
        found = found.filter(Q(title__icontains=wanted) | Q(actor_label__icontains=wanted))
    if kind:
        found = found.filter(kind__startswith=kind + ".")
    if state in ChangeSet.State.values:
        found = found.filter(state=state)
    context = {
        "page": paged(request, found),
        "kinds": kinds,
        "states": ChangeSet.State.choices,
        "filtered": bool(wanted or kind or state),
    }
    return render(request, "common/change_list.html", context)


def _registers(found: QuerySet[ChangeSet]) -> list[tuple[str, str]]:
    """(app, its name) of every register that the acts are about."""
    names = {kind.partition(".")[0] for kind in found.order_by().values_list("kind", flat=True).distinct()}
    configs = {config.label: str(config.verbose_name) for config in apps.get_app_configs()}
    return [(name, configs.get(name, name)) for name in sorted(names)]


def _found(request: ScopedRequest, change_set_id: int) -> ChangeSet:
    return get_object_or_404(readable_by(request.scope), pk=change_set_id)


@page()
def change_detail(request: ScopedRequest, change_set_id: int) -> HttpResponse:
    """One act: who, when, and every difference."""
    return _detail(request, _found(request, change_set_id), [])


def _detail(request: ScopedRequest, change_set: ChangeSet, problems: Sequence[Problem]) -> HttpResponse:
    rows = paged(request, change_set.changes.order_by("pk"))
    context = {
        "change_set": change_set,
        "page": rows,
        "differences": readable(differences_of(rows.object_list)),
        "problems": lines(problems),
        "undoable": change_set.state == ChangeSet.State.APPLIED and may_undo(request.scope, change_set),
    }
    return render(request, "common/change_detail.html", context, status=422 if problems else 200)


@page(methods=("GET", "POST"))
def change_undo(request: ScopedRequest, change_set_id: int) -> HttpResponse:
    """Ask once more, naming what stands in the way; then take the act back."""
    change_set = _found(request, change_set_id)
    if not may_undo(request.scope, change_set):
        raise Http404
    if request.method != "POST":
        problems = obstacles(request.scope, change_set)
        context = {"change_set": change_set, "problems": lines(problems)}
        return render(request, "common/change_undo.html", context)
    try:
        undo(request.scope, change_set)
    except RefusedError as refusal:
        return _detail(request, change_set, refusal.problems)
    messages.success(request, _("Undone: everything is as it was before."))
    return redirect("changes:detail", change_set.pk)


app_name = "changes"
urlpatterns = [
    path("", change_list, name="list"),
    path("<int:change_set_id>/", change_detail, name="detail"),
    path("<int:change_set_id>/undo/", change_undo, name="undo"),
]
