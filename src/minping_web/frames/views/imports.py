"""Upload a file of units, read what the check found, load it or drop it."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from minping_engine.errors import MinpingError, Place, Problem, Severity
from minping_web.common.import_flow import XLSX_TYPE, file_response, notes_of, page_language
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import lines
from minping_web.common.tabular import template_xlsx
from minping_web.frames.forms import ConfirmForm, ImportForm
from minping_web.frames.imports import UNIT_TABLE
from minping_web.frames.rules import Kind
from minping_web.frames.selectors.frames import imports_seen
from minping_web.frames.services.importing import confirm, drop, start_import
from minping_web.frames.services.uploads import SealingUploadHandler
from minping_web.frames.views.answers import tried

EDIT = "frames.edit"
SUFFIXES = (".csv", ".txt", ".xlsx", ".xlsm")


@page(EDIT, methods=("GET", "POST"))
def _form(request: ScopedRequest) -> HttpResponse:
    form = ImportForm(request.POST or None, request.FILES or None)
    problems = []
    if request.method == "POST" and form.is_valid():
        try:
            return _started(request, form)
        except MinpingError as error:
            problems = lines(error.problems)
    context = {"form": form, "problems": problems, "columns": notes_of(UNIT_TABLE)}
    return render(request, "frames/import_new.html", context, status=422 if problems or form.errors else 200)


def _started(request: ScopedRequest, form: ImportForm) -> HttpResponse:
    data = form.cleaned_data
    upload: UploadedFile[Any] = data["file"]
    name, stored_as = str(upload.name), str(getattr(upload, "stored_as", ""))
    if not name.lower().endswith(SUFFIXES):
        raise MinpingError([Problem("frame.file_kind", Place(key="file"))])
    made = start_import(
        request.scope, data["name"], stored_as,
        file_name=name, size=upload.size or 0, dates=(data["as_of"], data["needed_until"]),
    )  # fmt: skip
    for handler in request.upload_handlers:
        if isinstance(handler, SealingUploadHandler):
            handler.claim(stored_as)
    return redirect("frames:import_page", made.pk)


_form_with_token = csrf_protect(_form)


@csrf_exempt
@wraps(_form)
def import_new(request: ScopedRequest) -> HttpResponseBase:
    """The form. Reading it writes the upload to disk (sealed), so first of all is asked who sends it.

    The handler must be set before the token is looked for in the form, hence the token is checked here and
    not by the middleware. Who may not import is turned away with the form unread.
    """
    if not (request.user.is_authenticated and request.scope.may(EDIT)):
        return _form(request)
    handler = SealingUploadHandler(request)
    request.upload_handlers = [handler]
    try:
        return _form_with_token(request)
    finally:
        handler.remove_unclaimed()


@page(EDIT)
def import_template(request: ScopedRequest) -> HttpResponse:
    """The empty workbook."""
    return file_response(template_xlsx(UNIT_TABLE, page_language()), "units.xlsx", XLSX_TYPE)


@page(EDIT)
def import_page(request: ScopedRequest, import_id: int) -> HttpResponse:
    """Progress, then the report, then the question."""
    found = get_object_or_404(imports_seen(request.scope), pk=import_id)
    report = found.report
    kinds = dict(Kind.choices)
    context = {
        "found": found,
        "report": report,
        "problems": lines([_problem(entry) for entry in report.get("problems", ())]),
        "codes": _codes(report),
        "kinds": [(kinds[kind], count) for kind, count in report.get("kinds", {}).items() if kind in kinds],
        "form": ConfirmForm(),
    }
    return render(request, "frames/import_page.html", context)


def _problem(entry: dict[str, Any]) -> Problem:
    return Problem(entry["code"], Place(*entry["place"]), entry["params"], Severity(entry["severity"]))


def _codes(report: dict[str, Any]) -> list[tuple[str, int, bool]]:
    """(what, how often, error?) of each kind of problem."""
    first = {entry["code"]: entry for entry in report.get("problems", ())}
    found = []
    for code, (count, is_error) in report.get("codes", {}).items():
        (said,) = lines([_problem(first[code])]) if code in first else (None,)
        found.append((said.what if said else code, count, is_error))
    return found


@page(EDIT, methods=("POST",))
def import_confirm(request: ScopedRequest, import_id: int) -> HttpResponse:
    """Load it."""
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("That draft is not there any more."))
        return redirect("frames:import_page", import_id)
    replaced = form.cleaned_data["replaces"]
    return tried(
        request,
        lambda: confirm(request.scope, import_id, replaces=replaced.pk if replaced else None),
        _("Loading has begun."), "frames:import_page", import_id,
    )  # fmt: skip


@page(EDIT, methods=("POST",))
def import_drop(request: ScopedRequest, import_id: int) -> HttpResponse:
    """Drop it and delete the file."""
    return tried(
        request, lambda: drop(request.scope, import_id), _("Dropped; the file is deleted."), "frames:list"
    )
