"""What a round was, as the sources of the snapshot's tables need it: areas, days, questionnaires, cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.utils import timezone

from minping_engine.terms import days_of, period_kind
from minping_web.instruments.models import InstrumentVersion
from minping_web.instruments.rules.questionnaire import HELP_VARIABLE, Questionnaire, questionnaire_of
from minping_web.places.models import Area
from minping_web.rounds.models import Invitation, RoundArea, RoundStratum, SurveyRound
from minping_web.schemes.selectors.versions import loaded
from minping_web.snapshots.rules.cells import HELP_LABELS, Labels, Variable, frame_variables

USUAL_LEAST = 5
"""Fewest ballots of a released cell where a round has no frozen scheme that names another number."""


@dataclass(frozen=True)
class RoundFacts:
    """A closed round. Targets are numbered from 0 in the order of their areas' codes."""

    round: SurveyRound
    areas: tuple[Area, ...]
    voided: frozenset[int]
    """Areas that are asked again in another round: their ballots are set aside."""
    questionnaires: Mapping[str, Questionnaire]
    frame_variables: tuple[Variable, ...]
    least: int = USUAL_LEAST
    target_of: Mapping[int, int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "target_of", {area.pk: at for at, area in enumerate(self.areas)})

    @cached_property
    def days(self) -> tuple[date, date]:
        """First and last day of the assessed period; of the round where the period's name tells none."""
        named = days_of(self.round.period)
        if named is not None:
            return named[0], date.fromordinal(named[1].toordinal() - 1)
        opened, ended = (
            self.round.opened_at or self.round.opens_at,
            self.round.ended_at or self.round.closes_at,
        )
        return timezone.localdate(opened), timezone.localdate(ended)

    @property
    def period_kind(self) -> str:
        """As `snapshot.json` names it."""
        return period_kind(self.round.period).value

    @cached_property
    def about_variables(self) -> tuple[Variable, ...]:
        """What residents tell about themselves, over all questionnaires, and how the form was filled in."""
        levels: dict[str, dict[int, Labels]] = {}
        for questionnaire in self.questionnaires.values():
            for one in questionnaire.about:
                known = levels.setdefault(one.variable, {})
                known |= {level: (words.zh, words.en or words.zh) for level, words in one.levels}
        made = [Variable(name, "ballot", _filled(known)) for name, known in sorted(levels.items())]
        return (*made, Variable(HELP_VARIABLE, "ballot", HELP_LABELS))


def _filled(known: dict[int, Labels]) -> tuple[Labels, ...]:
    return tuple(known.get(n, (f"第{n}级", f"level {n}")) for n in range(max(known) + 1))


def facts_of(round_id: int) -> RoundFacts:
    """Read the facts of a round."""
    found = SurveyRound.objects.select_related("scheme").get(pk=round_id)
    rows = RoundArea.objects.filter(round=found).select_related("area").order_by("area__code")
    cells = set(RoundStratum.objects.filter(round=found).values_list("frame_cell", flat=True).distinct())
    cells |= set(Invitation.objects.filter(round=found).values_list("frame_cell", flat=True).distinct())
    return RoundFacts(
        round=found,
        areas=tuple(row.area for row in rows),
        voided=frozenset(row.area_id for row in rows if row.voided),
        questionnaires=_questionnaires(found),
        frame_variables=frame_variables(sorted(cells)),
        least=_least(found),
    )


def _questionnaires(found: SurveyRound) -> dict[str, Questionnaire]:
    versions = InstrumentVersion.objects.filter(pk__in=found.instruments.values("version"))
    read = [questionnaire_of(version.content) for version in versions]
    return {one.key: one for one in read}


def _least(found: SurveyRound) -> int:
    if found.scheme is None:
        return USUAL_LEAST
    return loaded(found.scheme, demo=True).disclosure.released_cell_from
