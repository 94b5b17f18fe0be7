"""One's own results: the newest card first, why it is so, the card as a file, the year."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.assessments.rules.words import page_language
from minping_web.assessments.selectors.words import explanation_of, grade_names
from minping_web.common.import_flow import file_response
from minping_web.common.pages import ScopedRequest, page
from minping_web.results.exports.papers import PDF, annual_card_pdf, card_pdf
from minping_web.results.rules.blocks import blocks_of
from minping_web.results.rules.charts import trend_chart
from minping_web.results.rules.words import Stage
from minping_web.results.selectors.cards import (
    card_of,
    change_is_clear,
    means_of,
    row_of,
    scheme_of,
    themes_of,
    trend_of,
)
from minping_web.results.selectors.spans import span_of_year
from minping_web.results.selectors.visible import OWN, SeenResult, own_result, own_results


@page(OWN)
def mine(request: ScopedRequest) -> HttpResponse:
    """The newest card; a preview goes before what holds."""
    seen = own_results(request.scope)
    if not seen:
        return render(request, "results/none.html", {})
    return render(request, "results/own.html", own_context(request, seen, seen[0]))


@page(OWN)
def own(request: ScopedRequest, result_id: int) -> HttpResponse:
    """The card of another period."""
    shown = own_result(request.scope, result_id)
    seen = own_results(request.scope)
    same = next(one for one in seen if one.found.pk == shown.found.pk)
    return render(request, "results/own.html", own_context(request, seen, same))


def own_context(request: ScopedRequest, seen: list[SeenResult], shown: SeenResult) -> dict[str, Any]:
    """What the page of one result shows."""
    trend, means = trend_of(seen, shown), means_of(seen, shown)
    year = span_of_year(shown.publication) if shown.publication else None
    return {
        "rows": [(one, means.get(one.found.run_id)) for one in seen],
        "has_schemes": len({one.found.run.scheme.scheme_id for one in seen}) > 1,
        "shown": shown,
        **card_context(shown),
        "trend": trend,
        "chart": trend_chart(trend),
        "themes": themes_of(shown.found),
        "blocks": blocks_of(request.scope, shown.found.pk),
        "has_year": year is not None and shown.stage == Stage.HOLDS,
        "is_preview": shown.stage == Stage.PREVIEW,
        "is_corrected": shown.stage == Stage.CORRECTED,
        **_ways(shown),
    }


def _ways(shown: SeenResult) -> dict[str, str]:
    """Where to object, to have a person look at the automated scoring, to get a certified copy."""
    found, publication = shown.found, shown.publication
    ways = {"objections_url": reverse("objections:mine")}
    if shown.may_object:
        ways["object_url"] = reverse("objections:mine_new", args=[found.pk])
    if publication is not None and shown.stage == Stage.HOLDS:
        ways["copy_url"] = reverse("publications:copy", args=[publication.pk, found.pk])
    return ways


def card_context(shown: SeenResult) -> dict[str, Any]:
    """The card itself, as the person and the office see it."""
    found = shown.found
    return {
        "result": found,
        "run": found.run,
        "card": card_of(found),
        "row": row_of(found),
        "change_is_clear": change_is_clear(found),
        "grade": grade_names(found.run).get(found.grade, found.grade),
        "why": None if card_of(found) else explanation_of(found),
        "comments_from": scheme_of(found.run).disclosure.comments_from,
    }


@page(OWN)
def why(request: ScopedRequest, result_id: int) -> HttpResponse:
    """How the number was made, down to the sums, and how to have a person look at it (PIPL 24)."""
    shown = own_result(request.scope, result_id)
    context = {
        "shown": shown,
        "result": shown.found,
        "why": explanation_of(shown.found),
        **_ways(shown),
    }
    return render(request, "results/why.html", context)


@page(OWN)
def card_file(request: ScopedRequest, result_id: int) -> HttpResponse:
    """The card as PDF; of a result that holds, or was corrected."""
    shown = own_result(request.scope, result_id)
    content = card_pdf(shown.found, page_language()) if shown.publication else None
    if content is None:
        raise Http404
    return file_response(content, _("Report card") + f" {shown.found.run.round.period}.pdf", PDF)


@page(OWN)
def year_file(request: ScopedRequest, result_id: int) -> HttpResponse:
    """The annual card up to this period."""
    shown = own_result(request.scope, result_id)
    span = span_of_year(shown.publication) if shown.publication and shown.stage == Stage.HOLDS else None
    content = annual_card_pdf(span, shown.found.assessee_id, page_language()) if span else None
    if content is None or span is None:
        raise Http404
    return file_response(content, _("Annual card") + f" {span.year}.pdf", PDF)
