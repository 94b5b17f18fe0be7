"""Reading evidence into arrays of units x variables, district by district.

In: evidence and the design's units. Out: `UnitSums`, ballots by mode, rejected ballots. Only one
district's cells are in memory at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from minping_engine.errors import SnapshotError
from minping_engine.estimation import UnitSums
from minping_engine.evidence import Evidence

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class DistrictSums:
    """Long rows of all districts: (target, stratum, variable | n, s, ss) and (target, stratum, mode | n)."""

    units: pa.Table
    modes: pa.Table
    rejected: pa.Table

    @property
    def seen(self) -> tuple[Ints, Ints]:
        """Target and stratum of every row."""
        return (
            self.units["target"].to_numpy().astype(np.int64),
            self.units["stratum"].to_numpy().astype(np.int64),
        )


def read_sums(evidence: Evidence) -> DistrictSums:
    """The small tables of all districts, one after the other."""
    units, modes, rejected = [], [], []
    home: dict[int, str] = {}
    for district in evidence:
        units.append(district.units())
        _refuse_split_targets(units[-1], district.district, home)
        modes.append(district.unit_modes())
        rejected.append(district.rejected())
    return DistrictSums(pa.concat_tables(units), pa.concat_tables(modes), pa.concat_tables(rejected))


def _refuse_split_targets(units: pa.Table, district: str, home: dict[int, str]) -> None:
    """A target's ballots lie in one district part: two parts would be weighted to the households twice."""
    targets = units["target"].unique().to_pylist()
    split = sorted(target for target in targets if target in home)
    if split:
        raise SnapshotError.of(
            "assessment.target_in_two_districts",
            target=split[0],
            n=len(split),
            one=home[split[0]],
            other=district,
        )
    home.update(dict.fromkeys(targets, district))


def unit_sums(sums: DistrictSums, unit: Ints, eligible: Ints, n_variables: int) -> UnitSums:
    """Spread the long rows over (units, variables); `unit` is each row's position."""
    shape = (len(eligible), n_variables)
    filled = {name: np.zeros(shape, dtype=np.int64) for name in ("n", "s", "ss")}
    variable = sums.units["variable"].to_numpy()
    for name, array in filled.items():
        array[unit, variable] = sums.units[name].to_numpy()
    return UnitSums(filled["n"], filled["s"], filled["ss"], eligible)
