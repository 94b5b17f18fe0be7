"""A survey about organisations: which one serves each rated area, so that a ballot speaks of one (S49).

A household gives one ballot about one area. Where two organisations serve it, nobody could tell which was
meant; where none does, the ballot would be about nobody. Both keep a round from being fixed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache

from minping_engine.errors import Place, Problem
from minping_engine.terms import AssesseeKind, days_of
from minping_web.common.clock import today
from minping_web.common.scope import Scope, entered
from minping_web.frames.models import Unit
from minping_web.organisations.models import Organisation
from minping_web.organisations.selectors import serving_between
from minping_web.places.models import Area
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.rules.design import read_design
from minping_web.rounds.selectors.listing import Places

ABOUT = AssesseeKind.ORGANISATION.value
NAMED = 5


def serving_problems(scope: Scope, found: SurveyRound) -> list[Problem]:
    """Areas of the frame that no organisation serves by contract, or several do."""
    if found.subject != ABOUT:
        return []
    with entered(scope):
        used = set(Unit.objects.filter(frame=found.frame_id).order_by().values_list("area_id").distinct())
    targets = Places.at(found.level, read_design(found.design).areas).targets
    areas = Area.objects.filter(pk__in={targets[pk].area_id for (pk,) in used if pk in targets})
    return _told(found, list(areas.order_by("path")))


def _told(found: SurveyRound, areas: list[Area]) -> list[Problem]:
    names = _names(found, areas)
    lonely = [area.name for area in areas if not names.get(area.pk)]
    shared = [
        f"{area.name}（{'、'.join(names[area.pk])}）" for area in areas if len(names.get(area.pk, ())) > 1
    ]
    problems = []
    for code, listed in (("round.nobody_serves", lonely), ("round.two_serve", shared)):
        if listed:
            params: dict[str, object] = {"n": len(listed), "found": "、".join(listed[:NAMED])}
            problems.append(Problem(code, Place(key="subject"), params))
    return problems


def _names(found: SurveyRound, areas: Iterable[Area]) -> dict[int, list[str]]:
    days = days_of(found.period)
    first, last = (days[0], days[1] - timedelta(days=1)) if days else (today(), today())
    served: dict[int, list[int]] = defaultdict(list)
    for span in serving_between(areas, first, last):
        served[span.area_id].append(span.organisation_id)
    known = Organisation.objects.in_bulk({one for some in served.values() for one in some})
    return {area: [known[one].name for one in some] for area, some in served.items()}


@lru_cache(maxsize=20_000)
def organisation_rated(round_id: int, area_id: int) -> str:
    """Of whom a ballot of this area speaks; empty in rounds that are not about organisations."""
    if not _is_about_organisations(round_id):
        return ""
    found, area = SurveyRound.objects.get(pk=round_id), Area.objects.get(pk=area_id)
    return "、".join(_names(found, [area]).get(area_id, ()))


@lru_cache(maxsize=1_000)
def _is_about_organisations(round_id: int) -> bool:
    return SurveyRound.objects.filter(pk=round_id, subject=ABOUT).exists()
