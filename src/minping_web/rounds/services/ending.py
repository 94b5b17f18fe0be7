"""The end of a round as closing tells it: called by the apps above, inside their transaction."""

from __future__ import annotations

from minping_web.common.clock import now
from minping_web.rounds.models import SurveyRound


def mark_closing(survey_round: SurveyRound) -> None:
    """No more votes; the caller holds the row and the round's lock alone."""
    survey_round.state, survey_round.ended_at = SurveyRound.State.CLOSING, survey_round.ended_at or now()
    survey_round.save(update_fields=["state", "ended_at"])


def mark_closed(round_id: int) -> None:
    """Counted and logged; running it again changes nothing."""
    rows = SurveyRound.objects.filter(pk=round_id, state=SurveyRound.State.CLOSING)
    rows.update(state=SurveyRound.State.CLOSED)
