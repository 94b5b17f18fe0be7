"""What the forecast counts: units of a sealed frame by area and stratum, kept while the process lives.

A sealed frame changes by forgotten units only, so its counts are taken once an hour; a form that recalculates
while somebody types must not read a large frame at every stroke.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from minping_web.common.clock import now
from minping_web.common.scope import Scope
from minping_web.frames.models import Frame
from minping_web.places.models import Area
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.rules.design import Design
from minping_web.rounds.rules.forecast import AreaForecast
from minping_web.rounds.selectors.listing import Counted, counted_units, eligible_by_stratum


def eligible_cached(
    scope: Scope, survey_round: SurveyRound, design: Design
) -> Mapping[int, Mapping[str, int]]:
    """As `eligible_by_stratum`; what the database shows depends on the communities of the scope."""
    frame = survey_round.frame
    if frame.state != Frame.State.SEALED:
        return eligible_by_stratum(survey_round, design)
    hour = int(now().timestamp()) // 3600
    return eligible_by_stratum(survey_round, design, _counted(frame.pk, scope.communities, hour))


@lru_cache(maxsize=8)
def _counted(frame_id: int, communities: tuple[int, ...], hour: int) -> Sequence[Counted]:
    return counted_units(frame_id)


def named(lines: Sequence[AreaForecast]) -> list[AreaForecast]:
    """With the names of the areas."""
    rows = Area.objects.filter(pk__in=[line.area_id for line in lines])
    areas = {area.pk: area for area in rows.select_related("parent__parent")}
    return [
        replace(line, name=area.name, around=" ".join(one.name for one in area.around[-1:]))
        for line in lines
        if (area := areas.get(line.area_id))
    ]
