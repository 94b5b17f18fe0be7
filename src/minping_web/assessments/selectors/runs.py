"""Runs and results as pages see them. Before publication they are for who assesses and who audits."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from minping_web.assessments.models import BROKEN, AssessedResult, AssessmentRun
from minping_web.assessments.rules.words import OPEN, RunState
from minping_web.common.scope import Scope
from minping_web.snapshots.models import SealedSnapshot

VIEW, RUN = "assessments.view", "assessments.run"
RESULTS = "results"
PAPERS = {
    "outcomes.xlsx": _("Outcomes (XLSX)"),
    "report.xlsx": _("Report (XLSX)"),
    "bulletin.html": _("Bulletin (HTML)"),
    "fairness.html": _("Fairness report (HTML)"),
    "outcomes.html": _("Outcomes (HTML)"),
}


def runs_seen(scope: Scope) -> QuerySet[AssessmentRun]:
    """All runs, newest first; none without the right in the whole district: a run ranks everybody."""
    if not scope.may_everywhere(VIEW):
        return AssessmentRun.objects.none()
    return AssessmentRun.objects.select_related("round", "scheme", "snapshot", "asked_by", "job")


def run_of(scope: Scope, run_id: int) -> AssessmentRun:
    """One run, else 404."""
    return get_object_or_404(runs_seen(scope), pk=run_id)


def results_of(run: AssessmentRun, *, search: str = "", state: str = "") -> QuerySet[AssessedResult]:
    """Results of a run that was seen; `state` is "assessed", "not_assessed" or a grade."""
    rows = run.results.select_related("area")
    if search:
        rows = rows.filter(Q(name__icontains=search) | Q(area__name__icontains=search))
    if state in {"assessed", "not_assessed"}:
        return rows.filter(status=state)
    return rows.filter(grade=state) if state else rows


def result_of(run: AssessmentRun, result_id: int) -> AssessedResult:
    """One result of it, else 404."""
    return get_object_or_404(run.results.select_related("area", "person"), pk=result_id)


def grades_of(run: AssessmentRun) -> list[tuple[str, int]]:
    """Grades that were given, with how many have them."""
    rows = run.results.exclude(grade="").values_list("grade").annotate(n=Count("pk")).order_by("grade")
    return [(grade, n) for grade, n in rows]


def assessable(scope: Scope) -> QuerySet[SealedSnapshot]:
    """Newest snapshots of rounds with a frozen scheme and no run under way."""
    if not scope.may_everywhere(RUN):
        return SealedSnapshot.objects.none()
    busy = AssessmentRun.objects.filter(state__in=OPEN).exclude(job__state__in=BROKEN).values("round")
    rows = SealedSnapshot.objects.select_related("round__scheme")
    return rows.filter(round__scheme__isnull=False).exclude(round__in=busy).order_by("-pk")


def same_result(run: AssessmentRun) -> list[AssessmentRun]:
    """Other runs on the same snapshot and scheme that are done, oldest first."""
    rows = AssessmentRun.objects.filter(snapshot=run.snapshot_id, scheme=run.scheme_id, state=RunState.DONE)
    return list(rows.exclude(pk=run.pk).order_by("pk"))


def results_folder() -> Path:
    """Where results lie: below the data folder, beside the snapshots."""
    return Path(settings.DATA_FOLDER) / RESULTS


def folder_of(run: AssessmentRun) -> Path:
    """Where the files of a run lie."""
    return results_folder() / run.folder


def papers_of(run: AssessmentRun) -> dict[str, str | Promise]:
    """File -> title of the papers that the run made."""
    if not run.folder:
        return {}
    return {name: title for name, title in PAPERS.items() if (folder_of(run) / name).is_file()}
