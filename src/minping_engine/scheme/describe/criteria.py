"""Criteria in words: how a value becomes points of an indicator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from minping_engine.scheme.describe.blanks import is_blank
from minping_engine.scheme.describe.context import Context
from minping_engine.scheme.describe.document import Line
from minping_engine.scheme.expressions import Unit
from minping_engine.scheme.model import (
    Deduct,
    FormulaPoints,
    Indicator,
    Linear,
    Lookup,
    Percentile,
    PerStep,
    Steps,
    ZScore,
)


def criterion_words(context: Context, node: Indicator) -> Line:
    """The criterion of an indicator; of a node with parts, that it is their sum."""
    if node.criterion is None:
        said = "scaled_parts" if node.scaled else "sum_of_parts"
        return Line(context.w.say(said) if node.parts else "")
    return WORDS[type(node.criterion)](context, node, node.criterion)


def unit_of_measure(context: Context, node: Indicator) -> Unit | None:
    """The unit of the value that a criterion reads."""
    return context.titles[node.measure or ""].unit


def _linear(context: Context, node: Indicator, criterion: Linear) -> Line:
    w, unit = context.w, unit_of_measure(context, node)
    low, high = w.amount(criterion.from_, unit), w.amount(criterion.to, unit)
    return Line(w.say("linear", low=low, high=high, points=w.points(node.points)))


def _steps(context: Context, node: Indicator, criterion: Steps) -> Line:
    return Line(context.w.say("bands"))


def _step_width(context: Context, per: Fraction, unit: Unit | None) -> str:
    """A difference of shares is said in percentage points."""
    w = context.w
    if unit in {Unit.SHARE, Unit.PERCENT}:
        return w.counted("one_percent", per * 100 if unit is Unit.SHARE and not is_blank(per) else per)
    return w.amount(per, unit)


def _deduct(context: Context, node: Indicator, criterion: Deduct) -> Line:
    w, unit = context.w, unit_of_measure(context, node)
    text = w.say(
        "deduct_low" if criterion.low_is_good else "deduct",
        full=w.amount(criterion.full_from, unit),
        per=_step_width(context, criterion.per, unit),
        points=w.points(criterion.points),
    )
    return Line(w.sentences((text, w.say(f"counting_{criterion.counting}"))))


def _per_step(context: Context, node: Indicator, criterion: PerStep) -> Line:
    w = context.w
    per = _step_width(context, criterion.per, unit_of_measure(context, node))
    text = w.say("per_step", per=per, points=w.points(criterion.points))
    return Line(w.sentences((text, w.say(f"counting_{criterion.counting}"))))


def _percentile(context: Context, node: Indicator, criterion: Percentile) -> Line:
    return Line(context.w.say("percentile_low" if criterion.low_is_good else "percentile"))


def _z(context: Context, node: Indicator, criterion: ZScore) -> Line:
    w = context.w
    mean, per = w.amount(criterion.at_mean, Unit.SHARE), w.amount(criterion.per_sd, Unit.SHARE)
    return Line(w.say("z_low" if criterion.low_is_good else "z", mean=mean, per=per))


def _lookup(context: Context, node: Indicator, criterion: Lookup) -> Line:
    w = context.w
    return Line(
        w.sentences(
            w.say("lookup", word=w.say("quoted", text=word), share=w.amount(share, Unit.SHARE))
            for word, share in criterion.shares.items()
        )
    )


def _formula(context: Context, node: Indicator, criterion: FormulaPoints) -> Line:
    here = (("measure", context.titles.title(node.measure)),) if node.measure else ()
    line = replace(context.spoken, here=here).line(criterion.value)
    return Line(context.w.say("formula", text=line.text), line.small)


WORDS: dict[type[Any], Callable[[Context, Indicator, Any], Line]] = {
    Linear: _linear,
    Steps: _steps,
    Deduct: _deduct,
    PerStep: _per_step,
    Percentile: _percentile,
    ZScore: _z,
    Lookup: _lookup,
    FormulaPoints: _formula,
}
