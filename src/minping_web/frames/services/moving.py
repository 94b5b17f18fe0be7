"""When an area comes under another community, the units of open frames come under it as well.

Who may see a unit follows the community of its area. Sealed frames keep the cut of their day: they cannot
be changed, and the draw was made on them.
"""

from __future__ import annotations

from django.db.models import Q

from minping_web.common.scope import PATH_END, entered, system_scope
from minping_web.frames.models import Frame, Unit, UnitContact
from minping_web.frames.selectors.areas import community_of, moved_areas
from minping_web.places.events import AreasMoved

OPEN = (Frame.State.LOADING, Frame.State.DRAFT)


def follow_moved_areas(event: AreasMoved) -> int:
    """Renew the community of all units in and below the moved areas; gives how many units changed."""
    changed = 0
    with entered(system_scope()):
        for area in moved_areas(event.area_ids):
            community = community_of(area)
            if community is None:
                continue
            inside = Q(area__path__gte=area.path, area__path__lt=area.path + PATH_END)
            units = Unit.objects.filter(inside, frame__state__in=OPEN).exclude(community_id=community)
            ids = list(units.values_list("pk", flat=True))
            for start in range(0, len(ids), 5_000):
                some = ids[start : start + 5_000]
                UnitContact.objects.filter(unit__in=some).update(community_id=community)
                changed += Unit.objects.filter(pk__in=some).update(community_id=community)
    return changed
