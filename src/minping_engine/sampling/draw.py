"""`draw_sample`: the order by keyed hash, and who stands where in it (docs/method/draw.md).

In: the frame's list, a design, a seed. Out: for each area and stratum the sample and after it the replacement
list, in one order. The order of the list changes nothing, a larger n only adds units, replacing only goes on
down the list. Inclusion probabilities are exact fractions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cache, cached_property, partial
from typing import NamedTuple

from minping_engine.errors import InputError, Place
from minping_engine.sampling.allocation import allocate
from minping_engine.sampling.design import NO_STRATUM, Design, design_problems
from minping_engine.sampling.keyed import KeyedHash, keyed_hash
from minping_engine.sampling.listing import FrameList, digest_of, list_problems
from minping_engine.terms import Mode

DRAWN_FILE = "drawn.csv"
DRAWN_COLUMNS = ("unit", "area", "stratum", "place", "role", "mode", "randomised")
MODE_PREFIX = "mode:"
"""Keeps the hash that decides modes apart from that of the order; no id of a unit holds a colon."""
_PARTS = 2**64


class Role(StrEnum):
    """Whether a unit is asked, or stands ready for one that is not eligible."""

    SAMPLE = "sample"
    RESERVE = "reserve"


class DrawnUnit(NamedTuple):
    """One unit in its place, counted from 1 within its area and stratum."""

    unit: str
    area: str
    stratum: str
    place: int
    role: Role
    mode: Mode
    randomised: bool


@dataclass(frozen=True)
class DrawnGroup:
    """The draw of one stratum of an area. `wanted`: its part if every stratum were large enough."""

    area: str
    stratum: str
    eligible: int
    resting: int
    wanted: int
    drawn: int
    units: Sequence[str] = field(repr=False)
    """In the order of the draw; the first `drawn` are the sample."""

    @property
    def short(self) -> int:
        """How many it could not give for want of units."""
        return max(0, self.wanted - self.drawn)

    @property
    def rested(self) -> int:
        """Resting units in the sample: the frame was too small."""
        return max(0, self.drawn - (self.eligible - self.resting))

    @property
    def sampling_fraction(self) -> Fraction:
        """Drawn of eligible; what weights go by: who rests is no other than who does not."""
        return Fraction(self.drawn, self.eligible) if self.eligible else Fraction(0)

    def inclusion_probability(self, place: int) -> Fraction:
        """Of the unit at a place, given who rests: all that do not rest alike, all that rest alike."""
        fresh = self.eligible - self.resting
        if place <= fresh:
            return min(Fraction(1), Fraction(self.drawn, fresh))
        return Fraction(self.rested, self.resting)


@dataclass(frozen=True)
class Draw:
    """All groups by area and the design's order of strata; the modes of the units."""

    groups: tuple[DrawnGroup, ...]
    design: Design
    seed: bytes = field(repr=False)

    @cached_property
    def units(self) -> tuple[DrawnUnit, ...]:
        """Every unit in its place, sample and replacements."""
        return tuple(drawn_rows(self))

    @cached_property
    def by_group(self) -> dict[tuple[str, str], DrawnGroup]:
        """Groups by area and stratum."""
        return {(group.area, group.stratum): group for group in self.groups}

    def inclusion_probability(self, unit: DrawnUnit) -> Fraction:
        """Of a unit of this draw, given who rests."""
        return self.by_group[unit.area, unit.stratum].inclusion_probability(unit.place)

    @property
    def sample_size(self) -> int:
        """Units to be asked."""
        return sum(group.drawn for group in self.groups)

    @property
    def reserve_size(self) -> int:
        """Units on replacement lists."""
        return sum(group.eligible - group.drawn for group in self.groups)

    @property
    def rested(self) -> tuple[DrawnGroup, ...]:
        """Where the frame was so small that resting units are asked."""
        return tuple(group for group in self.groups if group.rested)

    @property
    def short(self) -> tuple[DrawnGroup, ...]:
        """Where a stratum is smaller than its part."""
        return tuple(group for group in self.groups if group.short)

    def lines(self) -> Iterator[str]:
        """The file `drawn.csv`, line by line."""
        yield ",".join(DRAWN_COLUMNS) + "\n"
        names = {mode: mode.name.lower() for mode in Mode}
        for unit, area, stratum, place, role, mode, randomised in self.units:
            yield f"{unit},{area},{stratum},{place},{role.value},{names[mode]},{randomised:d}\n"

    @cached_property
    def sha256(self) -> str:
        """The digest that `sha256sum drawn.csv` prints."""
        return digest_of(self.lines())


def draw_sample(frame: FrameList, design: Design, seed: bytes) -> Draw:
    """Draw. Raises `InputError` with all faults of list and design.

    >>> from minping_engine.sampling import FrameUnit, Stratum
    >>> frame = FrameList.of(FrameUnit(f"u{number}", "grid 9", "all") for number in range(9))
    >>> draw = draw_sample(frame, Design(n=3, strata=(Stratum(id="all", share=1),)), bytes(32))
    >>> [unit.unit for unit in draw.units if unit.role == "sample"]
    ['u4', 'u8', 'u6']
    """
    problems = [*design_problems(design, Place(key="design")), *list_problems(frame, design)]
    if problems:
        raise InputError(problems)
    return redraw(frame, design, seed)


def redraw(frame: FrameList, design: Design, seed: bytes) -> Draw:
    """Draw from what was checked, or from what is left of a damaged list."""
    members, keyed = _members(frame, design), keyed_hash(seed)
    wanted = cache(partial(_wanted, design))
    groups: list[DrawnGroup] = []
    for area in sorted({area for area, _stratum in members}):
        rows = {stratum.id: members.get((area, stratum.id), []) for stratum in design.strata}
        n, eligible = design.n_of(area), {name: len(some) for name, some in rows.items()}
        parts = (eligible if n is None else wanted(n), allocate(n, design.strata, eligible))
        groups += _of_area(area, rows, parts, frame, keyed)
    return Draw(tuple(groups), design, seed)


def _wanted(design: Design, n: int) -> dict[str, int]:
    """The parts of n where every stratum is large enough."""
    return allocate(n, design.strata, {stratum.id: n for stratum in design.strata})


def _members(frame: FrameList, design: Design) -> dict[tuple[str, str], list[int]]:
    """Rows of the list by area and stratum, of areas that are drawn from."""
    known = {stratum.id for stratum in design.strata}
    members: dict[tuple[str, str], list[int]] = {}
    for number, key in enumerate(zip(frame.areas, frame.strata, strict=True)):
        if key[1] != NO_STRATUM:
            members.setdefault(key, []).append(number)
    return {key: rows for key, rows in members.items() if key[1] in known and design.n_of(key[0]) != 0}


def _of_area(
    area: str,
    rows: Mapping[str, Sequence[int]],
    parts: tuple[Mapping[str, int], Mapping[str, int]],
    frame: FrameList,
    keyed: KeyedHash,
) -> Iterator[DrawnGroup]:
    """The groups of one area; a stratum that nobody belongs to is told, too."""
    wanted, drawn = parts
    for name, some in rows.items():
        resting = sum(frame.resting[number] for number in some)
        ordered = _ordered(some, frame, keyed)
        yield DrawnGroup(area, name, len(some), resting, wanted[name], drawn[name], ordered)


def _ordered(rows: Iterable[int], frame: FrameList, keyed: KeyedHash) -> list[str]:
    """Units by HMAC-SHA-256(seed, id), those that rest after all others."""
    units, resting = frame.units, frame.resting
    hashed = [(resting[number], keyed(units[number]), units[number]) for number in rows]
    return [unit for _rests, _hash, unit in sorted(hashed)]


def drawn_rows(draw: Draw) -> Iterator[DrawnUnit]:
    """The rows of `drawn.csv`."""
    modes = _modes(draw.design, keyed_hash(draw.seed))
    for group in draw.groups:
        for place, unit in enumerate(group.units, 1):
            role = Role.SAMPLE if place <= group.drawn else Role.RESERVE
            yield DrawnUnit(unit, group.area, group.stratum, place, role, *modes(unit))


def _modes(design: Design, keyed: KeyedHash) -> Callable[[str], tuple[Mode, bool]]:
    """How a unit is asked first, and whether chance decided it.

    The first 8 bytes of HMAC-SHA-256(seed, "mode:" id) say whether, the next 8 which; both as parts of 2^64.
    """
    first = design.modes[0] if design.modes else Mode.UNKNOWN  # a damaged design, which is told
    usual, choice = (first, False), design.chance_modes or (first,)
    below = design.randomised_percent * _PARTS

    def of(unit: str) -> tuple[Mode, bool]:
        made = int.from_bytes(keyed(f"{MODE_PREFIX}{unit}")[:16], "big")
        whether, which = divmod(made, _PARTS)
        return (choice[which * len(choice) // _PARTS], True) if whether * 100 < below else usual

    return of if below else lambda _unit: usual
