"""Results of places for their offices: published rounds, one place, its people, papers."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from minping_web.assessments.rules.words import page_language
from minping_web.assessments.selectors.runs import folder_of
from minping_web.assessments.selectors.words import grade_names
from minping_web.common.edit_pages import asked, paged
from minping_web.common.import_flow import export_response, file_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.periods import period_name
from minping_web.places.models import Area
from minping_web.publications.models import Publication
from minping_web.results.exports.papers import PDF, WORD, card_pdf, place_report_docx
from minping_web.results.exports.tables import PEOPLE, people_rows
from minping_web.results.rules.blocks import blocks_of
from minping_web.results.rules.charts import BarChart, bars_of, laid_out, trend_chart
from minping_web.results.rules.words import Stage
from minping_web.results.selectors.cards import themes_of, trend_of
from minping_web.results.selectors.places import dressed, report_of
from minping_web.results.selectors.visible import (
    VIEW,
    SeenResult,
    people_of,
    person_result,
    place_of,
    places_seen,
    publication_of,
    publications_seen,
    published_with,
    top_places,
)
from minping_web.results.services.handing_out import note_handed_out
from minping_web.results.views.own import card_context

WORKBOOKS = ("report.xlsx", "outcomes.xlsx")


@page(VIEW)
def result_list(request: ScopedRequest) -> HttpResponse:
    """Published rounds, newest period first, each with the places to begin at."""
    found = publications_seen(request.scope)
    if search := asked(request, "search", 80):
        found = found.filter(round__name__icontains=search)
    page_obj = paged(request, found)
    for one in page_obj.object_list:
        one.period = period_name(one.round.period)
    context = {
        "page_obj": page_obj,
        "search": search,
        "places": top_places(request.scope),
        "may_all": request.scope.may_everywhere(VIEW),
    }
    return render(request, "results/list.html", context)


@page(VIEW)
def place_page(request: ScopedRequest, publication_id: int, area_id: int) -> HttpResponse:
    """One place: what the comprehensive report says."""
    publication, place = _asked_for(request, publication_id, area_id)
    report = report_of(publication, place)
    context = {
        **_frame(request, publication, place),
        "report": report,
        "charts": _charts(report),
        "chapters": [(one, laid_out(one.blocks)) for one in report.chapters] if report else [],
        "below": places_seen(request.scope).filter(parent=place).order_by("code"),
        "workbooks": _workbooks(request, publication),
    }
    return render(request, "results/place.html", context)


def _charts(report: Any) -> dict[str, BarChart]:
    """Pictures of the report by title."""
    blocks = [block for chapter in report.chapters for block in chapter.blocks] if report else []
    return {chart.title: chart for chart in bars_of(blocks)}


def _asked_for(request: ScopedRequest, publication_id: int, area_id: int) -> tuple[Publication, Area]:
    return publication_of(request.scope, publication_id), place_of(request.scope, area_id)


def _frame(request: ScopedRequest, publication: Publication, place: Area) -> dict[str, Any]:
    """What both pages of a place share: where one is, and the way to other periods."""
    others = list(
        publications_seen(request.scope).filter(run__scheme__scheme_id=publication.run.scheme.scheme_id)
    )
    for one in others:
        one.period = period_name(one.round.period)  # type: ignore[attr-defined]
    seen = set(places_seen(request.scope).values_list("pk", flat=True))
    return {
        "publication": publication,
        "run": publication.run,
        "place": place,
        "above": [one for one in place.around if one.pk in seen and one.pk != place.pk],
        "others": others,
        "period": period_name(publication.round.period),
        "n_people": people_of(request.scope, publication, place).count(),
    }


def _workbooks(request: ScopedRequest, publication: Publication) -> list[str]:
    """Workbooks hold the whole district: only who may see all of it takes them."""
    if not request.scope.may_everywhere(VIEW):
        return []
    return [name for name in WORKBOOKS if (folder_of(publication.run) / name).is_file()]


@page(VIEW)
def people_page(request: ScopedRequest, publication_id: int, area_id: int) -> HttpResponse:
    """Who was assessed in a place, by name."""
    publication, place = _asked_for(request, publication_id, area_id)
    state, search = asked(request, "state", 40), asked(request, "search", 80)
    found = people_of(request.scope, publication, place, search=search, state=state)
    grades = grade_names(publication.run)
    if wants_export(request):
        rows = dressed(publication, list(found))
        note_handed_out(request.scope, publication, f"people-{place.code}", rows=len(rows))
        return export_response(request, PEOPLE, people_rows(rows, grades))
    page_obj = paged(request, found)
    page_obj.object_list = dressed(publication, list(page_obj.object_list))
    for one in page_obj.object_list:
        one.grade_name = grades.get(one.grade, one.grade)  # type: ignore[attr-defined]
    context = {
        **_frame(request, publication, place),
        "page_obj": page_obj,
        "state": state,
        "search": search,
        "grades": grades.items(),
    }
    return render(request, "results/people.html", context)


@page(VIEW)
def person_page(request: ScopedRequest, publication_id: int, result_id: int) -> HttpResponse:
    """The card of one assessee for the office."""
    publication = publication_of(request.scope, publication_id)
    found = person_result(request.scope, publication, result_id)
    stage = Stage.HOLDS if publication.is_current else Stage.CORRECTED
    shown = SeenResult(found, stage, publication, None)
    trend = trend_of(published_with(request.scope, shown), shown)
    context = {
        "publication": publication,
        "shown": shown,
        "trend": trend,
        "chart": trend_chart(trend),
        **card_context(shown),
        "themes": themes_of(found),
        "blocks": blocks_of(request.scope, found.pk),
        "is_corrected": stage == Stage.CORRECTED,
    }
    return render(request, "results/person.html", context)


@page(VIEW)
def person_file(request: ScopedRequest, publication_id: int, result_id: int) -> HttpResponse:
    """The card of one assessee as PDF; who takes it is entered into the ledger."""
    publication = publication_of(request.scope, publication_id)
    found = person_result(request.scope, publication, result_id)
    content = card_pdf(found, page_language())
    if content is None:
        raise Http404
    note_handed_out(request.scope, publication, f"card-{found.pk}", rows=1)
    return file_response(content, _("Report card") + f" {found.name} {publication.round.period}.pdf", PDF)


@page(VIEW)
def place_file(request: ScopedRequest, publication_id: int, area_id: int) -> HttpResponse:
    """The comprehensive report of a place as Word."""
    publication, place = _asked_for(request, publication_id, area_id)
    report = report_of(publication, place)
    if report is None:
        raise Http404
    name = _("Comprehensive report") + f" {place.name} {publication.round.period}.docx"
    return file_response(place_report_docx(report), name, WORD)


@page(VIEW)
def workbook(request: ScopedRequest, publication_id: int, name: str) -> HttpResponseBase:
    """A workbook of the whole district; who takes it is entered into the ledger."""
    publication = publication_of(request.scope, publication_id)
    if name not in _workbooks(request, publication):
        raise Http404
    note_handed_out(request.scope, publication, name, rows=publication.run.results.count())
    file = (folder_of(publication.run) / name).open("rb")
    return FileResponse(file, as_attachment=True, filename=f"{publication.round.period}-{name}")
