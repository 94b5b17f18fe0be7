"""Rounds that are over when they come: held elsewhere, or without a survey. Nothing of them is drawn here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from minping_web.common.clock import now
from minping_web.common.scope import Scope
from minping_web.frames.models import Frame
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.rules.design import Design
from minping_web.schemes.models import SchemeVersion


@dataclass(frozen=True)
class PastRound:
    """What is known of it."""

    name: str
    period: str
    scheme: SchemeVersion
    frame: Frame
    level: str
    subject: str
    opened_at: datetime
    ended_at: datetime
    is_pilot: bool = False
    is_taken_over: bool = False
    is_without_survey: bool = False


def make_past_round(scope: Scope, past: PastRound) -> SurveyRound:
    """A closed round, inside the transaction of the step that brings its snapshot."""
    scope.require("rounds.edit")
    return SurveyRound.objects.create(
        name=past.name, period=past.period, scheme=past.scheme, scheme_id_wanted=past.scheme.scheme_id,
        frame=past.frame, level=past.level, subject=past.subject, state=SurveyRound.State.CLOSED,
        design=Design().as_json(), opens_at=past.opened_at, closes_at=past.ended_at,
        opened_at=past.opened_at, ended_at=past.ended_at, is_pilot=past.is_pilot,
        is_taken_over=past.is_taken_over, is_without_survey=past.is_without_survey,
        made_by_id=scope.user_id, made_at=now(),
    )  # fmt: skip
