"""Previews: what the scheme says about them, which there are, who sees his result in which."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from minping_web.assessments.models import AssessedResult, AssessmentRun
from minping_web.assessments.rules.words import RunState
from minping_web.common.clock import today
from minping_web.common.scope import PATH_END, Scope, within
from minping_web.objections.models import Preview
from minping_web.objections.rules.terms import Terms, terms_from
from minping_web.organisations.models import Organisation
from minping_web.places.models import Area
from minping_web.places.rules.levels import Level
from minping_web.schemes.selectors.versions import loaded

VIEW, DECIDE = "objections.view", "objections.decide"
OWN, FILE, CHECK = "results.own", "objections.file", "objections.check"
OFFICES = (Level.STREET, Level.COMMUNITY)


def terms_of(run: AssessmentRun) -> Terms:
    """Window and review nodes of the frozen scheme of a run."""
    return terms_from(loaded(run.scheme, demo=settings.DEMO).scheme.objection)


def preview_of(run: AssessmentRun) -> Preview | None:
    """The preview of a run, whether its window is open or over."""
    return Preview.objects.select_related("run__round").filter(run=run.pk).first()


def shows_preview(result: AssessedResult) -> bool:
    """Whether the assessed may see this result now because its preview was opened."""
    found = Preview.objects.filter(run=result.run_id).first()
    return found is not None and found.concerns(result.assessee_id)


def runs_for_preview(scope: Scope) -> QuerySet[AssessmentRun]:
    """Runs that are done, newest first, for who sees every objection."""
    if not scope.may_everywhere(VIEW):
        return AssessmentRun.objects.none()
    rows = AssessmentRun.objects.filter(state=RunState.DONE)
    return rows.select_related("round", "scheme", "snapshot", "preview")


def run_for_preview(scope: Scope, run_id: int) -> AssessmentRun:
    """One of them, else 404."""
    return get_object_or_404(runs_for_preview(scope), pk=run_id)


def open_previews() -> QuerySet[Preview]:
    """Those that take objections today."""
    rows = Preview.objects.select_related("run__round", "run__scheme", "run__snapshot")
    return rows.filter(closed_at=None, ends_on__gte=today())


def previews_of_person(person_id: int | None) -> list[AssessedResult]:
    """Own results in previews, newest first; `run.preview` says whether the window is open."""
    if person_id is None:
        return []
    rows = AssessedResult.objects.filter(person=person_id, run__preview__isnull=False)
    found = rows.select_related("run__preview", "run__round", "run__scheme", "area").order_by("-run_id")
    return [one for one in found if one.run.preview.concerns(one.assessee_id)]


def own_result(scope: Scope, result_id: int) -> AssessedResult:
    """An own result in a preview, else 404."""
    if scope.may(OWN):
        for one in previews_of_person(scope.person_id):
            if one.pk == result_id:
                return one
    raise Http404


def places_of(scope: Scope, preview: Preview) -> list[Area]:
    """Places in this preview that the scope may object for, with the offices above them."""
    rows = preview.run.results.filter(area__isnull=False)
    if preview.concerned is not None:
        rows = rows.filter(assessee_id__in=preview.concerned)
    areas = Area.objects.filter(pk__in=rows.values("area"))
    above = {pk for area in areas for pk in area.ancestor_ids}
    known = Area.objects.filter(Q(pk__in=areas.values("pk")) | Q(pk__in=above, level__in=OFFICES))
    return list(within(known, scope, FILE).order_by("path"))


def bodies_of(scope: Scope, preview: Preview) -> list[Organisation]:
    """Organisations of the scope that were assessed in this preview."""
    own = Organisation.objects.filter(pk__in=scope.reach(FILE).organisations)
    assessed = preview.run.results.filter(assessee_id__in=own.values("code"))
    codes = [row.assessee_id for row in assessed if preview.concerns(row.assessee_id)]
    return list(own.filter(code__in=codes))


def result_of_place(preview: Preview, area: Area) -> AssessedResult | None:
    """The place's own result, where the round assessed places."""
    rows: Iterable[AssessedResult] = preview.run.results.filter(area=area, person=None)
    return next(iter(row for row in rows if row.assessee_id == area.code), None)


def below(path: str) -> Q:
    """Rows of an area and everything inside it, by `area__path`."""
    return Q(area__path__gte=path, area__path__lt=path + PATH_END)
