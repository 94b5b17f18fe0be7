"""Places of the demonstration: streets and communities by official names, grids invented.

In: parameters and seed. Out: `Places`: rows for the snapshot's `areas`, and per responsibility
area (= target) arrays: community, households, covariates (S75). A responsibility area is always
the one level below its grid, also where one worker has the whole grid. Counts are exact
(991 grids, 85 of them shared, 605 exclusive ones: S50, S54); who answers comes in `frame`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from minping_engine.demo.hardship import Grounds, make_grounds
from minping_engine.demo.parameters import STORY_COMMUNITY, DemoParameters
from minping_engine.demo.streams import Floats, Purpose, normal_scores, stream
from minping_engine.terms import AreaLevel

DISTRICT_CODE, DISTRICT_NAME = "320106", "鼓楼区"
STORY_GRIDS = 9
GRIDS_LOW, GRIDS_HIGH = 5, 13
EXCLUSIVE_KINDS = ("exclusive_daily", "exclusive_key", "exclusive_linked")
NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True)
class Area:
    """A row of the snapshot's `areas`."""

    area_id: str
    parent_id: str | None
    level: AreaLevel
    name: str
    area_kind: str | None = None
    area_class: str | None = None


@dataclass(frozen=True)
class CommunityName:
    """A community with its street, official names and codes."""

    street: str
    street_name: str
    code: str
    name: str


@dataclass(frozen=True, eq=False)
class Places:
    """All areas, and the responsibility areas as arrays in the order of targets."""

    areas: tuple[Area, ...]
    communities: tuple[CommunityName, ...]
    area_ids: tuple[str, ...]
    community: NDArray[np.int64]
    grounds: Grounds
    story: int

    @property
    def n(self) -> int:
        """Responsibility areas."""
        return len(self.area_ids)

    @property
    def households(self) -> NDArray[np.int64]:
        """Eligible households by target."""
        return self.grounds.households


def read_communities(parameters: DemoParameters) -> tuple[CommunityName, ...]:
    """Communities of the chosen streets by code; the story's community is always among them."""
    text = (resources.files(__package__) / "data" / "gulou_communities.csv").read_text("utf-8")
    rows = [CommunityName(*row) for row in list(csv.reader(text.splitlines()))[1:]]
    rows = [row for row in rows if not parameters.streets or row.street in parameters.streets]
    limit = parameters.communities_per_street or len(rows)
    kept: dict[str, list[CommunityName]] = {}
    for row in sorted(rows, key=lambda row: (row.code != STORY_COMMUNITY, row.code)):
        here = kept.setdefault(row.street, [])
        here += [row] if len(here) < limit else []
    return tuple(sorted((row for some in kept.values() for row in some), key=lambda row: row.code))


def make_places(parameters: DemoParameters, seed: int) -> Places:
    """Lay out the district."""
    communities = read_communities(parameters)
    rng = stream(seed, Purpose.GRIDS)
    story = next(number for number, place in enumerate(communities) if place.code == STORY_COMMUNITY)
    grids = _grids_by_community(parameters, len(communities), story, rng)
    community_of_grid = np.repeat(np.arange(len(communities)), grids)
    shared = np.zeros(community_of_grid.size, dtype=bool)
    elsewhere = np.flatnonzero(community_of_grid != story)
    shared[rng.choice(elsewhere, parameters.shared_grids, replace=False)] = True
    grid_of_area = np.repeat(np.arange(shared.size), 1 + shared)
    community = community_of_grid[grid_of_area]
    story_area = int(np.flatnonzero(community == story)[-1])
    grounds = make_grounds(parameters, seed, grid_of_area, community, story_area)
    exclusive = _exclusive_grids(parameters, communities, rng)
    general, area_ids = _general_areas(communities, grids, shared, grounds)
    areas = (*_upper_areas(communities, grounds), *general, *exclusive)
    return Places(areas, communities, area_ids, community, grounds, story_area)


def apportion(total: int, ideal: Floats, low: int, high: int) -> NDArray[np.int64]:
    """Whole numbers between `low` and `high` that add up to `total` and lie near `ideal`."""
    if not low * ideal.size <= total <= high * ideal.size:
        raise ValueError(f"{total} cannot be split into {ideal.size} parts of {low} to {high}")
    parts = np.clip(np.rint(ideal), low, high).astype(np.int64)
    while (gap := total - int(parts.sum())) != 0:
        step = 1 if gap > 0 else -1
        free = parts < high if step > 0 else parts > low
        want = np.where(free, step * (ideal - parts), -np.inf)
        parts[int(np.argmax(want))] += step
    return parts


def _grids_by_community(
    parameters: DemoParameters, n: int, story: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    total = parameters.general_grids - STORY_GRIDS
    ideal = total / (n - 1) + 1.9 * normal_scores(n - 1, rng)
    return np.insert(apportion(total, ideal, GRIDS_LOW, GRIDS_HIGH), story, STORY_GRIDS)


def _upper_areas(communities: Sequence[CommunityName], grounds: Grounds) -> Iterable[Area]:
    yield Area(DISTRICT_CODE, None, AreaLevel.DISTRICT, DISTRICT_NAME)
    for code, name in {place.street: place.street_name for place in communities}.items():
        yield Area(code, DISTRICT_CODE, AreaLevel.STREET, name)
    for place, area_class in zip(communities, grounds.community_class, strict=True):
        yield Area(place.code, place.street, AreaLevel.COMMUNITY, place.name, area_class=area_class)


def _general_areas(
    communities: Sequence[CommunityName],
    grids: NDArray[np.int64],
    shared: NDArray[np.bool_],
    grounds: Grounds,
) -> tuple[list[Area], tuple[str, ...]]:
    areas: list[Area] = []
    targets: list[str] = []
    number = 0
    for place, count in zip(communities, grids.tolist(), strict=True):
        for inside in range(1, count + 1):
            grid_class = grounds.grid_class[number]
            grid = Area(
                f"{place.code}G{inside:02d}",
                place.code,
                AreaLevel.GRID,
                grid_name(inside),
                "general",
                grid_class,
            )
            segments = _segments(grid, 2 if shared[number] else 1)
            areas += [grid, *segments]
            targets += [segment.area_id for segment in segments]
            number += 1
    return areas, tuple(targets)


def _segments(grid: Area, count: int) -> list[Area]:
    kind = "whole" if count == 1 else "segment"
    endings = [""] if count == 1 else ["东段", "西段"]
    return [
        Area(
            f"{grid.area_id}-{number}",
            grid.area_id,
            AreaLevel.RESPONSIBILITY_AREA,
            grid.name + ending,
            kind,
            grid.area_class,
        )
        for number, ending in enumerate(endings, 1)
    ]


def grid_name(number: int) -> str:
    """第九网格, 第十二网格."""
    tens, ones = divmod(number, 10)
    text = NUMERALS[number - 1] if number <= 10 else "十" + NUMERALS[ones - 1]
    return f"第{text}网格" if tens < 2 else f"第{number}网格"


def _exclusive_grids(
    parameters: DemoParameters, communities: Sequence[CommunityName], rng: np.random.Generator
) -> list[Area]:
    kinds = rng.permutation(np.repeat(EXCLUSIVE_KINDS, parameters.exclusive_grids))
    homes = np.sort(rng.permutation(np.arange(kinds.size)) % len(communities))
    areas: list[Area] = []
    for number, (kind, home) in enumerate(zip(kinds.tolist(), homes.tolist(), strict=True)):
        inside = number - int(np.searchsorted(homes, home)) + 1
        code = communities[home].code
        areas.append(Area(f"{code}Z{inside:02d}", code, AreaLevel.GRID, f"专属网格{inside}", kind))
    return areas
