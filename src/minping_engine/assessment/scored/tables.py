"""Outcomes, indicators, measures, bonus and deductions, proposals as typed tables.

In: what scoring decided. Out: rows in the order of assessees and of the scheme. Every number stands
twice: as float64 for reading, and exactly as text (a fraction such as 263/3) for whoever checks it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import pyarrow as pa

from minping_engine.scheme import Scheme, nodes_of, unit_of
from minping_engine.scoring import MeasureValue, Outcome, Proposal
from minping_engine.terms import MeasureState, Status


def _field(name: str, kind: pa.DataType, about: str, *, nullable: bool = True) -> pa.Field:
    return pa.field(name, kind, nullable=nullable, metadata={"about": about})


_WHO = (
    _field("assessee_id", pa.string(), "who", nullable=False),
    _field("period", pa.string(), "assessment period", nullable=False),
)
OUTCOMES = pa.schema(
    [
        *_WHO,
        _field("name", pa.string(), "name for papers", nullable=False),
        _field("area_id", pa.string(), "place it belongs to", nullable=False),
        _field("group", pa.string(), "comparison group; empty where all are one", nullable=False),
        _field("raw", pa.float64(), "total before bonus, deductions and rounding"),
        _field("score", pa.float64(), "score, after vetoes that limit it"),
        _field("score_exact", pa.string(), "the score as an exact fraction"),
        _field("score_se", pa.float64(), "its standard error, as far as it comes from ballots"),
        _field("status", pa.string(), "Status", nullable=False),
        _field("reason", pa.string(), "NotAssessed or MeasureState, or null"),
        _field("rank", pa.int64(), "place inside the group, equal scores on one place"),
        _field("ranked_of", pa.int64(), "how many are ranked there"),
        _field("rank_low", pa.int64(), "best place that the errors allow (95 %, all at once)"),
        _field("rank_high", pa.int64(), "worst place that they allow"),
        _field("grade", pa.string(), "grade, or null"),
        _field("grade_step", pa.int64(), "place of the grade, 1 = best"),
        _field("grade_change", pa.int64(), "steps risen (above 0) or fallen since the period before"),
        _field("counts", pa.string(), "what is counted over periods, as JSON", nullable=False),
        _field("vetoes", pa.string(), "ids of vetoes that hold, separated by blanks", nullable=False),
        _field("cards", pa.string(), "ids of cards that are shown, separated by blanks", nullable=False),
    ]
)
NODES = pa.schema(
    [
        *_WHO,
        _field("node", pa.string(), "id of the indicator, focus or dimension", nullable=False),
        _field("points", pa.float64(), "points; null where there is no value"),
        _field("exact", pa.string(), "the points as an exact fraction"),
        _field("full", pa.float64(), "full marks", nullable=False),
        _field("state", pa.string(), "MeasureState", nullable=False),
    ]
)
MEASURES = pa.schema(
    [
        *_WHO,
        _field("measure", pa.string(), "id of the measure or fact", nullable=False),
        _field("unit", pa.string(), "unit of the value", nullable=False),
        _field("value", pa.float64(), "value where it is a number"),
        _field("exact", pa.string(), "the value as an exact fraction, or the word"),
        _field("n", pa.int64(), "ballots, raters, cases or periods behind it", nullable=False),
        _field("numerator", pa.float64(), "numerator of a rate"),
        _field("denominator", pa.float64(), "its denominator"),
        _field("excluded", pa.int64(), "cases excluded by rule, which count in no rate (D8)", nullable=False),
        _field("se", pa.float64(), "standard error of a value from ballots"),
        _field("state", pa.string(), "MeasureState", nullable=False),
    ]
)
ADJUSTED = pa.schema(
    [
        *_WHO,
        _field("adjustment", pa.string(), "id of the bonus or deduction", nullable=False),
        _field("points", pa.float64(), "points added (above 0) or taken", nullable=False),
        _field("exact", pa.string(), "the same as an exact fraction", nullable=False),
    ]
)
PROPOSALS = pa.schema(
    [
        *_WHO,
        _field("use", pa.string(), "id of the use of results", nullable=False),
        _field("kind", pa.string(), "its kind", nullable=False),
        _field("fen", pa.int64(), "money in fen"),
        _field("rule", pa.string(), "the rule as written", nullable=False),
        _field("basis", pa.string(), "the numbers it rests on, as JSON", nullable=False),
        _field("told_apart", pa.bool_(), "false where errors allow a rank without this money"),
        _field("signatures", pa.int64(), "persons who must sign", nullable=False),
    ]
)
SCORED_TABLES: dict[str, pa.Schema] = {
    "outcomes": OUTCOMES,
    "nodes": NODES,
    "measures": MEASURES,
    "bonus_and_deductions": ADJUSTED,
    "proposals": PROPOSALS,
}
"""Tables of every result, made by the scheme's rules."""


def outcome_rows(
    outcomes: Sequence[Outcome], people: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Rows of `OUTCOMES` without the period. `people`: name, area_id and reason by assessee."""
    rows = []
    for outcome in outcomes:
        name = outcome.candidate.assessee_id
        rows.append(
            {
                "assessee_id": name,
                "name": people[name]["name"],
                "area_id": people[name]["area_id"],
                "group": outcome.candidate.group,
                "raw": _float(outcome.raw),
                "score": _float(outcome.score),
                "score_exact": _text(outcome.score),
                "score_se": outcome.se or None,
                "status": (Status.ASSESSED if outcome.assessed else Status.NOT_ASSESSED).value,
                "reason": None if outcome.assessed else people[name].get("reason") or outcome.state.value,
                "rank": outcome.rank,
                "ranked_of": outcome.ranked_of,
                "rank_low": outcome.rank_low,
                "rank_high": outcome.rank_high,
                "grade": outcome.grade,
                "grade_step": outcome.step,
                "grade_change": outcome.change,
                "counts": json.dumps(outcome.counts, sort_keys=True),
                "vetoes": " ".join(outcome.vetoes),
                "cards": " ".join(outcome.cards),
            }
        )
    return rows


def node_rows(outcomes: Sequence[Outcome], scheme: Scheme) -> list[dict[str, Any]]:
    """Rows of `NODES`: nodes that apply, in the order of the tree."""
    nodes = tuple(nodes_of(scheme.indicators))
    return [
        {
            "assessee_id": outcome.candidate.assessee_id,
            "node": node.id,
            "points": _float(made.points),
            "exact": _text(made.points),
            "full": float(node.points),
            "state": made.state.value,
        }
        for outcome in outcomes
        for node in nodes
        if (made := outcome.nodes.get(node.id)) is not None
    ]


def measure_rows(outcomes: Sequence[Outcome], scheme: Scheme) -> list[dict[str, Any]]:
    """Rows of `MEASURES`: measures, then facts."""
    units = {measure.id: unit_of(measure).value for measure in scheme.measures}
    rows = []
    for outcome in outcomes:
        candidate = outcome.candidate
        for name, unit in units.items():
            rows.append(
                {"assessee_id": candidate.assessee_id} | _measure(name, unit, candidate.measures[name])
            )
        for fact in scheme.facts:
            value = candidate.facts.get(fact.id)
            state = MeasureState.ABSENT if value is None else MeasureState.VALUED
            known = MeasureValue(value, state, n=int(value is not None))
            rows.append({"assessee_id": candidate.assessee_id} | _measure(fact.id, fact.unit.value, known))
    return rows


def _measure(name: str, unit: str, made: MeasureValue) -> dict[str, Any]:
    return {
        "measure": name,
        "unit": unit,
        "value": _float(made.value) if isinstance(made.value, Fraction) else None,
        "exact": _text(made.value),
        "n": made.n,
        "numerator": _float(made.numerator),
        "denominator": _float(made.denominator),
        "excluded": made.excluded,
        "se": made.se or None,
        "state": made.state.value,
    }


def adjustment_rows(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Rows of `ADJUSTED`."""
    return [
        {
            "assessee_id": outcome.candidate.assessee_id,
            "adjustment": name,
            "points": float(points),
            "exact": str(points),
        }
        for outcome in outcomes
        for name, points in outcome.adjustments.items()
    ]


def proposal_rows(
    proposals: Sequence[Proposal], scheme: Scheme, outcomes: Sequence[Outcome]
) -> list[dict[str, Any]]:
    """Rows of `PROPOSALS`."""
    uses = {use.id: use for use in scheme.use}
    worst = {outcome.candidate.assessee_id: outcome.rank_high or 0 for outcome in outcomes}
    rows = []
    for made in proposals:
        money = uses[made.use].money
        by_rank = money.by_rank if money else None
        rows.append(
            {
                "assessee_id": made.assessee_id,
                "use": made.use,
                "kind": made.kind,
                "fen": made.fen,
                "rule": made.rule,
                "basis": json.dumps(dict(made.basis), ensure_ascii=False, sort_keys=True),
                "told_apart": None if by_rank is None else 0 < worst[made.assessee_id] <= len(by_rank),
                "signatures": uses[made.use].signatures,
            }
        )
    return rows


def as_table(schema: pa.Schema, rows: Sequence[Mapping[str, Any]], period: str) -> pa.Table:
    """Rows as a table of that schema."""
    columns = {name: [row[name] for row in rows] for name in schema.names if name != "period"}
    columns["period"] = [period] * len(rows)
    return pa.table([pa.array(columns[field.name], field.type) for field in schema], schema=schema)


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _text(value: Fraction | str | None) -> str | None:
    return None if value is None else str(value)
