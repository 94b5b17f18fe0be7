"""One period of a scheme's demonstration as a sealed snapshot, marked synthetic.

In: a loaded scheme, its plan, seed, period, tables from earlier results. Out: the sealed folder and
its hash. Equal input seals equal bytes. Rows of cases and ballots are numbered last, at random.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from minping_engine.demo.evidence.assessees import area_rows, assessees_of, make_ground
from minping_engine.demo.evidence.ballots import ballot_tables, frame_table, item_code_rows
from minping_engine.demo.evidence.beside import SCHEMAS, fact_table, mark_table, visit_table
from minping_engine.demo.evidence.cases import case_table
from minping_engine.demo.evidence.drawing import Drawing
from minping_engine.demo.evidence.fitting import check_fit
from minping_engine.demo.evidence.plan import DemoPlan
from minping_engine.demo.evidence.planting import Tables, plant_all
from minping_engine.demo.places import DISTRICT_CODE
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import BallotPart, SnapshotHead, seal_snapshot
from minping_engine.terms import first_day

SOURCE = "minping scheme demo: invented evidence"
BALLOTS = "ballots/"
MILLE = 1000


def seal_scheme_demo(
    loaded: LoadedScheme,
    plan: DemoPlan,
    seed: int,
    period: str,
    folder: Path,
    earlier_tables: Mapping[str, pa.Table] | None = None,
) -> str:
    """Draw one period and seal it into `folder`; returns the snapshot's hash.

    `earlier_tables` are tables of the contract made from earlier results. Raises `SchemeError` with
    everything in which the plan does not fit the scheme.
    """
    ground = make_ground(seed)
    drawing = Drawing(loaded, plan, seed, period, assessees_of(plan.assessees, ground))
    check_fit(plan, loaded, drawing.n)
    areas = pa.Table.from_pylist(area_rows(drawing.assessees, ground), SCHEMAS["areas"])
    tables = plant_all(_drawn(drawing) | {"areas": areas} | dict(earlier_tables or {}), drawing)
    parts = [
        BallotPart(name.removeprefix(BALLOTS), DISTRICT_CODE, _numbered(table, "ballot_id", drawing, name))
        for name, table in tables.items()
        if name.startswith(BALLOTS)
    ]
    tables = {name: table for name, table in tables.items() if not name.startswith(BALLOTS)}
    tables["cases"] = _numbered(tables["cases"], "case_id", drawing, "cases")
    head = SnapshotHead(period, loaded.scheme.period.kind.value, SOURCE, synthetic=True)
    return seal_snapshot(folder, head, tables, parts)


def _drawn(drawing: Drawing) -> Tables:
    return {
        **_posts(drawing),
        "item_codes": pa.Table.from_pylist(item_code_rows(drawing), SCHEMAS["item_codes"]),
        "sample": frame_table(drawing),
        "facts": fact_table(drawing),
        "appraisals": mark_table(drawing),
        "cases": case_table(drawing),
        "visits": visit_table(drawing),
        **{f"{BALLOTS}{key}": table for key, table in ballot_tables(drawing).items()},
    }


def _posts(drawing: Drawing) -> Tables:
    """Who is assessed, what ballots rate, and who answers for it: one target each."""
    people, n = drawing.assessees, drawing.n
    kind = [drawing.loaded.scheme.assessee_kind.value] * n
    areas = [person.area_id for person in people]
    columns: dict[str, dict[str, object]] = {
        "assessees": {
            "assessee_id": drawing.ids,
            "kind": kind,
            "name": [person.name for person in people],
            "area_id": areas,
        },
        "targets": {"target": range(n), "area_id": areas, "subject": kind},
        "postings": {
            "target": range(n),
            "assessee_id": drawing.ids,
            "from_day": [first_day(drawing.period)] * n,
            "to_day": [None] * n,
            "share": [MILLE] * n,
        },
    }
    return {name: pa.table(some, schema=SCHEMAS[name]) for name, some in columns.items()}


def _numbered(table: pa.Table, column: str, drawing: Drawing, name: str) -> pa.Table:
    """Random numbers that say nothing of the order in which rows were drawn."""
    place = table.schema.get_field_index(column)
    numbers = drawing.rng("numbers", name).permutation(table.num_rows)
    return table.set_column(place, table.schema.field(place), pa.array(numbers, pa.int64()))
