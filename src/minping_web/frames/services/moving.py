"""When an area comes under another community, its units come under it as well, in every frame.

Who may see a unit follows the place that its area has now. In sealed frames only that follows: the area and
all that was sealed stay. What slipped past the events (rows written by hand, a program that was killed) is
put right every night.
"""

from __future__ import annotations

from minping_web.common.scope import entered, system_scope
from minping_web.frames.models import Unit, UnitContact
from minping_web.frames.selectors.areas import astray, communities_below
from minping_web.places.events import AreasMoved


def follow_moved_areas(event: AreasMoved) -> int:
    """Renew the community of all units in and below the moved areas; gives how many units changed."""
    with entered(system_scope()):
        return _renew(communities_below(event.area_ids))


def mend_communities() -> int:
    """Renew it wherever it differs from the register of places; the caller entered the system's scope."""
    return _renew(astray())


def _renew(communities: dict[int, int]) -> int:
    """`communities` by area."""
    areas: dict[int, list[int]] = {}
    for area_id, community in communities.items():
        areas.setdefault(community, []).append(area_id)
    changed = 0
    for community, inside in areas.items():
        contacts = UnitContact.objects.filter(unit__area_id__in=inside).exclude(community_id=community)
        contacts.update(community_id=community)
        units = Unit.objects.filter(area_id__in=inside).exclude(community_id=community)
        changed += units.update(community_id=community)
    return changed
