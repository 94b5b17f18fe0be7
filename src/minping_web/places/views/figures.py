"""Figures of areas: the list, entering one, taking one out."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_web.common.clock import today
from minping_web.common.edit_pages import paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError
from minping_web.common.scope import within
from minping_web.places.forms import FigureForm, refused
from minping_web.places.imports import FIGURES
from minping_web.places.models import AreaCovariate
from minping_web.places.rules.covariates import CHOICES, COVARIATE_OF
from minping_web.places.selectors.areas import VIEW, area_for, rows_of_covariates
from minping_web.places.services.areas import EDIT
from minping_web.places.services.covariates import remove_covariate, set_covariate
from minping_web.places.views.editing import show_form


@page(VIEW)
def figure_list(request: ScopedRequest) -> HttpResponse:
    """All figures of the areas one sees; `q` and `name` narrow it."""
    rows = within(AreaCovariate.objects.all(), request.scope, VIEW, "area__path")
    rows = rows.select_related("area").order_by("area__path", "name", "-as_of")
    text, name = request.GET.get("q", "").strip().replace("\x00", "")[:100], request.GET.get("name", "")
    if text:
        rows = rows.filter(area__name__icontains=text)
    if name in COVARIATE_OF:
        rows = rows.filter(name=name)
    if wants_export(request):
        return export_response(request, FIGURES, rows_of_covariates(rows))
    context = {
        "page": paged(request, rows),
        "names": CHOICES,
        "may_edit": request.scope.may(EDIT),
        "filtered": bool(text or name),
    }
    return render(request, "places/figures.html", context)


@page(EDIT, methods=("GET", "POST"))
def figure_create(request: ScopedRequest, area_id: int) -> HttpResponse:
    """Enter a figure of an area; one of the same day is corrected."""
    area = area_for(request.scope, area_id, EDIT)
    form = FigureForm(request.POST or None, level=area.level, initial={"as_of": today()})
    if request.method == "POST" and form.is_valid():
        try:
            set_covariate(request.scope, area, **form.cleaned_data)
        except RefusedError as refusal:
            refused(form, refusal)
        else:
            messages.success(request, _("The figure was saved."))
            return redirect("places:detail", area.pk)
    words = {
        "title": gettext_lazy("Figure of an area"),
        "lead": gettext_lazy("Official figures with day and source; a figure of the same day is corrected."),
        "submit": gettext_lazy("Save"),
    }
    return show_form(request, form, area, words)


@page(EDIT, methods=("GET", "POST"))
def figure_remove(request: ScopedRequest, figure_id: int) -> HttpResponse:
    """Ask, then take a figure out."""
    rows = within(AreaCovariate.objects.all(), request.scope, EDIT, "area__path")
    row = get_object_or_404(rows.select_related("area"), pk=figure_id)
    if request.method == "POST":
        remove_covariate(request.scope, row)
        messages.success(request, _("The figure was removed; you can undo it under Changes."))
        return redirect("places:detail", row.area_id)
    return render(request, "places/figure_remove.html", {"figure": row})
