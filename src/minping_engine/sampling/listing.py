"""The frame as the draw sees it: one row per unit of the sealed frame, in its order (`frame.csv`).

In: units with area, stratum, rest and commitment. Out: the same as columns, the frame's root, the bytes of
the file and their SHA-256. The digest is named with the seed: strata and rest are no part of the frame's
root, and who could still change them when the value is known could choose the sample.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple

from minping_engine.errors import Place, Problem
from minping_engine.proof import leaf_hash, root_of_hashes
from minping_engine.sampling.design import NO_STRATUM, Design

FRAME_FILE = "frame.csv"
FRAME_COLUMNS = ("position", "unit", "area", "stratum", "resting", "commitment")
FIRST_ROW = 2
"""Of the first unit in a file, below the head."""
# What needs no quoting in a CSV file: a row has one spelling, and its bytes can be written without a library.
_PLAIN = re.compile(r"[^\x00-\x1f\x7f\",\s]([^\x00-\x1f\x7f\",]{0,118}[^\x00-\x1f\x7f\",\s])?")
_UNIT = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}", re.ASCII)


class FrameUnit(NamedTuple):
    """A unit: its random id in the frame, its area, its stratum (none: not in the population), whether it
    rests after an earlier round, the frame's commitment to its record."""

    unit: str
    area: str
    stratum: str = NO_STRATUM
    resting: bool = False
    commitment: bytes = b""


@dataclass(frozen=True)
class FrameList:
    """The columns of all units, in the frame's order; not changed once made."""

    units: Sequence[str]
    areas: Sequence[str]
    strata: Sequence[str]
    resting: Sequence[bool]
    commitments: Sequence[bytes]

    @classmethod
    def of(cls, rows: Iterable[FrameUnit]) -> FrameList:
        """The list of its rows."""
        columns = tuple(zip(*rows, strict=True)) or ((), (), (), (), ())
        return cls(*columns)

    def __len__(self) -> int:
        return len(self.units)

    @cached_property
    def root(self) -> bytes:
        """The root of the frame, over its commitments."""
        return root_of_hashes([leaf_hash(commitment) for commitment in self.commitments])

    def lines(self) -> Iterator[str]:
        """The file `frame.csv`, line by line."""
        yield ",".join(FRAME_COLUMNS) + "\n"
        columns = zip(self.units, self.areas, self.strata, self.resting, self.commitments, strict=True)
        for position, (unit, area, stratum, rests, commitment) in enumerate(columns):
            yield f"{position},{unit},{area},{stratum},{rests:d},{commitment.hex()}\n"

    @cached_property
    def sha256(self) -> str:
        """The digest that `sha256sum frame.csv` prints."""
        return digest_of(self.lines())


def digest_of(lines: Iterable[str]) -> str:
    """SHA-256 of a file's lines, in hex."""
    made = sha256()
    for line in lines:
        made.update(line.encode())
    return made.hexdigest()


def list_problems(frame: FrameList, design: Design) -> list[Problem]:
    """Rows that cannot be drawn from: ids, areas and strata that are none, units that stand there twice."""
    checks = (_ids, _repeated, _areas, lambda listed: _strata(listed, design))
    return [problem for check in checks for problem in check(frame)]


def _at(number: int, column: str) -> Place:
    return Place(file=FRAME_FILE, row=number + FIRST_ROW, column=column)


def _ids(frame: FrameList) -> Iterator[Problem]:
    for number, unit in enumerate(frame.units):
        if not _UNIT.fullmatch(unit):
            yield Problem("sampling.unit_malformed", _at(number, "unit"))


def _repeated(frame: FrameList) -> Iterator[Problem]:
    if len(set(frame.units)) == len(frame.units):
        return
    first: dict[str, int] = {}
    for number, unit in enumerate(frame.units):
        if first.setdefault(unit, number) != number:
            params: dict[str, object] = {"first": first[unit] + FIRST_ROW}
            yield Problem("sampling.unit_repeated", _at(number, "unit"), params)


def _areas(frame: FrameList) -> Iterator[Problem]:
    wrong = {area for area in set(frame.areas) if area and not _PLAIN.fullmatch(area)}
    has_empty = "" in set(frame.areas)
    if not wrong and not has_empty:
        return
    for number, (area, stratum) in enumerate(zip(frame.areas, frame.strata, strict=True)):
        if area in wrong or (not area and stratum):  # a forgotten unit has neither
            yield Problem("sampling.area_malformed", _at(number, "area"))


def _strata(frame: FrameList, design: Design) -> Iterator[Problem]:
    known = {NO_STRATUM, *(stratum.id for stratum in design.strata)}
    if set(frame.strata) <= known:
        return
    for number, stratum in enumerate(frame.strata):
        if stratum not in known:
            yield Problem("sampling.stratum_unknown", _at(number, "stratum"), {"stratum": stratum})
