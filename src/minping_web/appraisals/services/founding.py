"""An assessment without a survey: everybody of the registers whom the scheme is for, sealed as a round."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from minping_engine.terms import AssesseeKind, last_day
from minping_web.appraisals.selectors.evidence import EDIT
from minping_web.appraisals.selectors.roster import PEOPLE, PLACES, roster
from minping_web.appraisals.services.calls import require_everywhere
from minping_web.common.clock import today
from minping_web.common.scope import Scope
from minping_web.places.models import Area
from minping_web.rounds.models import SurveyRound
from minping_web.schemes.models import SchemeVersion
from minping_web.schemes.selectors.versions import loaded
from minping_web.snapshots.services.founding import WithoutSurvey, found_round


@dataclass(frozen=True)
class Wanted:
    """What the form asks."""

    scheme: SchemeVersion
    name: str
    period: str
    inside: Area | None
    people: Collection[str]
    bodies: Collection[str]


def begin_without_survey(scope: Scope, wanted: Wanted) -> SurveyRound:
    """Make the round; raises `RefusedError` for a period of another kind and where nobody fits."""
    require_everywhere(scope, EDIT)
    scheme = loaded(wanted.scheme, demo=True).scheme
    kind = AssesseeKind(scheme.assessee_kind)
    kinds = wanted.people if kind in PEOPLE else wanted.bodies
    day = min(last_day(wanted.period) or today(), today())
    about = WithoutSurvey(
        wanted.name.strip(), wanted.period.strip(), wanted.scheme, scheme.period.kind,
        roster(kind, kinds, wanted.inside, day), PLACES.get(kind, "district"),
    )  # fmt: skip
    return found_round(scope, about).round
