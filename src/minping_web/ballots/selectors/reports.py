"""Reads of reports, for bureau and auditor; texts stay sealed here (`services.reports` opens them)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from minping_web.ballots.models import CoercionReport, ProblemReport, ReportReading
from minping_web.ballots.rules.small import FEWEST, told_count
from minping_web.common.scope import PATH_END, Scope, within
from minping_web.places.models import HEX, Area
from minping_web.rounds.models import RoundArea, SurveyRound
from minping_web.rounds.rules.notices import Notice

PRESSURE_VIEW, PROBLEM_VIEW, HANDLE = "reports.view", "reports.problems", "reports.handle"
STATES = ("new", "seen", "passed")
MOST_NAMED = 50
"""Areas that a search by name follows; more share a name only where a single letter was typed."""


@dataclass(frozen=True)
class Filters:
    """What a list of reports can be narrowed by."""

    text: str = ""
    kind: str = ""
    state: str = ""
    urgent: bool = False


def pressures(scope: Scope, wanted: Filters = Filters()) -> QuerySet[CoercionReport]:
    """Reports of pressure, newest first."""
    rows = CoercionReport.objects.select_related("area__parent__parent")
    rows = within(rows, scope, PRESSURE_VIEW, "area__path")
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    return _narrowed(rows, wanted)


def problems(scope: Scope, wanted: Filters = Filters()) -> QuerySet[ProblemReport]:
    """Reported problems, the dangerous first."""
    rows = ProblemReport.objects.select_related("area__parent__parent")
    rows = within(rows, scope, PROBLEM_VIEW, "area__path")
    if wanted.kind:
        rows = rows.filter(field=wanted.kind)
    if wanted.urgent:
        rows = rows.filter(is_urgent=True)
    return _narrowed(rows, wanted).order_by("-is_urgent", "-day", "id")


def _narrowed(rows: QuerySet[Any], wanted: Filters) -> QuerySet[Any]:
    if wanted.text:
        rows = rows.filter(_lying_in(wanted.text))
    if wanted.state == "new":
        rows = rows.filter(seen_on=None, passed_on=None)
    elif wanted.state == "seen":
        rows = rows.exclude(seen_on=None).filter(passed_on=None)
    elif wanted.state == "passed":
        rows = rows.exclude(passed_on=None)
    return rows


def _lying_in(text: str) -> Q:
    """Everything in areas of this name or code: who looks for a street finds its communities."""
    named = Area.objects.filter(Q(name__icontains=text) | Q(code=text)).order_by("path")
    found = Q(pk__in=())
    for path in named.values_list("path", flat=True)[:MOST_NAMED]:
        found |= Q(area__path__gte=path, area__path__lt=path + PATH_END)
    return found


def pressure_for(scope: Scope, report_id: UUID) -> CoercionReport:
    """One report, else 404."""
    return get_object_or_404(pressures(scope), pk=report_id)


def problem_for(scope: Scope, report_id: UUID) -> ProblemReport:
    """One report, else 404."""
    return get_object_or_404(problems(scope), pk=report_id)


@dataclass(frozen=True)
class AskedHere:
    """A running round that asks households of a place, in so many of its areas."""

    round: SurveyRound
    areas: int


def asked_here(area: Area | None) -> list[AskedHere]:
    """Rounds that run where a report comes from, newest first."""
    if area is None:
        return []
    rows = RoundArea.objects.filter(
        area__path__gte=area.path, area__path__lt=area.path + PATH_END,
        round__state__in=(SurveyRound.State.OPEN, SurveyRound.State.STOPPED),
    )  # fmt: skip
    counts = dict(rows.order_by().values_list("round").annotate(n=Count("pk")))
    rounds = SurveyRound.objects.filter(pk__in=counts).order_by("-pk")
    return [AskedHere(one, counts[one.pk]) for one in rounds]


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
    path: str
    name: str
    reports: int


def pressed_areas(since: date) -> list[Pressed]:
    """Areas with several reports since a day, the most first: a warning for whoever leads the round."""
    rows = CoercionReport.objects.filter(day__gte=since, area__isnull=False).order_by()
    counted = rows.values("area_id", "area__path", "area__name").annotate(n=Count("pk")).filter(n__gte=FEWEST)
    return [
        Pressed(one["area_id"], one["area__path"], one["area__name"], one["n"])
        for one in counted.order_by("-n", "area_id")
    ]


def pressure_notices(round_id: int) -> list[Notice]:
    """For the live page of a round: areas around those that it asks, with several reports since it opened."""
    opened = SurveyRound.objects.filter(pk=round_id).values_list("opened_at", flat=True).first()
    if opened is None:
        return []
    rated = RoundArea.objects.filter(round_id=round_id).values_list("area__path", flat=True)
    around = {path[: at + HEX] for path in rated for at in range(0, len(path), HEX)}
    found = [one for one in pressed_areas(localdate(opened)) if one.path in around]
    said = _("%(n)s reports of pressure came from %(area)s since the round opened.")
    url = reverse("ballots:pressure_list")
    return [Notice(said % {"n": one.reports, "area": one.name}, url, PRESSURE_VIEW) for one in found]
