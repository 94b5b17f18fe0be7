"""The expressions of a scheme, compiled: conditions and formulas by the place where they stand.

In: a scheme and the units of its numeric values. Out: `Rules`, and every problem of every
expression. Places are written as in the file, with ids instead of numbers:
`vetoes.verified_complaint.when`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from minping_engine.errors import Place, Problem, SchemeError
from minping_engine.scheme.expressions import Expression, Unit, compile_expression
from minping_engine.scheme.model import (
    CaseCount,
    CaseRate,
    FactRate,
    Formula,
    FormulaPoints,
    Indicator,
    Measure,
    ResultCount,
    Scheme,
    Use,
)
from minping_engine.scheme.names import Names, NamesByStep, names_by_step, nodes_of, unit_of

Written = tuple[str, str, Names, Unit | None]
"""Place, text, names known there, unit wanted."""


@dataclass(frozen=True)
class Rules:
    """Compiled expressions by place."""

    by_place: dict[str, Expression]

    def __getitem__(self, place: str) -> Expression:
        return self.by_place[place]

    def get(self, place: str) -> Expression | None:
        """The expression at a place, or None where nothing is written."""
        return self.by_place.get(place)

    @property
    def names(self) -> frozenset[str]:
        """All names that any expression uses."""
        return frozenset().union(*(expression.names for expression in self.by_place.values()))


def compile_rules(scheme: Scheme, values: Names) -> tuple[Rules, list[Problem]]:
    """Compile everything that is written as an expression; problems instead of those that are wrong."""
    made: dict[str, Expression] = {}
    problems: list[Problem] = []
    for place, text, names, wants in _written(scheme, names_by_step(scheme, values)):
        try:
            made[place] = compile_expression(text, names, wants=wants, place=Place("scheme.yaml", key=place))
        except SchemeError as error:
            problems += error.problems
    return Rules(made), problems


def _written(scheme: Scheme, names: NamesByStep) -> Iterator[Written]:
    for measure in scheme.measures:
        yield from _of_measure(measure, names)
    for node in nodes_of(scheme.indicators):
        yield from _of_node(node, scheme, names)
    for change in scheme.adjustments:
        yield f"adjustments.{change.id}.points", change.points, names.adjustments, Unit.POINTS
        if change.when:
            yield f"adjustments.{change.id}.when", change.when, names.adjustments, Unit.TRUTH
    for count in scheme.over_periods:
        yield f"over_periods.{count.id}.when", count.when, names.earlier, Unit.TRUTH
    for veto in scheme.vetoes:
        yield f"vetoes.{veto.id}.when", veto.when, names.vetoes, Unit.TRUTH
    for card in scheme.cards:
        yield f"cards.{card.id}.when", card.when, names.cards, Unit.TRUTH
    for use in scheme.use:
        yield from _of_use(use, names)


def _of_measure(measure: Measure, names: NamesByStep) -> Iterator[Written]:
    place = f"measures.{measure.id}"
    if isinstance(measure, CaseRate):
        yield f"{place}.numerator", measure.numerator, names.cases, None
        yield f"{place}.denominator", measure.denominator, names.cases, Unit.TRUTH
    elif isinstance(measure, CaseCount):
        yield f"{place}.when", measure.when, names.cases, Unit.TRUTH
    elif isinstance(measure, FactRate):
        yield f"{place}.numerator", measure.numerator, names.facts, None
        yield f"{place}.denominator", measure.denominator, names.facts, None
    elif isinstance(measure, ResultCount):
        yield f"{place}.when", measure.when, names.earlier, Unit.TRUTH
    elif isinstance(measure, Formula):
        yield f"{place}.value", measure.value, names.measures, measure.unit


def _of_node(node: Indicator, scheme: Scheme, names: NamesByStep) -> Iterator[Written]:
    if node.applies:
        yield f"indicators.{node.id}.applies", node.applies, names.measures, Unit.TRUTH
    if isinstance(node.criterion, FormulaPoints):
        units = {measure.id: unit_of(measure) for measure in scheme.measures}
        units |= {fact.id: fact.unit for fact in scheme.facts}
        known = {**names.criteria, "measure": units.get(node.measure or "", Unit.NUMBER)}
        yield f"indicators.{node.id}.criterion", node.criterion.value, known, Unit.POINTS


def _of_use(use: Use, names: NamesByStep) -> Iterator[Written]:
    place = f"use.{use.id}"
    if use.when:
        yield f"{place}.when", use.when, names.use, Unit.TRUTH
    if use.money and use.money.amount:
        yield f"{place}.money.amount", use.money.amount, names.use, Unit.FEN
    if use.money and use.money.weights:
        yield f"{place}.money.weights", use.money.weights, names.use, None
