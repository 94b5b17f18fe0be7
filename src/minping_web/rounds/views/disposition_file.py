"""What fieldwork found, from a file: upload, preview with all problems or all counts, then a reason."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from minping_engine.errors import MinpingError, Problem, Severity
from minping_web.common import import_flow as flow
from minping_web.common.models import ImportDraft
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import lines
from minping_web.common.tabular import template_xlsx
from minping_web.common.uploads import MOST_BYTES
from minping_web.rounds.forms import DispositionReasonForm
from minping_web.rounds.imports import DISPOSITIONS, MOST_ROWS, importer_of, lines_of, preview_of
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.selectors.rounds import round_of
from minping_web.rounds.services.fieldwork import INVITE, VOTING, Preview, enter_dispositions
from minping_web.rounds.views.rounds import may
from minping_web.rounds.views.wizard import not_now


@page(INVITE, methods=("GET", "POST"))
def form_page(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Choose a file."""
    found = round_of(request.scope, round_id)
    importer = importer_of(found.pk)
    if early := not_now(request, found, str(importer.title), VOTING):
        return early
    problems: list[Problem] = []
    if request.method == "POST":
        upload = request.FILES.get("file")
        try:
            file = upload if isinstance(upload, UploadedFile) else None
            draft = flow.keep_draft(request.scope, importer, file)
        except MinpingError as refusal:
            problems = list(refusal.problems)
        else:
            return redirect("rounds:file_draft", found.pk, draft.pk)
    context = _context(found) | {
        "columns": flow.notes_of(DISPOSITIONS), "problems": lines(problems), "may": may(request),
    }  # fmt: skip
    return render(request, "rounds/disposition_file.html", context, status=422 if problems else 200)


def _context(found: SurveyRound) -> dict[str, Any]:
    return {
        "round": found, "importer": importer_of(found.pk),
        "form_url": reverse("rounds:file", args=[found.pk]),
        "template_url": reverse("rounds:file_template", args=[found.pk]),
        "back_url": reverse("rounds:dispositions", args=[found.pk]), "suffixes": ",".join(flow.SUFFIXES),
        "most_rows": MOST_ROWS, "most_megabytes": MOST_BYTES // 10**6,
    }  # fmt: skip


@page(INVITE)
def template_page(request: ScopedRequest, round_id: int) -> HttpResponse:
    """An empty table to fill in."""
    round_of(request.scope, round_id)
    language = flow.page_language()
    name = DISPOSITIONS.title(language) + ("-template" if language == "en" else "导入模板")
    return flow.file_response(template_xlsx(DISPOSITIONS, language), f"{name}.xlsx", flow.XLSX_TYPE)


@page(INVITE, methods=("GET", "POST"))
def draft_page(request: ScopedRequest, round_id: int, draft_id: int) -> HttpResponse:
    """The preview; entering it with a reason drops the file."""
    found = round_of(request.scope, round_id)
    draft = flow.draft_of(request.scope, importer_of(found.pk), draft_id)
    if "discard" in request.POST:
        draft.delete()
        messages.info(request, _("The file was discarded; nothing was entered."))
        return redirect("rounds:dispositions", found.pk)
    form = DispositionReasonForm(request.POST or None)
    table = flow.table_of(draft, DISPOSITIONS, MOST_ROWS)
    if form.is_bound and form.is_valid() and not table.refused:
        try:
            entered = enter_dispositions(
                request.scope, found.pk, lines_of(table), reason=form.cleaned_data["reason"]
            )
        except MinpingError as refusal:  # of what was previewed, for households may be invited meanwhile
            return _shown(request, found, draft, form, (Preview(), list(refusal.problems)))
        draft.delete()
        messages.success(
            request, ngettext("Entered: %(n)s household.", "Entered: %(n)s households.", entered)
            % {"n": entered}
        )  # fmt: skip
        return redirect("rounds:live", found.pk)
    return _shown(request, found, draft, form, preview_of(request.scope, found.pk, table))


def _shown(
    request: ScopedRequest, found: SurveyRound, draft: ImportDraft, form: DispositionReasonForm,
    previewed: tuple[Preview, list[Problem]],
) -> HttpResponse:  # fmt: skip
    plan, problems = previewed
    refused = any(problem.severity is Severity.ERROR for problem in problems)
    context = _context(found) | {
        "draft": draft, "plan": plan, "form": form, "refused": refused, "problems": lines(problems),
        "may": may(request),
    }  # fmt: skip
    status = 422 if refused or form.is_bound else 200
    return render(request, "rounds/disposition_preview.html", context, status=status)
