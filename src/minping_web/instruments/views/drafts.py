"""Making, copying, deleting and freezing versions."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_engine.errors import MinpingError, Problem
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import lines
from minping_web.instruments.forms import NewForm, SchemeForm, VersionForm
from minping_web.instruments.models import InstrumentVersion
from minping_web.instruments.rules.lint import has_errors, lint
from minping_web.instruments.selectors import EDIT, neighbours, version_of
from minping_web.instruments.selectors.sources import scheme_findings
from minping_web.instruments.services import (
    NewInstrument,
    copy_version,
    delete_draft,
    freeze_instrument,
    from_scheme,
    new_instrument,
)
from minping_web.instruments.views.words import with_places


@page(EDIT, methods=("GET", "POST"))
def new(request: ScopedRequest) -> HttpResponse:
    """Three ways to begin: a scheme, an XLSForm, nothing."""
    form = NewForm(request.POST or None)
    if form.is_valid():
        data = form.cleaned_data
        draft = NewInstrument(data["code"], data["title"], data["title_en"])
        return _made(request, form, lambda: new_instrument(request.scope, draft))
    return _new_page(request, form, SchemeForm(scope=request.scope), [])


@page(EDIT, methods=("GET", "POST"))
def new_from_scheme(request: ScopedRequest) -> HttpResponse:
    """A draft with the questions of a frozen scheme."""
    if request.method != "POST":  # back from choosing the language on a form that was refused
        return redirect("instruments:new")
    form = SchemeForm(request.POST, scope=request.scope)
    if not form.is_valid():
        return _new_page(request, NewForm(), form, [])
    chosen, _colon, name = form.cleaned_data["source"].partition(":")
    version = next(version for version, _form, _title in form.found if str(version.pk) == chosen)
    wanted = form.cleaned_data["version"].strip()
    return _made(request, form, lambda: from_scheme(request.scope, version, name, version=wanted))


def _made(
    request: ScopedRequest, form: NewForm | SchemeForm, make: Callable[[], InstrumentVersion]
) -> HttpResponse:
    try:
        made = make()
    except MinpingError as error:
        blank = form if isinstance(form, NewForm) else NewForm()
        of_scheme = form if isinstance(form, SchemeForm) else SchemeForm(scope=request.scope)
        return _new_page(request, blank, of_scheme, list(error.problems))
    messages.success(request, _("The draft was made. Nobody is asked anything before it is frozen."))
    return redirect("instruments:edit", made.pk)


def _new_page(
    request: ScopedRequest, form: NewForm, of_scheme: SchemeForm, problems: list[Problem]
) -> HttpResponse:
    context = {"form": form, "of_scheme": of_scheme, "problems": lines(problems)}
    status = 422 if problems or form.errors or of_scheme.errors else 200
    return render(request, "instruments/new.html", context, status=status)


@page(EDIT, methods=("GET", "POST"))
def copy(request: ScopedRequest, version_id: int) -> HttpResponse:
    """A new version begins as a copy."""
    version = version_of(request.scope, version_id)
    known = [one.version for one in neighbours(request.scope, version)]
    form = VersionForm(request.POST or None, known=known)
    problems: list[Problem] = []
    if form.is_valid():
        try:
            made = copy_version(request.scope, version.pk, version=form.cleaned_data["version"].strip())
        except MinpingError as error:
            problems = list(error.problems)
        else:
            messages.success(request, _("Copied. Write the new version, then freeze it."))
            return redirect("instruments:edit", made.pk)
    context = {
        "title": _("New version of “%(name)s”") % {"name": version.instrument},
        "lead": _("The new version begins as a copy of %(version)s and can be written freely.")
        % {"version": version.version},
        "form": form,
        "problems": lines(problems),
        "back": reverse("instruments:version", args=[version.pk]),
        "submit": _("Copy"),
    }
    return render(request, "instruments/form.html", context, status=422 if problems or form.errors else 200)


@page(EDIT, methods=("GET", "POST"))
def delete(request: ScopedRequest, version_id: int) -> HttpResponse:
    """Remove a draft for good."""
    version = version_of(request.scope, version_id)
    if not version.is_draft:
        raise Http404(version_id)
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            delete_draft(request.scope, version.pk)
        except MinpingError as error:
            problems = list(error.problems)
        else:
            messages.success(request, _("The draft was deleted."))
            return redirect("instruments:list")
    context = {
        "title": _("Delete the draft %(name)s?") % {"name": version},
        "lead": _("A draft was never asked, so nothing hangs on it. It cannot be brought back; "
                  "download it as an XLSForm first if you may want it again."),
        "problems": lines(problems),
        "back": reverse("instruments:version", args=[version.pk]),
        "submit": _("Delete"),
        "danger": True,
    }  # fmt: skip
    return render(request, "instruments/form.html", context, status=422 if problems else 200)


@page(EDIT, methods=("GET", "POST"))
def freeze(request: ScopedRequest, version_id: int) -> HttpResponse:
    """Freeze it; the page says what the linter found and asks once more."""
    version = version_of(request.scope, version_id)
    if not version.is_draft:
        return redirect("instruments:version", version.pk)
    found = [*lint(version.content), *scheme_findings(version)]
    refused: list[Problem] = []
    if request.method == "POST":
        try:
            freeze_instrument(request.scope, version.pk)
        except MinpingError as error:
            refused = list(error.problems)
        else:
            messages.success(request, _("Frozen and entered in the ledger."))
            return redirect("instruments:version", version.pk)
    context = {
        "version": version,
        "findings": lines(with_places(refused or found)),
        "has_errors": has_errors(found),
    }
    return render(request, "instruments/freeze.html", context, status=422 if refused else 200)
