"""A large snapshot for measuring: one simulated quarter under many district codes.

In: a folder, how many districts, parameters, seed. Out: a sealed snapshot whose districts are
copies of one another, each area with exactly the target of ballots (300 each, so 322,800 at
full size). Districts are written one at a time, so that memory stays flat. For benchmarks only:
ballots are cut or repeated to fill areas, which no assessment may do.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.demo.district import District, make_district
from minping_engine.demo.parameters import QUARTERS, DemoParameters
from minping_engine.demo.places import DISTRICT_CODE
from minping_engine.demo.quarters import simulate_quarter
from minping_engine.demo.snapshots import SOURCE, tables_of
from minping_engine.demo.streams import Purpose, stream
from minping_engine.snapshot import BallotPart, SnapshotHead, seal_snapshot
from minping_engine.terms import PeriodKind

COPIED = (
    *("areas", "area_covariates", "assessees", "assessee_attributes", "targets", "postings"),
    *("sample", "margins", "visits"),
)
SHARED = ("cell_variables", "item_codes")
PLACE_COLUMNS = ("area_id", "parent_id", "assessee_id")


def seal_many_districts(
    folder: Path, n_districts: int, parameters: DemoParameters | None = None, seed: int = 1
) -> str:
    """Seal `n_districts` copies of the first quarter and return the snapshot's hash.

    Districts are called D0001, D0002, ...; their areas and people carry the name in front.
    """
    district = make_district(parameters or DemoParameters(), seed)
    tables, (part,) = tables_of(district, simulate_quarter(district, 0), QUARTERS[0])
    filled = fill_areas(district, part.ballots)
    copies = {
        name: pa.concat_tables(_renamed(tables[name], district, number) for number in range(n_districts))
        for name in COPIED
    }
    copies |= {name: tables[name] for name in SHARED}
    head = SnapshotHead(QUARTERS[0], PeriodKind.QUARTER.value, f"{SOURCE}, copied", synthetic=True)
    return seal_snapshot(folder, head, copies, _parts(district, part.instrument, filled, n_districts))


def fill_areas(district: District, ballots: pa.Table) -> pa.Table:
    """Exactly the target of ballots in every area: the rest cut, what is missing drawn again."""
    rng = stream(district.seed, Purpose.COPIES)
    want = district.parameters.target_ballots
    target = ballots["target"].to_numpy()
    starts = np.searchsorted(target, np.arange(district.places.n))
    counts = np.bincount(target, minlength=district.places.n)
    place = np.tile(np.arange(want), (district.places.n, 1))
    again = rng.integers(0, counts[:, None], size=place.shape)
    rows = starts[:, None] + np.where(place < counts[:, None], place, again)
    filled = ballots.take(rows.ravel())
    return filled.set_column(0, "ballot_id", pa.array(rng.permutation(filled.num_rows)))


def district_name(number: int) -> str:
    """D0001 for number 0."""
    return f"D{number + 1:04d}"


def _parts(district: District, instrument: str, ballots: pa.Table, n: int) -> Iterator[BallotPart]:
    for number in range(n):
        copy = _shifted(ballots, "target", number * district.places.n)
        copy = _shifted(copy, "ballot_id", number * ballots.num_rows)
        yield BallotPart(instrument, district_name(number), copy)


def _shifted(table: pa.Table, column: str, by: int) -> pa.Table:
    index = table.column_names.index(column)
    kind = table.schema.field(column).type
    return table.set_column(index, column, pc.add(table[column], pa.scalar(by, kind)))


def _renamed(table: pa.Table, district: District, number: int) -> pa.Table:
    if "target" in table.column_names:
        table = _shifted(table, "target", number * district.places.n)
    for column in PLACE_COLUMNS:
        if column in table.column_names:
            values = [_prefixed(value, number) for value in table[column].to_pylist()]
            table = table.set_column(table.column_names.index(column), column, pa.array(values, pa.string()))
    return table


def _prefixed(name: str | None, number: int) -> str | None:
    if name is None:
        return None
    return district_name(number) if name == DISTRICT_CODE else f"{district_name(number)}-{name}"
