"""Who may not mark whom: nobody marks oneself, the own place or office; peers never their own community.

In: what is known of a rater and of an assessee. Out: the reason in a word, or nothing. Representatives speak
for the place they live in, so their own place is just what they may mark.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PEERS = "peers"


class Conflict(StrEnum):
    """Why somebody is not on a rater's sheet."""

    ONESELF = "oneself"
    OWN_ORGANISATION = "own_organisation"
    OWN_PLACE = "own_place"
    OWN_COMMUNITY = "own_community"
    OTHER_PLACE = "other_place"


@dataclass(frozen=True)
class Assessee:
    """Somebody of the snapshot; `path` of its area, `community` that of the community around it."""

    id: str
    kind: str
    name: str
    area_code: str
    area_name: str = ""
    path: str = ""
    community: str = ""

    @property
    def is_place(self) -> bool:
        """Whether the area itself is assessed."""
        return self.id == self.area_code


@dataclass(frozen=True)
class RaterFacts:
    """What decides: ids in snapshots, paths of where one works or is posted, paths that one speaks for."""

    ids: frozenset[str] = frozenset()
    work_paths: tuple[str, ...] = ()
    communities: frozenset[str] = frozenset()
    speaks_for: tuple[str, ...] = ()


def conflict_of(rater: RaterFacts, one: Assessee, source: str, *, own_place_only: bool) -> Conflict | None:
    """Why this rater does not mark this assessee; None = may."""
    if one.id in rater.ids:
        return Conflict.OWN_ORGANISATION if one.id.startswith("O") else Conflict.ONESELF
    if one.is_place and one.path and any(_same_or_around(one.path, path) for path in rater.work_paths):
        return Conflict.OWN_PLACE
    if source == PEERS and one.community and one.community in rater.communities:
        return Conflict.OWN_COMMUNITY
    if own_place_only and not any(_near(one.path, path) for path in rater.speaks_for):
        return Conflict.OTHER_PLACE
    return None


def _same_or_around(place: str, work: str) -> bool:
    """The assessed place is where the rater works, or lies around it; what lies below is led from there."""
    return work.startswith(place)


def _near(place: str, spoken_for: str) -> bool:
    return bool(place) and (place.startswith(spoken_for) or spoken_for.startswith(place))
