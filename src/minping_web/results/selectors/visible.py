"""Which results may be seen, by whom: the assessed from the preview on, offices once published.

A run that is neither previewed nor published is shown to nobody here. Of a round one's own page shows the
newest preview beside what holds; corrected results stay (D11).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from minping_web.assessments.models import AssessedResult
from minping_web.common.clock import today
from minping_web.common.periods import period_name
from minping_web.common.scope import Scope, within
from minping_web.objections.models import Preview
from minping_web.places.models import Area
from minping_web.publications.models import Publication
from minping_web.publications.selectors.current import current_publications
from minping_web.results.rules.words import Stage

OWN, VIEW = "results.own", "results.view"
LEVELS = ("district", "street", "community")


@dataclass(frozen=True)
class SeenResult:
    """A result with the reason why it may be seen."""

    found: AssessedResult
    stage: Stage
    publication: Publication | None
    preview: Preview | None

    @property
    def period(self) -> str:
        """The period in words."""
        return period_name(self.found.run.round.period)

    @property
    def may_object(self) -> bool:
        """Whether the window is open today."""
        return self.preview is not None and self.publication is None and self.preview.is_open(today())


def own_results(scope: Scope) -> list[SeenResult]:
    """The signed-in person's results, newest period and newest run first."""
    if scope.person_id is None or not scope.reach(OWN).own:
        return []
    shown = Q(run__publication__isnull=False) | Q(run__preview__isnull=False)
    rows = AssessedResult.objects.filter(shown, person=scope.person_id).select_related(
        "area", "run__round", "run__scheme", "run__snapshot", "run__publication", "run__preview"
    )
    seen = [one for one in map(_seen, rows.order_by("-run__round__period", "-run_id")) if one is not None]
    return _without_outdated(seen)


def _seen(found: AssessedResult) -> SeenResult | None:
    publication = getattr(found.run, "publication", None)
    preview = getattr(found.run, "preview", None)
    if publication is not None:
        stage = Stage.HOLDS if publication.is_current else Stage.CORRECTED
        return SeenResult(found, stage, publication, preview)
    if preview is None or not preview.concerns(found.assessee_id):
        return None
    return SeenResult(found, Stage.PREVIEW, None, preview)


def _without_outdated(seen: list[SeenResult]) -> list[SeenResult]:
    """A preview that was overtaken by a later run of its round is not shown any more."""
    newest: dict[int, int] = {}
    for one in seen:
        newest[one.found.run.round_id] = max(newest.get(one.found.run.round_id, 0), one.found.run_id)
    return [
        one
        for one in seen
        if one.stage != Stage.PREVIEW or one.found.run_id == newest[one.found.run.round_id]
    ]


def own_result(scope: Scope, result_id: int) -> SeenResult:
    """One of them, else 404."""
    found = next((one for one in own_results(scope) if one.found.pk == result_id), None)
    if found is None:
        raise Http404
    return found


def published_with(scope: Scope, shown: SeenResult) -> list[SeenResult]:
    """Published results of the same assessee in places that the reader may see, the shown one among them."""
    found = shown.found
    same = Q(person=found.person_id) if found.person_id else Q(assessee_id=found.assessee_id, kind=found.kind)
    rows = AssessedResult.objects.filter(
        same, run__publication__superseded_at=None, run__publication__isnull=False
    ).select_related("area", "run__round", "run__scheme", "run__snapshot", "run__publication")
    seen = map(_seen, within(rows.exclude(pk=found.pk), scope, VIEW, "area__path"))
    return [shown, *(one for one in seen if one is not None)]


def publications_seen(scope: Scope) -> QuerySet[Publication]:
    """Results that hold, for whoever may see the results of some place."""
    rows = current_publications()
    return rows if scope.may(VIEW) else rows.none()


def publication_of(scope: Scope, publication_id: int) -> Publication:
    """One of them, else 404; a corrected one is found too, for links that were kept."""
    if not scope.may(VIEW):
        raise Http404
    rows = Publication.objects.select_related("run__scheme", "run__snapshot", "run__round", "round")
    return get_object_or_404(rows, pk=publication_id)


def places_seen(scope: Scope) -> QuerySet[Area]:
    """Places whose results the reader may see."""
    return within(Area.objects.filter(level__in=LEVELS), scope, VIEW, "path")


def top_places(scope: Scope) -> list[Area]:
    """The widest of them: where an office begins to read."""
    seen = list(places_seen(scope).order_by("path"))
    tops: list[Area] = []
    for place in seen:
        if not any(place.path.startswith(top.path) for top in tops):
            tops.append(place)
    return tops


def place_of(scope: Scope, area_id: int) -> Area:
    """One of them, else 404."""
    return get_object_or_404(places_seen(scope).select_related("parent"), pk=area_id)


def people_of(
    scope: Scope, publication: Publication, place: Area, *, search: str = "", state: str = ""
) -> QuerySet[AssessedResult]:
    """Who was assessed in a place, by name; `state` is `assessed`, `not_assessed` or a grade."""
    rows = publication.run.results.select_related("area", "area__parent__parent")
    if place.level != "district" or not scope.may_everywhere(VIEW):
        rows = rows.filter(area__path__startswith=place.path)
        rows = within(rows, scope, VIEW, "area__path")
    if search:
        rows = rows.filter(Q(name__icontains=search) | Q(area__name__icontains=search))
    if state in {"assessed", "not_assessed"}:
        return rows.filter(status=state)
    return rows.filter(grade=state) if state else rows


def person_result(scope: Scope, publication: Publication, result_id: int) -> AssessedResult:
    """One of them, else 404; who belongs to no place is seen with the right in the whole district."""
    rows = publication.run.results.select_related("area")
    found = get_object_or_404(within(rows, scope, VIEW, "area__path"), pk=result_id)
    found.run = publication.run
    return found
