"""Rounds as pages see them: the list, one round, what it is made of. Rounds span the district."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from minping_web.common.models import Proposal
from minping_web.common.scope import Scope
from minping_web.rounds.models import Accident, RoundInstrument, SurveyRound, TokenBatch

VIEW = "rounds.view"


def rounds_seen(scope: Scope) -> QuerySet[SurveyRound]:
    """All rounds, newest period first; none without the right everywhere: a sample is nobody's own."""
    if not scope.may_everywhere(VIEW):
        return SurveyRound.objects.none()
    asking = SurveyRound.objects.filter(is_without_survey=False)
    return asking.select_related("frame", "scheme", "made_by", "job").order_by("-period", "-pk")


def round_of(scope: Scope, round_id: int) -> SurveyRound:
    """One round, else 404."""
    return get_object_or_404(rounds_seen(scope), pk=round_id)


def waiting_fix(survey_round: SurveyRound) -> Proposal | None:
    """The proposal to fix this round that waits for a second person."""
    rows = Proposal.objects.filter(kind="rounds.fix", state=Proposal.State.OPEN)
    return rows.filter(payload__round=survey_round.pk).order_by("-pk").first()


def decided(survey_round: SurveyRound, kind: str) -> Proposal | None:
    """The proposal of a kind that was carried out for this round: who proposed it, who approved."""
    rows = Proposal.objects.filter(kind=kind, state=Proposal.State.EXECUTED, payload__round=survey_round.pk)
    return rows.select_related("proposer", "decider").order_by("-pk").first()


def round_owning(owner: str) -> SurveyRound | None:
    """The round that `channels` knows by this short text."""
    number = owner.removeprefix("round-")
    return SurveyRound.objects.filter(pk=int(number)).first() if number.isdigit() else None


def locked_round(round_id: int) -> SurveyRound:
    """The row, held until the transaction ends; for services that checked the right."""
    rows = SurveyRound.objects.select_for_update(of=("self",)).select_related("frame", "job")
    return get_object_or_404(rows, pk=round_id)


def questionnaires_of(survey_round: SurveyRound) -> dict[str, RoundInstrument]:
    """Audience -> its questionnaire."""
    rows = RoundInstrument.objects.filter(round=survey_round).select_related("version__instrument")
    return {row.audience: row for row in rows}


def batches_of(survey_round: SurveyRound) -> QuerySet[TokenBatch]:
    """Sendings and print runs, newest first."""
    return TokenBatch.objects.filter(round=survey_round).select_related("made_by")


def accidents_of(survey_round: SurveyRound) -> QuerySet[Accident]:
    """What was done out of the ordinary, newest first."""
    return Accident.objects.filter(round=survey_round).select_related("by", "area", "batch")
