"""The list of questionnaires, one version, the difference between two."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import lines
from minping_web.instruments import exports
from minping_web.instruments.forms import ListForm
from minping_web.instruments.rules.comparing import changes
from minping_web.instruments.rules.lint import burden_seconds, has_errors, lint, readable
from minping_web.instruments.selectors import (
    EDIT,
    VIEW,
    instruments,
    neighbours,
    version_of,
    versions,
)
from minping_web.instruments.selectors.sources import scheme_findings
from minping_web.instruments.views.words import with_places

ROWS = 50


@page(VIEW)
def instrument_list(request: ScopedRequest) -> HttpResponse:
    """All questionnaires with their versions."""
    form = ListForm(request.GET or None)
    chosen = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    rows = instruments(request.scope, **chosen)
    if wants_export(request):
        wanted = versions(request.scope).filter(instrument__in=rows.order_by().values("pk"))
        return export_response(request, exports.VERSIONS, exports.version_rows(wanted))
    shown = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    by_instrument: dict[int, list[object]] = {row.pk: [] for row in shown}
    for version in versions(request.scope).filter(instrument_id__in=by_instrument).order_by("-pk"):
        by_instrument[version.instrument_id].append(version)
    context = {
        "form": form,
        "page_obj": shown,
        "rows": [(row, by_instrument[row.pk]) for row in shown],
        "may_edit": request.scope.may_everywhere(EDIT),
    }
    return render(request, "instruments/list.html", context)


@page(VIEW)
def version_page(request: ScopedRequest, version_id: int) -> HttpResponse:
    """One version as the resident sees it, with what the linter says."""
    version = version_of(request.scope, version_id)
    found = [*lint(version.content), *scheme_findings(version)]
    context = {
        "version": version,
        "others": [one for one in neighbours(request.scope, version) if one.pk != version.pk],
        "questionnaire": readable(version.content),
        "findings": lines(with_places(found)),
        "has_errors": has_errors(found),
        "seconds": burden_seconds(version.content),
        "may_edit": request.scope.may_everywhere(EDIT),
        "language": _language(request),
    }
    return render(request, "instruments/version.html", context)


@page(VIEW)
def compare(request: ScopedRequest, version_id: int) -> HttpResponse:
    """What changed from another version of the questionnaire to this one."""
    version = version_of(request.scope, version_id)
    others = [one for one in neighbours(request.scope, version) if one.pk != version.pk]
    wanted = request.GET.get("with", "")
    other = next((one for one in others if str(one.pk) == wanted), None)
    if other is None:
        earlier = [one for one in others if one.pk < version.pk]
        other = earlier[0] if earlier else (others[0] if others else None)
    context = {
        "version": version,
        "others": others,
        "other": other,
        "changes": changes(other.content, version.content) if other else [],
    }
    return render(request, "instruments/compare.html", context)


def _language(request: ScopedRequest) -> str:
    """The language of the shown questionnaire: that of the page unless another is asked for."""
    return "en" if request.GET.get("language", request.LANGUAGE_CODE).startswith("en") else "zh-hans"
