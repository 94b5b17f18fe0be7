"""Ballots of every questionnaire of a scheme, drawn around the assessees' hidden quality.

In: a `Drawing`. Out: ballots by instrument with the frame they were drawn from. Answers of an item are
ordered by their points and drawn by an ordered logistic model: one threshold between two answers, for
any number of answers. Answers that a measure leaves out (don't know) come now and then, whatever the quality.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from minping_engine.demo.evidence.beside import SCHEMAS
from minping_engine.demo.evidence.drawing import Drawing, Ints
from minping_engine.demo.streams import Floats
from minping_engine.scheme import BallotShare, Instrument, Item
from minping_engine.snapshot import TABLES, arrow_schema
from minping_engine.terms import Mode

_BALLOTS = next(table for table in TABLES if table.name == "ballots")
SKEW = 3
"""The share of answers below step j of k is (j/k)**SKEW at middling quality: most people are content."""
HOUSEHOLD = 0.7
"""What the answers of one household share, in log odds."""
LEFT_OUT = 0.05
DRAWN_PER_BALLOT = 2


def ballot_tables(drawing: Drawing) -> dict[str, pa.Table]:
    """Instrument's key -> ballots of all assessees; target = place of the assessee in the list."""
    return {form.key: _ballots(drawing, form) for form in drawing.loaded.scheme.instruments}


def frame_table(drawing: Drawing) -> pa.Table:
    """Eligible and drawn households by target."""
    ballots = drawing.plan.ballots
    if ballots is None:
        return SCHEMAS["sample"].empty_table()
    drawn = DRAWN_PER_BALLOT * ballots.per_assessee
    columns = {
        "target": range(drawing.n),
        "stratum": [0] * drawing.n,
        "eligible": np.maximum(drawing.households, drawn),
        "drawn": [drawn] * drawing.n,
    }
    return pa.table(columns, schema=SCHEMAS["sample"])


def item_code_rows(drawing: Drawing) -> list[dict[str, object]]:
    """Answer codes of all questionnaires."""
    return [
        {
            "instrument": form.key,
            "item": item.id,
            "code": answer.code,
            "label": answer.label.zh,
            "wording": item.text.zh,
        }
        for form in drawing.loaded.scheme.instruments
        for item in form.items
        for answer in item.answers
    ]


def _ballots(drawing: Drawing, form: Instrument) -> pa.Table:
    plan = drawing.plan.ballots
    assert plan is not None, "the plan fits the scheme"
    n = plan.per_assessee * drawing.n
    household = HOUSEHOLD * drawing.rng("ballots", form.key).standard_normal(n)
    lean = plan.level + plan.quality * np.repeat(drawing.quality(), plan.per_assessee) + household
    modes = _modes(drawing, form, n)
    columns: dict[str, object] = {
        "ballot_id": np.arange(n),
        "target": np.repeat(np.arange(drawing.n), plan.per_assessee),
        "stratum": np.zeros(n, dtype=np.int16),
        "mode": modes,
        "randomised": modes != Mode.OPEN_ONLINE.value,
    }
    for item in form.items:
        columns[f"item_{item.id}"] = _codes(drawing, form, item, lean)
    schema = arrow_schema(_BALLOTS, list(columns))
    return pa.table([pa.array(columns[field.name]).cast(field.type) for field in schema], schema=schema)


def _modes(drawing: Drawing, form: Instrument, n: int) -> Ints:
    """Modes of the scheme's means, by chance."""
    known = [Mode[mode.upper()].value for mode in drawing.loaded.scheme.means.modes]
    return drawing.rng("ballots", form.key, "mode").choice(known or [Mode.UNKNOWN.value], n)


def _codes(drawing: Drawing, form: Instrument, item: Item, lean: Floats) -> Ints:
    rng = drawing.rng("ballots", form.key, item.id)
    apart = _left_out(drawing, form, item)
    steps = sorted(
        (answer for answer in item.answers if answer.code not in apart), key=lambda answer: answer.points
    )
    hidden = lean + rng.logistic(size=lean.size)
    codes = np.array([answer.code for answer in steps])[np.searchsorted(thresholds(len(steps)), hidden)]
    other = rng.random(lean.size) < LEFT_OUT
    if apart:
        codes[other] = rng.choice(sorted(apart), int(other.sum()))
    return codes


def thresholds(answers: int) -> Floats:
    """Cuts between answers on the scale of log odds, from the worst answer up.

    >>> thresholds(2).round(3).tolist()
    [-1.946]
    """
    below = (np.arange(1, answers) / answers) ** SKEW
    return np.asarray(np.log(below / (1 - below)))


def _left_out(drawing: Drawing, form: Instrument, item: Item) -> set[int]:
    """Codes that a measure leaves out of its shares, as long as two answers remain."""
    scheme = drawing.loaded.scheme
    named = {
        code
        for measure in scheme.measures
        if isinstance(measure, BallotShare)
        and measure.item == item.id
        and (measure.instrument or scheme.instrument.id) == form.id
        for code in measure.left_out
    }
    return named if len(item.answers) - len(named) > 1 else set()
