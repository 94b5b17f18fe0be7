"""Reports of years and half-years over the periods that were published."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from minping_web.assessments.rules.words import page_language
from minping_web.common.edit_pages import paged
from minping_web.common.import_flow import file_response
from minping_web.common.pages import ScopedRequest, page
from minping_web.results.exports.papers import PDF, period_report_pdf
from minping_web.results.selectors.spans import spans_seen
from minping_web.results.selectors.visible import VIEW


@page(VIEW)
def span_list(request: ScopedRequest) -> HttpResponse:
    """All years and half-years with published periods."""
    return render(request, "results/spans.html", {"page_obj": paged(request, spans_seen(request.scope))})


@page(VIEW)
def span_file(request: ScopedRequest, publication_id: int, name: str) -> HttpResponse:
    """The report that ends with this publication."""
    wanted = (publication_id, name)
    found = next((one for one in spans_seen(request.scope) if (one.last.pk, one.name) == wanted), None)
    content = period_report_pdf(found, page_language()) if found else None
    if content is None:
        raise Http404
    return file_response(content, _("Report") + f" {name}.pdf", PDF)
