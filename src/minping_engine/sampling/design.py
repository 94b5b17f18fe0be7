"""The design of a draw: how many per area, of which strata, asked in which modes.

In: what a round fixed before its seed was named. Out: checked numbers; the same as JSON in `draw.json` and in
the ledger. A stratum says by fields of the frame's records who belongs to it, so that openings can be held
against it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

from minping_engine.errors import Place, Problem
from minping_engine.sampling.seeds import Part
from minping_engine.terms import Mode

NO_STRATUM = ""
"""Of units outside the draw's population: excluded, or not to be contacted."""
StratumId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")]
LARGEST = 100_000
"""Of n, quotas and shares: units are given one by one, and nobody's file may keep a check for hours."""
Count = Annotated[int, Field(ge=0, le=LARGEST, strict=True)]


def mode_named(name: object) -> object:
    """The mode of its name in files; anything else as it is, for the check to refuse."""
    return Mode.__members__.get(name.upper(), name) if isinstance(name, str) and name.islower() else name


NamedMode = Annotated[
    Mode, BeforeValidator(mode_named), PlainSerializer(lambda mode: mode.name.lower(), return_type=str)
]


class Stratum(Part):
    """One stratum: a share of what an area is asked, or a fixed quota of each area.

    `where` lists for fields of a frame's record the values that belong here; without it all belong.
    """

    id: StratumId
    share: Count = 0
    quota: Count = 0
    where: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)

    def holds(self, record: Mapping[str, object]) -> bool:
        """Whether a unit of the frame belongs here."""
        return all(record.get(field) in values for field, values in self.where.items())


class Design(Part):
    """How a round draws. `n` per area, `None` for all; areas in `n_by_area` have their own, 0 leaves one out.

    `modes` is the order in which a unit is asked. Of `randomised_percent` per cent of the units chance
    decides the first mode, among `randomised_modes` (else all).
    """

    n: Count | None
    strata: tuple[Stratum, ...]
    n_by_area: Mapping[str, Count | None] = Field(default_factory=dict)
    modes: tuple[NamedMode, ...] = (Mode.WEB,)
    randomised_percent: Annotated[int, Field(ge=0, le=100, strict=True)] = 0
    randomised_modes: tuple[NamedMode, ...] = ()

    def n_of(self, area: str) -> int | None:
        """How many units an area is asked for; `None` for all."""
        return self.n_by_area.get(area, self.n)

    @property
    def chance_modes(self) -> tuple[Mode, ...]:
        """The modes between which chance decides."""
        return self.randomised_modes or self.modes

    def stratum_of(self, record: Mapping[str, object]) -> str:
        """The first stratum a unit belongs to; none for excluded ones and those that fit nowhere."""
        if record.get("excluded"):
            return NO_STRATUM
        return next((stratum.id for stratum in self.strata if stratum.holds(record)), NO_STRATUM)


def design_problems(design: Design, place: Place) -> Iterator[Problem]:
    """Everything in a design that contradicts itself."""
    yield from _strata_problems(design.strata, place)
    yield from _number_problems(design, place)
    yield from _mode_problems(design, place)


def _strata_problems(strata: Sequence[Stratum], place: Place) -> Iterator[Problem]:
    if not strata:
        yield Problem("sampling.no_strata", place)
    for name, count in Counter(stratum.id for stratum in strata).items():
        if count > 1:
            yield Problem("sampling.stratum_repeated", place, {"stratum": name})
    for stratum in strata:
        if bool(stratum.share) == bool(stratum.quota):
            yield Problem("sampling.share_or_quota", place, {"stratum": stratum.id})


def _number_problems(design: Design, place: Place) -> Iterator[Problem]:
    quotas = sum(stratum.quota for stratum in design.strata)
    asked: dict[str, int | None] = {"": design.n, **design.n_by_area}
    for area, n in asked.items():
        if n and n < quotas:
            yield Problem("sampling.quotas_exceed", place, {"area": area, "n": n, "quotas": quotas})
    if not any(n is None or n > 0 for n in asked.values()):
        yield Problem("sampling.nothing_asked", place)


def _mode_problems(design: Design, place: Place) -> Iterator[Problem]:
    for modes in (design.modes, design.randomised_modes):
        if len(set(modes)) < len(modes):
            yield Problem("sampling.mode_repeated", place)
    if not design.modes or Mode.UNKNOWN in (*design.modes, *design.randomised_modes):
        yield Problem("sampling.no_modes", place)
    if design.randomised_percent and len(design.chance_modes) < 2:
        yield Problem("sampling.one_mode", place)
