"""What everybody may know of help: how many plans of a publication there are, never whose."""

from __future__ import annotations

from django.utils.translation import gettext as _

from minping_web.coaching.models import CoachingPlan
from minping_web.coaching.rules.words import PlanState


def plans_since(publication_id: int) -> list[tuple[str, int]]:
    """(label, count) of plans that began and of plans that ended since the publication."""
    states = CoachingPlan.objects.filter(publication=publication_id).values_list("state", flat=True)
    told = list(states)
    return [
        (_("Coaching plans under way"), told.count(PlanState.RUNNING) + told.count(PlanState.AGREED)),
        (_("Coaching plans ended"), told.count(PlanState.ENDED)),
    ]
