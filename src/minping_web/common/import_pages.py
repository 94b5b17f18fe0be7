"""The pages of every import: form with template and notes, preview, confirmation. See `import_flow`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from minping_engine.errors import Problem
from minping_web.common import import_flow as flow
from minping_web.common.import_flow import Importer
from minping_web.common.models import ImportDraft
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines
from minping_web.common.readable import readable
from minping_web.common.tabular import template_xlsx
from minping_web.common.uploads import MOST_BYTES

SHOWN = 50
"""So many differences stand in a preview; the change set shows all of them afterwards."""

View = Callable[..., HttpResponse]


def pages_of(importer: Importer) -> list[URLPattern]:
    """The three addresses of an importer; apps call `import_flow.import_urls`."""
    name = importer.name
    base = f"{name.replace('_', '-')}/import/"
    return [
        path(base, _form_page(importer), name=f"{name}_import"),
        path(f"{base}template.xlsx", _template_page(importer), name=f"{name}_template"),
        path(f"{base}<int:draft_id>/", _draft_page(importer), name=f"{name}_draft"),
    ]


def _form_page(importer: Importer) -> View:
    @page(importer.permission, methods=("GET", "POST"))
    def import_form(request: ScopedRequest) -> HttpResponse:
        if request.method != "POST":
            return _form(request, importer, [])
        upload = request.FILES.get("file")
        try:
            draft = flow.keep_draft(
                request.scope, importer, upload if isinstance(upload, UploadedFile) else None
            )
        except RefusedError as refusal:
            return _form(request, importer, refusal.problems)
        return redirect(importer.route("draft"), draft_id=draft.pk)

    return import_form  # type: ignore[return-value]


def _form(request: ScopedRequest, importer: Importer, problems: Sequence[Problem]) -> HttpResponse:
    context = _context(importer) | {"columns": flow.notes_of(importer.spec), "problems": lines(problems)}
    return render(request, "common/import_form.html", context, status=422 if problems else 200)


def _context(importer: Importer) -> dict[str, Any]:
    return {
        "importer": importer,
        "form_url": reverse(importer.route("import")),
        "template_url": reverse(importer.route("template")),
        "back_url": reverse(importer.back),
        "suffixes": ",".join(flow.SUFFIXES),
        "most_rows": importer.most_rows,
        "most_megabytes": MOST_BYTES // 10**6,
    }


def _template_page(importer: Importer) -> View:
    @page(importer.permission)
    def import_template(request: ScopedRequest) -> HttpResponse:
        language = flow.page_language()
        name = importer.spec.title(language) + ("-template" if language == "en" else "导入模板")
        return flow.file_response(template_xlsx(importer.spec, language), f"{name}.xlsx", flow.XLSX_TYPE)

    return import_template  # type: ignore[return-value]


def _draft_page(importer: Importer) -> View:
    @page(importer.permission, methods=("GET", "POST"))
    def import_draft(request: ScopedRequest, draft_id: int) -> HttpResponse:
        draft = flow.draft_of(request.scope, importer, draft_id)
        if request.method != "POST":
            return _preview(request, importer, draft, [])
        if "discard" in request.POST:
            draft.delete()
            messages.info(request, _("The file was discarded; nothing was imported."))
            return redirect(importer.route("import"))
        return _confirmed(request, importer, draft)

    return import_draft  # type: ignore[return-value]


def _confirmed(request: ScopedRequest, importer: Importer, draft: ImportDraft) -> HttpResponse:
    try:
        recorder = flow.carry_out(request.scope, importer, draft, request.POST.get("digest", ""))
    except RefusedError as refusal:
        return _preview(request, importer, draft, refusal.problems)
    if recorder.change_set is None:
        messages.info(request, _("Everything stood there already; nothing was changed."))
        return redirect(importer.back)
    messages.success(request, _("The import is done. You can look at every change here and undo it."))
    return redirect("changes:detail", recorder.change_set.pk)


def _preview(
    request: ScopedRequest, importer: Importer, draft: ImportDraft, problems: Sequence[Problem]
) -> HttpResponse:
    plan = flow.plan_of(request.scope, importer, draft)
    known = {(problem.code, problem.place) for problem in plan.problems}
    extra = [problem for problem in problems if (problem.code, problem.place) not in known]
    recorder = plan.recorder
    context = _context(importer) | {
        "draft": draft,
        "plan": plan,
        "problems": lines([*extra, *plan.problems]),
        "recorder": recorder,
        "created": recorder.count("created") if recorder else 0,
        "updated": recorder.count("updated") if recorder else 0,
        "deleted": recorder.count("deleted") if recorder else 0,
        "differences": readable(recorder.differences[:SHOWN]) if recorder else [],
        "hidden": max(0, len(recorder.differences) - SHOWN) if recorder else 0,
    }
    return render(
        request, "common/import_preview.html", context, status=422 if plan.refused or problems else 200
    )
