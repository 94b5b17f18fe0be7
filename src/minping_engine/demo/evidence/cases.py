"""Service cases of a demonstration's period: flags, words, counts, times, exclusions.

In: a `Drawing`. Out: rows of `cases`, before anything is planted; numbers of cases are given at the
end. Times lie so that the one by which the scheme counts falls into the period; a case that was not
closed has no time of closing and no follow-up call.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from minping_engine.demo.evidence.beside import SCHEMAS
from minping_engine.demo.evidence.drawing import Drawing, Ints, chances, choices, numbers
from minping_engine.demo.evidence.plan import Cases, Rare
from minping_engine.demo.streams import Floats
from minping_engine.evidence.measures import Window, period_window
from minping_engine.terms import days_of

LONGEST_WORK, LONGEST_CALL = 5 * 86_400, 2 * 86_400
"""Seconds until a case is closed, and from then to the follow-up call."""


def case_table(drawing: Drawing) -> pa.Table:
    """All cases of all assessees."""
    cases = drawing.plan.cases
    schema = SCHEMAS["cases"]
    if cases is None:
        return schema.empty_table()
    n = cases.per_assessee * drawing.n
    quality = np.repeat(drawing.quality(), cases.per_assessee)
    flags = _flags(drawing, cases, quality)
    columns: dict[str, object] = {
        "case_id": np.arange(n), "assessee_id": np.repeat(drawing.ids, cases.per_assessee)
    }  # fmt: skip
    columns |= {name: held.astype(np.int8) for name, held in flags.items()}
    for name, words in cases.words.items():
        columns[name] = np.array(list(words))[choices(words, n, drawing.rng("cases", name))]
    columns |= _counts(drawing, cases, quality)
    columns |= _excluded(drawing, cases, n)
    columns |= _times(drawing, n, flags.get("closed"))
    arrays = [
        pa.array(columns[field.name], field.type) if field.name in columns else pa.nulls(n, field.type)
        for field in schema
    ]
    return pa.table(arrays, schema=schema)


def _flags(drawing: Drawing, cases: Cases, quality: Floats) -> dict[str, NDArray[np.bool_]]:
    held: dict[str, NDArray[np.bool_]] = {}
    for name, flag in cases.flags.items():
        drawn = drawing.rng("cases", name).random(quality.size)
        held[name] = drawn < chances(flag.share, flag.quality, quality)
        if flag.given is not None:
            held[name] &= held[flag.given]
    return held


def _counts(drawing: Drawing, cases: Cases, quality: Floats) -> dict[str, Ints]:
    made = {}
    for name, draw in cases.counts.items():
        rng = drawing.rng("cases", name)
        if isinstance(draw, Rare):
            drawn = (rng.random(quality.size) < chances(draw.rare, draw.quality, quality)).astype(np.float64)
        else:
            drawn = np.maximum(np.rint(numbers(draw, quality, rng)), 0)
        made[name] = drawn.astype(np.int64)
    return made


def _excluded(drawing: Drawing, cases: Cases, n: int) -> dict[str, pa.Array]:
    """At most one class of the exclusion list for each case."""
    if not cases.excluded:
        return {}
    rest = 1 - sum(cases.excluded.values())
    places = choices({**cases.excluded, "": rest}, n, drawing.rng("cases", "excluded"))
    words = [*cases.excluded, None]
    return {"excluded": pa.array([words[place] for place in places.tolist()], pa.string())}


def _times(drawing: Drawing, n: int, closed: NDArray[np.bool_] | None) -> dict[str, pa.Array]:
    """Taken in, closed, called back; none where the period's name tells no days."""
    if days_of(drawing.period) is None:
        return {}
    window, rng = _window(drawing), drawing.rng("cases", "times")
    seconds = int((window.end - window.start) / timedelta(seconds=1))
    inside = np.datetime64(window.start, "s") + rng.integers(0, seconds, n)
    work, call = rng.integers(3600, LONGEST_WORK, n), rng.integers(3600, LONGEST_CALL, n)
    before = {"created": 0 * work, "closed": work, "called_back": work + call}[window.basis]
    created = inside - before
    open_still = np.zeros(n, dtype=bool) if closed is None else ~closed
    kind = pa.timestamp("s")
    return {
        "created_at": pa.array(created, kind),
        "closed_at": pa.array(created + work, kind, mask=open_still),
        "called_back_at": pa.array(created + work + call, kind, mask=open_still),
    }


def _window(drawing: Drawing) -> Window:
    period = drawing.loaded.scheme.period
    basis = period.basis or "created"
    return period_window(drawing.period, cut_day=period.cut_day, cut_hour=period.cut_hour, basis=basis)
