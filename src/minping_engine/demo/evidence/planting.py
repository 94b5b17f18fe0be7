"""What the plan plants is put in place of what was drawn, so that a demonstration shows it for sure.

In: all tables of a period, by name, each with the assessee or the target (= place in the list) as key.
Out: the same tables with nothing, with copies of another's rows, or with other facts. Plants hold in the
order written; a planted quality was already there when evidence was drawn.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.demo.evidence.beside import SCHEMAS
from minping_engine.demo.evidence.drawing import Drawing
from minping_engine.demo.evidence.plan import Plant

OF_PLACES = ("areas", "assessees", "item_codes", "history", "earlier_cells")
"""Tables that no plant touches."""
POSTS = ("targets", "postings")
"""Tables that only go with everything else: a copy keeps its own post."""
Tables = dict[str, pa.Table]


def plant_all(tables: Tables, drawing: Drawing) -> Tables:
    """Tables with all plants of the period."""
    for plant in drawing.plan.planted:
        if plant.holds(drawing.period):
            tables = _planted(tables, plant, drawing)
    return tables


def _planted(tables: Tables, plant: Plant, drawing: Drawing) -> Tables:
    kept = {name: table for name, table in tables.items() if name in OF_PLACES}
    rows = {name: table for name, table in tables.items() if name not in OF_PLACES}
    if plant.same_as is not None:
        rows = {
            name: table if name in POSTS else _copied(table, plant.who, plant.same_as, drawing)
            for name, table in rows.items()
        }
    if plant.facts:
        rows["facts"] = _with_facts(rows["facts"], plant, drawing)
    if plant.nothing:
        rows = {name: _without(table, plant.who, drawing) for name, table in rows.items()}
    return kept | rows


def _key(table: pa.Table) -> str:
    return "assessee_id" if "assessee_id" in table.column_names else "target"


def _key_of(table: pa.Table, who: int, drawing: Drawing) -> pa.Scalar:
    name = _key(table)
    value = drawing.ids[who] if name == "assessee_id" else who
    return pa.scalar(value, table.schema.field(name).type)


def _without(table: pa.Table, who: int, drawing: Drawing) -> pa.Table:
    return table.filter(pc.not_equal(table[_key(table)], _key_of(table, who, drawing)))


def _copied(table: pa.Table, who: int, source: int, drawing: Drawing) -> pa.Table:
    """Somebody's rows replaced by copies of another's."""
    rows = table.filter(pc.equal(table[_key(table)], _key_of(table, source, drawing)))
    place = table.schema.get_field_index(_key(table))
    key = pa.array([_key_of(table, who, drawing).as_py()] * rows.num_rows, table.schema.field(place).type)
    return pa.concat_tables(
        [_without(table, who, drawing), rows.set_column(place, table.schema.field(place), key)]
    )


def _with_facts(facts: pa.Table, plant: Plant, drawing: Drawing) -> pa.Table:
    who = drawing.ids[plant.who]
    own = pc.and_(pc.equal(facts["assessee_id"], who), pc.is_in(facts["fact"], pa.array(list(plant.facts))))
    rows = [
        {
            "assessee_id": who,
            "fact": name,
            "value_milli": None if isinstance(value, str) else round(value * 1000),
            "text": value if isinstance(value, str) else None,
        }
        for name, value in plant.facts.items()
    ]
    return pa.concat_tables([facts.filter(pc.invert(own)), pa.Table.from_pylist(rows, SCHEMAS["facts"])])
