"""Households and resident units of the demonstration's frame.

The draft frame is filled community by community, the story's street first, until the wanted number is
reached; so a quick start shows a frame in which some streets are complete and others wait, as in practice.
Some communities, the story's first, are sealed as of the beginning of the last quarter: from them the
demonstration's rounds draw. Ids and salts of that frame come from the seed, so that equal seeds draw alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from minping_engine.demo import District
from minping_web.common.clock import today
from minping_web.common.scope import Scope
from minping_web.frames.services.loading import NewUnit, load_frame
from minping_web.frames.services.sealing import carry_seal, seal_frame
from minping_web.site.demo.accounts import COMMUNITY_CODE, STREET_CODE

ELDERLY_BAND = 3
"""Age band of 65 and over in the engine's frame."""
PER_BUILDING, PER_FLOOR, PER_ENTRANCE = 66, 2, 22
NO_CONTACT_EVERY, PARTY_EVERY = 23, 17
SPECIAL = {31: "minimum_allowance", 47: "living_alone", 97: "disabled", 211: "entitled_group"}
UNITS_PER_COMMUNITY = 3
QUARTER_FRAME = "2021年第一季度抽样框（演示）"
NEEDED = timedelta(days=365)
"""How long contacts of the sealed frame are kept: its rounds take place after the day of seeding."""


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


def seed_quarter(scope: Scope, district: District, as_of: date, communities: int) -> int:
    """The sealed frame of the demonstration's rounds; gives the number of its units."""
    listed = [unit for at in rated_communities(district, communities) for unit in _community(district, at)]
    frame = load_frame(
        scope, QUARTER_FRAME, listed, as_of=as_of, needed_until=today() + NEEDED,
        chance=np.random.default_rng([district.seed, as_of.toordinal()]).bytes,
    )  # fmt: skip
    frame.refresh_from_db()
    carry_seal(scope, {"frame": frame.pk, "version": frame.version})
    seal_frame(scope, frame.pk, _Unseen(scope))
    return int(frame.units)


def _units(district: District, wanted: int) -> Iterator[NewUnit]:
    left, places = wanted, district.places
    for community in _communities(district):
        if left <= 0:
            return
        yield from _community(district, community)
        left -= int(places.households[places.community == community].sum())


def _community(district: District, community: int) -> Iterator[NewUnit]:
    known = Known(district.frame.tenure, district.frame.age_band)
    targets = np.flatnonzero(district.places.community == community).tolist()
    for target in targets:
        yield from _households(district, known, target)
    yield from _bodies(district, community, targets[0])


def _communities(district: District) -> list[int]:
    places = district.places.communities
    return sorted(range(len(places)), key=lambda at: (places[at].street != STREET_CODE, places[at].code))


def rated_communities(district: District, wanted: int) -> list[int]:
    """The communities that the demonstration's rounds ask: the story's, then others of its street."""
    places = district.places.communities
    return sorted(_communities(district), key=lambda at: places[at].code != COMMUNITY_CODE)[:wanted]


def _households(district: District, known: Known, target: int) -> Iterator[NewUnit]:
    code, start = district.places.area_ids[target], int(district.frame.offset[target])
    for inside in range(int(district.places.households[target])):
        number = start + inside
        building, rest = divmod(inside, PER_BUILDING)
        entrance, flat = divmod(rest, PER_ENTRANCE)
        door = f"{building + 1}幢{entrance + 1}单元{flat // PER_FLOOR + 1:02d}{flat % PER_FLOOR + 1:02d}"
        reached = number % NO_CONTACT_EVERY != 0
        yield NewUnit(
            area_code=code,
            house_code=f"{code}-{inside + 1:04d}",
            building=f"{building + 1}幢",
            instrument="elderly" if known.age_band[number] == ELDERLY_BAND else "young_and_middle_aged",
            rater=_rater(int(known.tenure[number]), number),
            special=next((kind for every, kind in SPECIAL.items() if number % every == 0), ""),
            phone=phone_of(number) if reached else "",
            address=f"虚构路{target + 1}号{door}" if reached else "",
        )


def _rater(tenure: int, number: int) -> str:
    if tenure:
        return "tenant"
    return "party_member" if number % PARTY_EVERY == 0 else "owner"


def phone_of(number: int) -> str:
    """Eleven digits, as a mobile number has, that begin with 102: mobile numbers begin with 13 to 19."""
    return f"102{number + 1:08d}"


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
