"""What a design promises before it is fixed: ballots, precision, cost, invitations needed. All assumed.

In: a design and the eligible units of each area by stratum. Out: one line per area and the sums. A unit is
asked by the modes in their order until it answers; those whose first mode chance decides are reckoned like
the others. Margin of error: a share of one half, 95 %, simple random sampling, finite population; in per cent
points. Nothing here is sealed, so floats do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from minping_engine.sampling import allocate
from minping_web.rounds.rules.design import LEAST_RELEASED, Design
from minping_web.rounds.rules.words import Channel

Z95 = 1.959964
SMALLEST = 5
"""How many of the smallest areas are shown."""


@dataclass(frozen=True)
class AreaForecast:
    """One area: `margin` is None where no ballot is expected."""

    area_id: int
    eligible: int
    drawn: int
    ballots: float
    margin: float | None
    needed: int | None
    """Invitations for the wanted ballots; None where all units together would not do."""
    name: str = ""
    around: str = ""


@dataclass(frozen=True)
class ModeForecast:
    """Attempts, ballots and cost by one mode."""

    mode: int
    attempts: float
    ballots: float
    cost_fen: int

    @property
    def label(self) -> str:
        """The way of asking in words."""
        return str(Channel(self.mode).label)

    @property
    def cost_yuan(self) -> float:
        """For pages."""
        return self.cost_fen / 100


@dataclass(frozen=True)
class Forecast:
    """The whole round."""

    areas: Sequence[AreaForecast]
    modes: Sequence[ModeForecast]
    response: float
    budget_fen: int

    @property
    def drawn(self) -> int:
        """Invitations."""
        return sum(area.drawn for area in self.areas)

    @property
    def ballots(self) -> float:
        """Expected."""
        return sum(area.ballots for area in self.areas)

    @property
    def cost_fen(self) -> int:
        """Of all modes."""
        return sum(mode.cost_fen for mode in self.modes)

    @property
    def cost_yuan(self) -> float:
        """For pages."""
        return self.cost_fen / 100

    @property
    def over_budget(self) -> bool:
        """Whether the expected cost is more than the budget of the design."""
        return bool(self.budget_fen) and self.cost_fen > self.budget_fen

    @property
    def worst_margin(self) -> float | None:
        """The widest margin of an area with a ballot."""
        return max((area.margin for area in self.areas if area.margin is not None), default=None)

    @property
    def typical_margin(self) -> float | None:
        """The middle one of the areas' margins."""
        found = sorted(area.margin for area in self.areas if area.margin is not None)
        return found[len(found) // 2] if found else None

    @property
    def too_small(self) -> list[AreaForecast]:
        """Areas that cannot bring the wanted ballots even if all their units are asked."""
        return [area for area in self.areas if area.needed is None]

    @property
    def short(self) -> list[AreaForecast]:
        """Areas where more must be invited than the design draws."""
        return [area for area in self.areas if area.needed is not None and area.needed > area.drawn]

    @property
    def withheld(self) -> list[AreaForecast]:
        """Areas so thin that their ballots are not expected to be released."""
        return [area for area in self.areas if area.ballots < LEAST_RELEASED]

    @property
    def smallest(self) -> list[AreaForecast]:
        """The areas with the fewest units."""
        return sorted(self.areas, key=lambda area: (area.eligible, area.area_id))[:SMALLEST]


def response_of(design: Design) -> float:
    """Share of units that answer by the last mode."""
    silent = 1.0
    for mode in design.modes:
        silent *= 1 - design.response_percent.get(mode, 0) / 100
    return 1 - silent


def margin_of(ballots: float, population: int) -> float | None:
    """Half the width of the interval of a share, in per cent points; 0 when everybody answers."""
    if ballots < 1 or population < 1:
        return None
    if population == 1:
        return 0.0
    correction = max(0.0, (population - ballots) / (population - 1))
    return 100 * Z95 * math.sqrt(0.25 / ballots * correction)


def forecast(design: Design, eligible: Mapping[int, Mapping[str, int]]) -> Forecast:
    """`eligible`: area -> stratum -> units."""
    share = response_of(design)
    areas = [_area(design, share, area_id, room) for area_id, room in sorted(eligible.items())]
    drawn = sum(area.drawn for area in areas)
    return Forecast(areas, _modes(design, drawn), share, design.budget_fen)


def _area(design: Design, share: float, area_id: int, room: Mapping[str, int]) -> AreaForecast:
    total = sum(room.values())
    drawn = sum(allocate(design.per_area, design.strata, room).values())
    ballots = drawn * share
    needed = math.ceil(design.wanted / share - 1e-9) if share else None
    if needed is not None and needed > total:
        needed = None
    return AreaForecast(area_id, total, drawn, ballots, margin_of(ballots, total), needed)


def _modes(design: Design, drawn: int) -> list[ModeForecast]:
    left, found = float(drawn), []
    for mode in design.modes:
        ballots = left * design.response_percent.get(mode, 0) / 100
        cost = round(left * design.price_fen.get(mode, 0))
        found.append(ModeForecast(mode, left, ballots, cost))
        left -= ballots
    return found
