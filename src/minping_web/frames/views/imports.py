"""Upload a file of units, read what the check found, load it or drop it."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase
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
from minping_web.frames.services.uploads import SealingUploadHandler, remove_upload
from minping_web.frames.views.answers import tried

SUFFIXES = (".csv", ".txt", ".xlsx", ".xlsm")


@csrf_protect
@page("frames.edit", methods=("GET", "POST"))
def _import_new(request: ScopedRequest) -> HttpResponse:
    form = ImportForm(request.POST or None, request.FILES or None)
    problems = []
    if request.method == "POST":
        upload = request.FILES.get("file")
        stored_as = str(getattr(upload, "stored_as", ""))
        if form.is_valid() and upload is not None:
            try:
                return _started(request, form, stored_as)
            except MinpingError as error:
                problems = lines(error.problems)
        remove_upload(stored_as)
    context = {"form": form, "problems": problems, "columns": notes_of(UNIT_TABLE)}
    return render(request, "frames/import_new.html", context, status=422 if problems or form.errors else 200)


def _started(request: ScopedRequest, form: ImportForm, stored_as: str) -> HttpResponse:
    data = form.cleaned_data
    upload: UploadedFile[Any] = data["file"]
    name = str(upload.name)
    if not name.lower().endswith(SUFFIXES):
        raise MinpingError([Problem("frame.file_kind", Place(key="file"))])
    made = start_import(
        request.scope, data["name"], stored_as,
        file_name=name, size=upload.size or 0, dates=(data["as_of"], data["needed_until"]),
    )  # fmt: skip
    return redirect("frames:import_page", made.pk)


@csrf_exempt
@wraps(_import_new)
def import_new(request: HttpRequest) -> HttpResponseBase:
    """The form. The upload is sealed as it arrives, so the handler is set before anybody reads the form;
    the token is checked right after, by the wrapped page."""
    request.upload_handlers = [SealingUploadHandler(request)]
    return _import_new(request)


@page("frames.edit")
def import_template(request: ScopedRequest) -> HttpResponse:
    """The empty workbook."""
    return file_response(template_xlsx(UNIT_TABLE, page_language()), "units.xlsx", XLSX_TYPE)


@page("frames.edit")
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


@page("frames.edit", methods=("POST",))
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


@page("frames.edit", methods=("POST",))
def import_drop(request: ScopedRequest, import_id: int) -> HttpResponse:
    """Drop it and delete the file."""
    return tried(
        request, lambda: drop(request.scope, import_id), _("Dropped; the file is deleted."), "frames:list"
    )
