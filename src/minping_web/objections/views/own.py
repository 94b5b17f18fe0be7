"""Pages of who objects: the own results in preview, objections of the own place, filing one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.assessments.selectors.words import grade_names
from minping_web.common.clock import today
from minping_web.common.edit_pages import paged
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines
from minping_web.objections.forms import ObjectionForm, PlaceForm
from minping_web.objections.models import Objection, Preview
from minping_web.objections.rules.terms import working_days_left
from minping_web.objections.selectors.objections import objections_for_places, own_objections, to_check
from minping_web.objections.selectors.previews import (
    CHECK,
    FILE,
    OWN,
    bodies_of,
    open_previews,
    own_result,
    places_of,
    previews_of_person,
    result_of_place,
    terms_of,
)
from minping_web.objections.selectors.versions import is_newest
from minping_web.objections.services.filing import Draft, file_for_body, file_for_place, file_own
from minping_web.organisations.models import Organisation
from minping_web.places.models import Area

Options = dict[str, tuple[str, Area | Organisation]]


@page(OWN)
def mine(request: ScopedRequest) -> HttpResponse:
    """Own results before they hold, and own objections."""
    previews: list[Any] = [*previews_of_person(request.scope.person_id)]
    for one in previews:
        one.is_open = one.run.preview.is_open(today())
        one.days_left = working_days_left(today(), one.run.preview.ends_on)
        one.grade_name = grade_names(one.run).get(one.grade, one.grade)
    context = {
        "previews": previews,
        "page_obj": paged(request, own_objections(request.scope)),
        "today": today(),
    }
    return render(request, "objections/mine.html", context)


@page(OWN, methods=("GET", "POST"))
def mine_new(request: ScopedRequest, result_id: int) -> HttpResponse:
    """Object to an own result."""
    result = own_result(request.scope, result_id)
    form = ObjectionForm(request.POST or None, request.FILES or None, own=True)

    def filed() -> Objection:
        return file_own(request.scope, result, _draft(form))

    back = reverse("objections:mine")
    return _filing(request, form, result.run.preview, filed, back)


@page(FILE)
def place(request: ScopedRequest) -> HttpResponse:
    """Objections of the own places and organisations, and results that can be objected to."""
    previews = [one for one in open_previews() if _options(request, one)]
    found = objections_for_places(request.scope)
    context = {"previews": previews, "page_obj": paged(request, found), "today": today()}
    return render(request, "objections/place.html", context)


@page(FILE, methods=("GET", "POST"))
def place_new(request: ScopedRequest, preview_id: int) -> HttpResponse:
    """Object for an own place or organisation."""
    preview = open_previews().filter(pk=preview_id).first()
    options = _options(request, preview) if preview else {}
    if preview is None or not options:
        raise Http404
    named = [(key, words) for key, (words, _one) in options.items()]
    form = PlaceForm(request.POST or None, request.FILES or None, options=named)

    def filed() -> Objection:
        _words, one = options[form.cleaned_data["about"]]
        if isinstance(one, Organisation):
            return file_for_body(request.scope, preview, one, _draft(form))
        result = result_of_place(preview, one)
        return file_for_place(request.scope, preview, one, _draft(form), result=result)

    return _filing(request, form, preview, filed, reverse("objections:place"))


def _options(request: ScopedRequest, preview: Preview) -> Options:
    """What the scope may object for, by the value of the form's list."""
    found: Options = {f"area-{one.pk}": (one.name, one) for one in places_of(request.scope, preview)}
    return found | {f"body-{one.pk}": (str(one), one) for one in bodies_of(request.scope, preview)}


def _draft(form: ObjectionForm) -> Draft:
    given = form.cleaned_data
    return Draft(given["subject"], given["text"], given["evidence"])


def _filing(
    request: ScopedRequest, form: ObjectionForm, preview: Preview, filed: Callable[[], Objection], back: str
) -> HttpResponse:
    """The form, or the new objection's page; all problems at once."""
    problems, status = [], 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            made = filed()
        except RefusedError as refused:
            problems = lines(refused.problems)
        else:
            messages.success(request, _("Your objection is filed."))
            return redirect("objections:objection", made.pk)
    context = {
        "form": form,
        "problems": problems,
        "preview": preview,
        "terms": terms_of(preview.run),
        "is_open": preview.is_open(today()),
        "overtaken": not is_newest(preview.run),
        "back": back,
    }
    return render(request, "objections/new.html", context, status=status)


@page(CHECK)
def check_list(request: ScopedRequest) -> HttpResponse:
    """What waits for a check of its evidence in the own place."""
    context = {"page_obj": paged(request, to_check(request.scope)), "today": today()}
    return render(request, "objections/to_check.html", context)
