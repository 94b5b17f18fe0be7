"""Open links: which round a code stands for, what may be answered there, how many did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from minping_web.ballots.models import OpenBallot, OpenLink
from minping_web.common.clock import now
from minping_web.common.scope import Scope
from minping_web.rounds.models import RoundArea, RoundInstrument, SurveyRound

VIEW, EDIT = "rounds.view", "open_link.edit"


@dataclass(frozen=True)
class Asked:
    """One questionnaire of a round and for whom it is."""

    audience: str
    sha256: str


def link_of(code: str) -> OpenLink | None:
    """The link with this code, its round beside it."""
    if not code or len(code) > 8 or not code.isalnum():
        return None
    return OpenLink.objects.select_related("round").filter(code=code.upper()).first()


def state_of(link: OpenLink) -> str:
    """Why nothing can be answered there now: early, stopped, ended; empty when it can."""
    found, moment = link.round, now()
    if found.state == SurveyRound.State.STOPPED:
        return "stopped"
    if found.state == SurveyRound.State.OPEN and moment < found.opens_at:
        return "early"
    is_on = link.is_open and found.state == SurveyRound.State.OPEN and moment <= found.closes_at
    return "" if is_on else "ended"


def questionnaires(round_id: int) -> Sequence[Asked]:
    """Frozen questionnaires by audience, in the order in which they were chosen."""
    rows = RoundInstrument.objects.filter(round_id=round_id).exclude(version__sha256="").order_by("pk")
    return [Asked(row.audience, row.version.sha256) for row in rows.select_related("version")]


def rated_areas(round_id: int) -> frozenset[int]:
    """Areas that may be rated."""
    rows = RoundArea.objects.filter(round_id=round_id, stopped=False, voided=False)
    return frozenset(rows.values_list("area_id", flat=True))


def links(scope: Scope) -> QuerySet[SurveyRound]:
    """Rounds that are open, or have a link, newest first."""
    scope.require(VIEW)
    linked = OpenLink.objects.values("round")
    running = SurveyRound.objects.filter(state__in=(SurveyRound.State.OPEN, SurveyRound.State.STOPPED))
    return (running | SurveyRound.objects.filter(pk__in=linked)).order_by("-pk")


def linked_round(scope: Scope, round_id: int) -> tuple[SurveyRound, OpenLink | None]:
    """A round with its link, else 404."""
    found = get_object_or_404(links(scope), pk=round_id)
    return found, OpenLink.objects.filter(round=found).first()


def answered(round_id: int) -> int:
    """How many answered by the open link."""
    return OpenBallot.objects.filter(round_id=round_id).count()
