"""Openings: the sealed record of a unit, by which an auditor sees that area and stratum are true.

In: `openings.csv` of a folder (unit, salt, record) and its frame. Out: how many open their commitment, what
does not fit, and how many units the sealed frame does not exclude but the draw leaves out (who asked not to
be contacted, for one).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from minping_engine.errors import InputError, Place, Problem, Severity
from minping_engine.proof import commitment_of
from minping_engine.sampling import Design, DrawFolder, FrameUnit, Opening, read_openings

FILE, FRAME = "openings.csv", "frame.csv"


@dataclass(frozen=True)
class OpeningCheck:
    """What the openings showed; `opened` is `None` where there are none."""

    opened: int | None = None
    left_out: int = 0
    problems: tuple[Problem, ...] = ()


def check_openings(folder: Path, held: DrawFolder) -> OpeningCheck:
    """Open every commitment that is disclosed and compare its record with the row of `frame.csv`."""
    problems: list[Problem] = []
    rows = read_openings(folder, problems)
    if rows is None:
        return OpeningCheck()
    units, design = _units(held), held.head.plan.design
    opened, left_out = 0, list[int]()
    for row, opening in rows:
        found = list(_faults(opening, units.get(opening.unit, (0, None))[1], design))
        problems += [Problem(code, Place(file=FILE, row=row), params) for code, params in found]
        opened += not found
        if not found and not units[opening.unit][1].stratum and design.stratum_of(opening.record):
            left_out.append(units[opening.unit][0])
    if left_out:
        place = Place(file=FRAME, row=left_out[0], column="stratum")
        params: dict[str, object] = {"units": len(left_out)}
        problems.append(Problem("sampling.left_out", place, params, Severity.WARNING))
    return OpeningCheck(opened, len(left_out), tuple(problems))


def _units(held: DrawFolder) -> dict[str, tuple[int, FrameUnit]]:
    """The frame's rows by unit."""
    frame = held.frame
    columns = zip(frame.units, frame.areas, frame.strata, frame.resting, frame.commitments, strict=True)
    return {row[0]: (number, FrameUnit(*row)) for number, row in enumerate(columns, 2)}


def _faults(
    opening: Opening, unit: FrameUnit | None, design: Design
) -> Iterator[tuple[str, dict[str, object]]]:
    """Why an opening does not carry its row: codes with their parameters."""
    record = opening.record
    if unit is None:
        yield "sampling.opening_unknown", {}
    elif not _opens(opening, unit) or record.get("unit") != unit.unit:
        yield "sampling.opening_wrong", {}
    else:
        if unit.stratum and record.get("area") != unit.area:
            yield "sampling.opening_area", {"listed": unit.area, "sealed": str(record.get("area", ""))}
        sealed = design.stratum_of(record)
        if unit.stratum and sealed != unit.stratum:
            yield "sampling.opening_stratum", {"listed": unit.stratum, "sealed": sealed}


def _opens(opening: Opening, unit: FrameUnit) -> bool:
    try:
        return commitment_of(opening.record, opening.salt) == unit.commitment
    except InputError:  # a number that JSON has no one spelling for
        return False
