"""Facts, marks and visits of a demonstration's period, as tables of the snapshot contract.

In: a `Drawing`. Out: `facts`, `appraisals`, `visits`, before anything is planted. Visits know two
windows: the period, and its year so far, in which a household visited twice counts once (S3).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from minping_engine.demo.evidence.drawing import ALWAYS, Drawing, Ints, chances, choices, milli, numbers
from minping_engine.demo.evidence.plan import FactDraw, Marks, Number, OneOf, PartOf, Rare
from minping_engine.demo.streams import Floats
from minping_engine.scheme import Unit
from minping_engine.snapshot import TABLES, arrow_schema
from minping_engine.terms import PeriodKind, period_kind, year_of

SCHEMAS = {table.name: arrow_schema(table) for table in TABLES}


def fact_table(drawing: Drawing) -> pa.Table:
    """One row per assessee and fact."""
    texts = {fact.id for fact in drawing.loaded.scheme.facts if fact.unit is Unit.TEXT}
    parts = []
    for name, draw in drawing.plan.facts.items():
        if name in texts and isinstance(draw, OneOf):
            parts.append(_fact_rows(drawing, name, None, _words(drawing, name, draw)))
        else:
            parts.append(_fact_rows(drawing, name, milli(_values(drawing, name, draw)), None))
    return pa.concat_tables(parts) if parts else SCHEMAS["facts"].empty_table()


def _fact_rows(drawing: Drawing, name: str, values: Ints | None, words: list[str] | None) -> pa.Table:
    nothing = [None] * drawing.n
    columns = {
        "assessee_id": drawing.ids,
        "fact": [name] * drawing.n,
        "value_milli": nothing if values is None else values,
        "text": nothing if words is None else words,
    }
    return pa.table(columns, schema=SCHEMAS["facts"])


def _words(drawing: Drawing, name: str, draw: OneOf) -> list[str]:
    """Words describe what lasts, such as a position: they are drawn once for all periods."""
    words = [str(word) for word in draw.one_of]
    places = choices(_frequencies(draw), drawing.n, drawing.rng("facts", name, period=ALWAYS))
    return [words[place] for place in places.tolist()]


def _frequencies(draw: OneOf) -> dict[str, float]:
    return {str(value): weight for value, weight in draw.one_of.items()}


def _values(drawing: Drawing, name: str, draw: FactDraw) -> Floats:
    rng, quality = drawing.rng("facts", name), drawing.quality()
    if isinstance(draw, OneOf):
        known = np.array([float(value) for value in draw.one_of])
        return known[choices(_frequencies(draw), drawing.n, rng)]
    if isinstance(draw, Rare):
        return (rng.random(drawing.n) < chances(draw.rare, draw.quality, quality)).astype(np.float64)
    if isinstance(draw, PartOf):
        whole = _values(drawing, draw.part_of, drawing.plan.facts[draw.part_of])
        share = draw.share + draw.quality * quality + draw.spread * rng.standard_normal(drawing.n)
        return np.asarray(np.minimum(np.floor(whole * np.clip(share, 0, 1) + 0.5), np.floor(whole)))
    return numbers(draw, quality, rng)


def mark_table(drawing: Drawing) -> pa.Table:
    """One row per assessee, rater and item; raters have random numbers that say nothing of them."""
    parts = [
        part for group, marks in drawing.plan.marks.items() for part in _group_rows(drawing, group, marks)
    ]
    return pa.concat_tables(parts) if parts else SCHEMAS["appraisals"].empty_table()


def _group_rows(drawing: Drawing, group: str, marks: Marks) -> list[pa.Table]:
    total = drawing.n * marks.raters
    raters = drawing.rng("appraisals", group).permutation(total)
    kinds: list[str | None] = [kind for kind, count in marks.kinds.items() for _ in range(count)]
    quality = np.repeat(drawing.quality(), marks.raters)
    return [
        pa.table(
            {
                "assessee_id": np.repeat(drawing.ids, marks.raters),
                "rater_group": [group] * total,
                "rater": raters,
                "item": [item] * total,
                "rater_kind": kinds * drawing.n or [None] * total,
                "marks_milli": milli(numbers(mark, quality, drawing.rng("appraisals", group, item))),
            },
            schema=SCHEMAS["appraisals"],
        )
        for item, mark in marks.items.items()
    ]


def visit_table(drawing: Drawing) -> pa.Table:
    """Different households visited in the period, and in its year so far."""
    draw = drawing.plan.visits
    if draw is None:
        return SCHEMAS["visits"].empty_table()
    windows = {drawing.period: _visited(drawing, draw, drawing.period)}
    if year := year_of(drawing.period):
        never = np.ones(drawing.n)
        for period in periods_until(drawing.period):
            never *= 1 - _visited(drawing, draw, period) / drawing.households
        windows[year] = np.rint(drawing.households * (1 - never)).astype(np.int64)
    return pa.concat_tables(
        pa.table(
            {"target": range(drawing.n), "period": [window] * drawing.n, "households": households},
            schema=SCHEMAS["visits"],
        )
        for window, households in windows.items()
    )


def _visited(drawing: Drawing, draw: Number, period: str) -> Ints:
    drawn = numbers(draw, drawing.quality(period), drawing.rng("visits", period=period))
    return np.clip(np.rint(drawn), 0, drawing.households).astype(np.int64)


def periods_until(period: str) -> list[str]:
    """Periods of its kind from the year's first one to this one.

    >>> periods_until("2020Q3")
    ['2020Q1', '2020Q2', '2020Q3']
    """
    width = 2 if period_kind(period) is PeriodKind.MONTH else 1
    return [f"{period[:-width]}{number:0{width}d}" for number in range(1, int(period[-width:]) + 1)]
