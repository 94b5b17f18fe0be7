"""Reads of reports, for bureau and auditor; texts stay sealed here (`services.reports` opens them)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from minping_web.ballots.models import CoercionReport, ProblemReport, ReportReading
from minping_web.ballots.rules.small import FEWEST, told_count
from minping_web.common.scope import Scope, within
from minping_web.rounds.models import RoundArea, SurveyRound
from minping_web.rounds.rules.notices import Notice

PRESSURE_VIEW, PROBLEM_VIEW, HANDLE = "reports.view", "reports.problems", "reports.handle"
STATES = ("new", "seen", "passed")


@dataclass(frozen=True)
class Filters:
    """What a list of reports can be narrowed by."""

    text: str = ""
    kind: str = ""
    state: str = ""
    urgent: bool = False


def pressures(scope: Scope, wanted: Filters = Filters()) -> QuerySet[CoercionReport]:
    """Reports of pressure, newest first."""
    rows = within(CoercionReport.objects.select_related("area__parent"), scope, PRESSURE_VIEW, "area__path")
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    return _narrowed(rows, wanted)


def problems(scope: Scope, wanted: Filters = Filters()) -> QuerySet[ProblemReport]:
    """Reported problems, the dangerous first."""
    rows = within(ProblemReport.objects.select_related("area__parent"), scope, PROBLEM_VIEW, "area__path")
    if wanted.kind:
        rows = rows.filter(field=wanted.kind)
    if wanted.urgent:
        rows = rows.filter(is_urgent=True)
    return _narrowed(rows, wanted).order_by("-is_urgent", "-day", "id")


def _narrowed(rows: QuerySet[Any], wanted: Filters) -> QuerySet[Any]:
    if wanted.text:
        rows = rows.filter(area__name__icontains=wanted.text) | rows.filter(area__code=wanted.text)
    if wanted.state == "new":
        rows = rows.filter(seen_on=None, passed_on=None)
    elif wanted.state == "seen":
        rows = rows.exclude(seen_on=None).filter(passed_on=None)
    elif wanted.state == "passed":
        rows = rows.exclude(passed_on=None)
    return rows


def pressure_for(scope: Scope, report_id: UUID) -> CoercionReport:
    """One report, else 404."""
    return get_object_or_404(pressures(scope), pk=report_id)


def problem_for(scope: Scope, report_id: UUID) -> ProblemReport:
    """One report, else 404."""
    return get_object_or_404(problems(scope), pk=report_id)


def readings(report_id: UUID) -> Sequence[ReportReading]:
    """Who opened or marked a report; the caller may see the report."""
    return list(ReportReading.objects.filter(report=report_id)[:100])


def counted_by_area(rows: QuerySet[Any]) -> list[dict[str, object]]:
    """Counts per area as they may leave the office: one or two are not told apart."""
    found = rows.order_by().values("area__code", "area__name").annotate(n=Count("pk")).order_by("area__code")
    return [
        {"code": one["area__code"] or "", "name": one["area__name"] or "", "reports": told_count(one["n"])}
        for one in found
    ]


@dataclass(frozen=True)
class Pressed:
    """An area from which several reports of pressure came."""

    area_id: int
    name: str
    reports: int


def pressed_areas(since: date) -> list[Pressed]:
    """Areas with several reports since a day, the most first: a warning for whoever leads the round."""
    rows = CoercionReport.objects.filter(day__gte=since, area__isnull=False).order_by()
    found = rows.values("area_id", "area__name").annotate(n=Count("pk")).filter(n__gte=FEWEST)
    return [Pressed(one["area_id"], one["area__name"], one["n"]) for one in found.order_by("-n", "area_id")]


def pressure_notices(round_id: int) -> list[Notice]:
    """For the live page of a round: its areas from which several reports came since it opened."""
    opened = SurveyRound.objects.filter(pk=round_id).values_list("opened_at", flat=True).first()
    if opened is None:
        return []
    rated = set(RoundArea.objects.filter(round_id=round_id).values_list("area_id", flat=True))
    found = [one for one in pressed_areas(localdate(opened)) if one.area_id in rated]
    said = _("%(n)s reports of pressure came from %(area)s since the round opened.")
    url = reverse("ballots:pressure_list")
    return [Notice(said % {"n": one.reports, "area": one.name}, url, PRESSURE_VIEW) for one in found]
