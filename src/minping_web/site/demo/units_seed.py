"""Households and resident units of the demonstration's frame.

The draft frame is filled community by community, the story's street first, until the wanted number is
reached; so a quick start shows a frame in which some streets are complete and others wait, as in practice. A
small frame of a pilot the year before is sealed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from minping_engine.demo import District
from minping_web.common.scope import Scope
from minping_web.frames.services.loading import NewUnit, load_frame
from minping_web.frames.services.sealing import carry_seal, seal_frame
from minping_web.site.demo.accounts import STREET_CODE

ELDERLY_BAND = 3
"""Age band of 65 and over in the engine's frame."""
PER_BUILDING, PER_FLOOR, PER_ENTRANCE = 66, 2, 22
NO_CONTACT_EVERY, PARTY_EVERY = 23, 17
SPECIAL = {31: "minimum_allowance", 47: "living_alone", 97: "disabled", 211: "entitled_group"}
UNITS_PER_COMMUNITY = 3


class _Unseen(NamedTuple):
    """Progress that nobody watches."""

    scope: Scope

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """Nothing to show."""


class Known(NamedTuple):
    """What the engine's frame knows of each household."""

    tenure: NDArray[np.int64]
    age_band: NDArray[np.int64]


def seed_frame(scope: Scope, district: District, wanted: int, as_of: date) -> int:
    """Load a draft frame; gives the number of its units."""
    frame = load_frame(
        scope, f"{as_of.year}年住户和单位抽样框（演示）", _units(district, wanted), as_of=as_of
    )
    return int(frame.units)


def seed_pilot(scope: Scope, district: District, as_of: date) -> int:
    """One community's frame, sealed; gives the number of its units."""
    name = "试点抽样框（演示）"
    frame = load_frame(scope, name, _units(district, 1), as_of=as_of - timedelta(days=365))
    frame.refresh_from_db()
    carry_seal(scope, {"frame": frame.pk, "version": frame.version})
    seal_frame(scope, frame.pk, _Unseen(scope))
    return int(frame.units)


def _units(district: District, wanted: int) -> Iterator[NewUnit]:
    left, number = wanted, 0
    known = Known(district.frame.tenure, district.frame.age_band)
    for community in _communities(district):
        if left <= 0:
            return
        targets = np.flatnonzero(district.places.community == community)
        for target in targets.tolist():
            for unit in _households(district, known, target, number):
                number += 1
                yield unit
            left -= int(district.places.households[target])
        yield from _bodies(district, community, int(targets[0]))


def _communities(district: District) -> list[int]:
    places = district.places.communities
    return sorted(range(len(places)), key=lambda at: (places[at].street != STREET_CODE, places[at].code))


def _households(district: District, known: Known, target: int, first: int) -> Iterator[NewUnit]:
    code, start = district.places.area_ids[target], int(district.frame.offset[target])
    for inside in range(int(district.places.households[target])):
        at, number = start + inside, first + inside
        building, rest = divmod(inside, PER_BUILDING)
        entrance, flat = divmod(rest, PER_ENTRANCE)
        door = f"{building + 1}幢{entrance + 1}单元{flat // PER_FLOOR + 1:02d}{flat % PER_FLOOR + 1:02d}"
        reached = number % NO_CONTACT_EVERY != 0
        yield NewUnit(
            area_code=code,
            house_code=f"{code}-{inside + 1:04d}",
            building=f"{building + 1}幢",
            instrument="elderly" if known.age_band[at] == ELDERLY_BAND else "young_and_middle_aged",
            rater=_rater(int(known.tenure[at]), number),
            special=next((kind for every, kind in SPECIAL.items() if number % every == 0), ""),
            phone=phone_of(number) if reached else "",
            address=f"虚构路{target + 1}号{door}" if reached else "",
        )


def _rater(tenure: int, number: int) -> str:
    if tenure:
        return "tenant"
    return "party_member" if number % PARTY_EVERY == 0 else "owner"


def phone_of(number: int) -> str:
    """Eleven digits of which the first four are zeros: no network has such numbers."""
    return f"0000{number + 1:07d}"


def _bodies(district: District, community: int, target: int) -> Iterator[NewUnit]:
    """Some resident units and one social organisation, listed at the community's first area."""
    place, code = district.places.communities[community], district.places.area_ids[target]
    for number in range(UNITS_PER_COMMUNITY):
        social = number == UNITS_PER_COMMUNITY - 1
        yield NewUnit(
            area_code=code,
            house_code=f"{place.code}-D{number + 1}",
            kind="organisation",
            instrument="organisation",
            rater="social_organisation" if social else "resident_organisation",
            phone=f"025-0001{community:03d}{number}",
            address=f"虚构路{target + 1}号",
        )
