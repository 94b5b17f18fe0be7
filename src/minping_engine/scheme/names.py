"""Names that expressions of a scheme may use, with their units, by the place where they stand.

Each step of scoring adds the names that it makes (docs/method/points.md), so an expression can only
look back along the flow: no cycles. In: a scheme and the units of its numeric values. Out: one
mapping of names to units for each step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from minping_engine.scheme.expressions import Unit
from minping_engine.scheme.model import (
    AppraisalMean,
    BallotMean,
    CaseCount,
    Formula,
    Indicator,
    Measure,
    ResultCount,
    ResultGrade,
    ResultScore,
    Scheme,
)

Names = Mapping[str, Unit]
CONTEXT: Names = MappingProxyType(
    {
        **dict.fromkeys(("kind", "area_class", "area_kind", "urban_rural"), Unit.TEXT),
        "year_end": Unit.TRUTH,
    }
)
"""About the assessee, its area, and whether the period is the last of its year."""
_FLAGS = (
    *("urgent", "accepted", "filed", "dispatched", "dispatched_right", "due", "closed", "closed_on_time"),
    *("deferred", "sent_back", "self_handled", "missed", "verified", "signed_on_time", "contacted"),
    *("picture_proof", "callback_valid", "resolved"),
)
CASES: Names = MappingProxyType(
    {
        **dict.fromkeys(_FLAGS, Unit.TRUTH),
        **dict.fromkeys(("category", "source", "attributed_to", "satisfaction"), Unit.TEXT),
        "reworked": Unit.TIMES,
    }
)
"""About one case, from the snapshot's table `cases`."""
EARLIER: Names = MappingProxyType(
    {
        "score": Unit.POINTS,
        "grade": Unit.TEXT,
        "grade_step": Unit.NUMBER,
        "grade_change": Unit.NUMBER,
        "grade_steps": Unit.NUMBER,
        "assessed": Unit.TRUTH,
    }
)
"""About one period of an assessee: step 1 is the best grade, a change is positive when the grade rose."""
OUTCOME: Names = MappingProxyType(
    {
        **EARLIER,
        "previous_score": Unit.POINTS,
        "previous_grade": Unit.TEXT,
        "rank": Unit.NUMBER,
        "ranked_of": Unit.NUMBER,
        "rank_low": Unit.NUMBER,
        "rank_high": Unit.NUMBER,
        "tied": Unit.NUMBER,
        "rank_from_below": Unit.NUMBER,
    }
)
RESERVED = frozenset({*CONTEXT, *OUTCOME, "measure", "full", "vetoed", "null", "true", "false"})


@dataclass(frozen=True)
class NamesByStep:
    """Names known at each step of scoring."""

    facts: Names
    cases: Names
    measures: Names
    criteria: Names
    adjustments: Names
    earlier: Names
    vetoes: Names
    cards: Names
    use: Names


def unit_of(measure: Measure) -> Unit:
    """The unit of a measure's value."""
    if isinstance(measure, Formula):
        return measure.unit
    if isinstance(measure, BallotMean | AppraisalMean | ResultScore):
        return Unit.POINTS
    if isinstance(measure, ResultGrade):
        return Unit.TEXT
    if isinstance(measure, CaseCount):
        return Unit.COUNT
    if isinstance(measure, ResultCount):
        return Unit.TIMES
    return Unit.SHARE


def nodes_of(indicators: tuple[Indicator, ...]) -> Iterator[Indicator]:
    """All nodes of the tree, parents before their parts."""
    for indicator in indicators:
        yield indicator
        yield from nodes_of(indicator.parts)


def names_by_step(scheme: Scheme, values: Names) -> NamesByStep:
    """What may be named where."""
    facts = {**CONTEXT, **values, **{fact.id: fact.unit for fact in scheme.facts}}
    measures = {**facts, **{measure.id: unit_of(measure) for measure in scheme.measures}}
    nodes = {**measures, **{node.id: Unit.POINTS for node in nodes_of(scheme.indicators)}}
    outcome = {**nodes, **OUTCOME, **{count.id: Unit.TIMES for count in scheme.over_periods}}
    cards = {**outcome, "vetoed": Unit.TRUTH, **{veto.id: Unit.TRUTH for veto in scheme.vetoes}}
    return NamesByStep(
        facts=facts,
        cases={**CASES, **values},
        measures=measures,
        criteria={**measures, "full": Unit.POINTS},
        adjustments=nodes,
        earlier={**EARLIER, **values},
        vetoes=outcome,
        cards=cards,
        use={**cards, **{card.id: Unit.TRUTH for card in scheme.cards}},
    )
