"""XLSForm: a version as a workbook, a workbook as a draft."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from minping_engine.errors import MinpingError, Problem
from minping_web.common.import_flow import XLSX_TYPE, file_response
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines
from minping_web.instruments.exports import xlsform_bytes
from minping_web.instruments.forms import UploadForm
from minping_web.instruments.imports import MOST_BYTES, content_of, read_workbook
from minping_web.instruments.models import InstrumentVersion
from minping_web.instruments.rules.drafting import example_content
from minping_web.instruments.selectors import EDIT, VIEW, version_of
from minping_web.instruments.services import from_content


@page(VIEW)
def xlsform(request: ScopedRequest, version_id: int) -> HttpResponse:
    """The version for ODK and the like."""
    version = version_of(request.scope, version_id)
    name = f"{version.instrument.code}-{version.version}.xlsx"
    return file_response(xlsform_bytes(version.content), name, XLSX_TYPE)


@page(EDIT)
def xlsform_template(request: ScopedRequest) -> HttpResponse:
    """An example that can be filled in and brought back."""
    return file_response(xlsform_bytes(example_content()), "xlsform-template.xlsx", XLSX_TYPE)


@page(EDIT, methods=("GET", "POST"))
def xlsform_import(request: ScopedRequest) -> HttpResponse:
    """A workbook becomes a draft, or every problem is listed with sheet, row and column."""
    form = UploadForm(request.POST or None, request.FILES or None)
    problems: list[Problem] = []
    if form.is_valid():
        try:
            made, advice = _imported(request, form)
        except MinpingError as error:
            problems = list(error.problems)
        else:
            messages.success(request, _("The draft was made. Look through it, then freeze it."))
            for note in lines(advice)[:10]:
                messages.info(request, f"{note.where} {note.what}")
            return redirect("instruments:edit", made.pk)
    context = {"form": form, "problems": lines(problems), "megabytes": MOST_BYTES // 10**6}
    status = 422 if problems or form.errors else 200
    return render(request, "instruments/import.html", context, status=status)


def _imported(request: ScopedRequest, form: UploadForm) -> tuple[InstrumentVersion, list[Problem]]:
    upload = form.cleaned_data["file"]
    sheets = read_workbook(upload.read(MOST_BYTES + 1), str(upload.name)[-80:])
    found = content_of(sheets, code=form.cleaned_data["code"], version=form.cleaned_data["version"].strip())
    if found.refused:
        raise RefusedError(found.problems)
    return from_content(request.scope, found.content), found.problems
