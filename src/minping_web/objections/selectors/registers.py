"""Reads of the registers of exclusions and corrections, for who sees every objection."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from minping_engine.errors import Place, Problem
from minping_web.assessments.models import AssessmentRun
from minping_web.common.problems import ProblemLine, lines
from minping_web.common.scope import Scope
from minping_web.objections.models import Correction, Exclusion, ExclusionAppeal
from minping_web.objections.selectors.cells import areas_asked, opened_newest
from minping_web.objections.selectors.interest import rounds_of_interest
from minping_web.objections.selectors.previews import VIEW
from minping_web.places.models import Area


def exclusions_seen(scope: Scope) -> QuerySet[Exclusion]:
    """The whole register, newest first, but for rounds in which one's own result is at stake."""
    rows = Exclusion.objects.select_related(
        "run__round", "area", "objection", "proposal", "proposed_by", "signed_by", "correction"
    )
    if not scope.may_everywhere(VIEW):
        return rows.none()
    return rows.exclude(run__round__in=rounds_of_interest(scope))


def exclusion_of(scope: Scope, exclusion_id: int) -> Exclusion:
    """One of it, else 404."""
    return get_object_or_404(exclusions_seen(scope), pk=exclusion_id)


def appeal_of(scope: Scope, appeal_id: int) -> ExclusionAppeal:
    """An appeal in the register, else 404."""
    rows = ExclusionAppeal.objects.select_related("exclusion__run__round", "exclusion__area")
    return get_object_or_404(rows.filter(exclusion__in=exclusions_seen(scope)), pk=appeal_id)


def correction_of(run: AssessmentRun) -> Correction | None:
    """The newest carrying out of what was granted of a run."""
    rows = Correction.objects.select_related("new_run", "snapshot", "job", "made_by")
    return rows.filter(run=run).order_by("-pk").first()


def correction_that_made(run: AssessmentRun) -> Correction | None:
    """The correction whose result this run is."""
    return Correction.objects.select_related("run").filter(new_run=run).first()


def problem_lines(correction: Correction) -> list[ProblemLine]:
    """What hindered a correction."""
    return lines(Problem(one["code"], Place(key=one["key"]), one["params"]) for one in correction.problems)


def areas_of_run(run: AssessmentRun) -> list[Area]:
    """Areas that were rated in a run's input."""
    return list(Area.objects.filter(code__in=areas_asked(opened_newest(run))).order_by("path"))
