"""A round while it is a draft: made, edited, deleted. Nothing of it is promised to anybody yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import ProtectedError

from minping_engine.errors import Place, Problem
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.frames.models import Frame
from minping_web.rounds.models import RoundInstrument, SurveyRound
from minping_web.rounds.rules.design import AUDIENCES, Design, design_problems, read_design
from minping_web.rounds.selectors.rounds import locked_round

EDIT = "rounds.edit"
LONGEST_DAYS = 120
"""An open round is a live root: tokens work and keys exist. Longer ones are a mistake."""


@dataclass(frozen=True)
class Basics:
    """What the first page of a round asks."""

    name: str
    period: str
    scheme_id: str
    frame: Frame
    level: str
    subject: str
    opens_at: datetime
    closes_at: datetime
    is_pilot: bool = False


def require_everywhere(scope: Scope, permission: str) -> None:
    """Rounds span the district: a right somewhere is no right here."""
    if not scope.may_everywhere(permission):
        raise PermissionDenied(permission)


@transaction.atomic
def make_round(scope: Scope, basics: Basics) -> SurveyRound:
    """A draft with the usual design and the last round's questionnaires."""
    require_everywhere(scope, EDIT)
    _refuse(_faults(basics))
    made = SurveyRound(made_by_id=scope.user_id, made_at=now(), design=Design().as_json())
    _fill(made, basics)
    made.save()
    _take_over_questionnaires(made)
    return made


@transaction.atomic
def edit_round(scope: Scope, round_id: int, basics: Basics) -> SurveyRound:
    """Change the basics of a draft."""
    found = draft(scope, round_id)
    _refuse(_faults(basics))
    _fill(found, basics)
    return _saved(found)


def _fill(survey_round: SurveyRound, basics: Basics) -> None:
    survey_round.name, survey_round.period = basics.name.strip(), basics.period.strip()
    survey_round.scheme_id_wanted, survey_round.frame = basics.scheme_id, basics.frame
    survey_round.level, survey_round.subject = basics.level, basics.subject
    survey_round.opens_at, survey_round.closes_at = basics.opens_at, basics.closes_at
    survey_round.is_pilot = basics.is_pilot


def _faults(basics: Basics) -> list[Problem]:
    found = []
    if basics.closes_at <= basics.opens_at:
        found.append(Problem("round.closes_before_opening", Place(key="closes_at")))
    elif (basics.closes_at - basics.opens_at).days > LONGEST_DAYS:
        found.append(Problem("round.too_long", Place(key="closes_at"), {"days": LONGEST_DAYS}))
    if basics.frame.state not in (Frame.State.DRAFT, Frame.State.SEALING, Frame.State.SEALED):
        found.append(Problem("round.frame_not_usable", Place(key="frame")))
    return found


def _take_over_questionnaires(made: SurveyRound) -> None:
    last = SurveyRound.objects.exclude(pk=made.pk).filter(scheme_id_wanted=made.scheme_id_wanted).first()
    if last:
        for row in RoundInstrument.objects.filter(round=last):
            RoundInstrument.objects.create(round=made, audience=row.audience, version_id=row.version_id)


@transaction.atomic
def set_questionnaires(scope: Scope, round_id: int, versions: Mapping[str, int | None]) -> SurveyRound:
    """Audience -> version; None takes the audience's questionnaire away."""
    found = draft(scope, round_id)
    RoundInstrument.objects.filter(round=found).delete()
    RoundInstrument.objects.bulk_create(
        RoundInstrument(round=found, audience=audience, version_id=version)
        for audience, version in versions.items()
        if version and audience in AUDIENCES
    )
    return _saved(found)


@transaction.atomic
def set_design(scope: Scope, round_id: int, design: Design) -> SurveyRound:
    """Save a design that does not contradict itself; all problems at once."""
    found = draft(scope, round_id)
    _refuse(design_problems(design))
    found.design = design.as_json()
    return _saved(found)


@transaction.atomic
def set_seed(scope: Scope, round_id: int, **named: Any) -> SurveyRound:
    """What will be named: `seed_source`, `seed_on`, `seed_form`, `seed_fallback`, `seed_fallback_form`."""
    found = draft(scope, round_id)
    for name, value in named.items():
        setattr(found, name, value)
    return _saved(found)


@transaction.atomic
def delete_draft(scope: Scope, round_id: int) -> None:
    """A draft leaves no trace; what was fixed, or has keys already, can only be cancelled."""
    found = draft(scope, round_id)
    try:
        found.delete()
    except ProtectedError:
        raise RefusedError.of("round.not_draft") from None


def draft(scope: Scope, round_id: int) -> SurveyRound:
    """The draft, locked. Raises `RefusedError` for a round that is fixed."""
    require_everywhere(scope, EDIT)
    found = locked_round(round_id)
    if found.state != SurveyRound.State.DRAFT:
        raise RefusedError.of("round.not_draft")
    return found


def design_of(survey_round: SurveyRound) -> Design:
    """The design as it was saved."""
    return read_design(survey_round.design)


def _saved(found: SurveyRound) -> SurveyRound:
    found.version += 1
    found.save()
    return found


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise RefusedError(problems)
