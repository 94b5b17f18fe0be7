"""The tree of indicators: points upwards, and what a missing part does to the whole.

In: candidates with their measures. Out: points of every node per candidate. A part that does not
apply is left out and the others carry its marks; a part that applies but has no value leaves the
whole without one, or is carried by the others if the scheme says so and enough is left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from minping_engine.scheme import FormulaPoints, Indicator, Percentile, Rules, ZScore, half_up, nodes_of
from minping_engine.scoring.criteria import compared_points, points_of, slope_of
from minping_engine.scoring.values import Candidate, MeasureValue, Numbers
from minping_engine.terms import MeasureState

Groups = Mapping[str, Sequence[Fraction]]
REACH = 3
"""Standard errors within which an error is felt over the end of a line."""
ABSENT = MeasureValue(None, MeasureState.ABSENT)


@dataclass(frozen=True)
class NodePoints:
    """Points of a node, the state of one without points, and its error by source.

    `unfollowed`: there is an error that the criterion does not let through (bands, a formula).
    """

    points: Fraction | None
    state: MeasureState
    errors: Mapping[str, float] = field(default_factory=dict)
    unfollowed: bool = False


@dataclass(frozen=True)
class TreeInput:
    """What every node of one candidate may need: names known before the tree, groups by node."""

    candidate: Candidate
    names: Numbers
    groups: Mapping[str, Groups]
    rules: Rules


def value_of(candidate: Candidate, measure: str) -> MeasureValue:
    """A measure, or a fact as a value."""
    if measure in candidate.measures:
        return candidate.measures[measure]
    fact = candidate.facts.get(measure)
    return ABSENT if fact is None else MeasureValue(fact, n=1)


def applies(node: Indicator, given: TreeInput) -> bool:
    """Whether the node holds for the candidate; an unknown condition does not."""
    rule = given.rules.get(f"indicators.{node.id}.applies")
    return rule is None or rule.evaluate(given.names) is True


def group_values(
    indicators: tuple[Indicator, ...], inputs: Sequence[TreeInput]
) -> dict[str, dict[str, list[Fraction]]]:
    """Values by node and comparison group, for nodes whose criterion compares."""
    found: dict[str, dict[str, list[Fraction]]] = {}
    for node in nodes_of(indicators):
        if isinstance(node.criterion, Percentile | ZScore):
            found[node.id] = defaultdict(list)
            for given in inputs:
                value = value_of(given.candidate, node.measure or "").value
                if isinstance(value, Fraction) and applies(node, given):
                    found[node.id][given.candidate.group].append(value)
    return found


def tree_points(indicators: tuple[Indicator, ...], given: TreeInput) -> dict[str, NodePoints]:
    """Points of every node that applies."""
    made: dict[str, NodePoints] = {}
    for node in indicators:
        _visit(node, given, made)
    return made


def _visit(node: Indicator, given: TreeInput, made: dict[str, NodePoints]) -> None:
    if not applies(node, given):
        return
    for part in node.parts:
        _visit(part, given, made)
    if node.parts:
        result = combine(node.parts, node.points, made, redistribute=_least(node))
    else:
        result = _leaf(node, given)
    if result.points is not None and node.round is not None:
        result = replace(result, points=half_up(result.points, node.round))
    made[node.id] = result


def _least(node: Indicator) -> int | None:
    return node.needs_percent if node.missing == "redistribute" else None


def combine(
    parts: Sequence[Indicator], full: Fraction, made: Mapping[str, NodePoints], *, redistribute: int | None
) -> NodePoints:
    """Sum of the parts that apply, brought to full marks; `redistribute`: percent that must have a value."""
    there = [part for part in parts if part.id in made]
    valued = [part for part in there if made[part.id].points is not None]
    marks = sum((part.points for part in valued), start=Fraction(0))
    wanted = sum((part.points for part in there), start=Fraction(0))
    if not valued or (
        len(valued) < len(there) and (redistribute is None or marks * 100 < redistribute * wanted)
    ):
        lacking = [made[part.id].state for part in there if made[part.id].points is None]
        return NodePoints(None, lacking[0] if lacking else MeasureState.NOT_APPLICABLE)
    scale = full / marks
    total = sum((made[part.id].points or Fraction(0) for part in valued), start=Fraction(0)) * scale
    errors: dict[str, float] = defaultdict(float)
    for part in valued:
        for source, error in made[part.id].errors.items():
            errors[source] += error * float(scale)
    unfollowed = any(made[part.id].unfollowed for part in valued)
    return NodePoints(total, MeasureState.VALUED, errors, unfollowed)


def _leaf(node: Indicator, given: TreeInput) -> NodePoints:
    measured = value_of(given.candidate, node.measure) if node.measure else None
    if measured is not None and measured.value is None:
        return NodePoints(None, measured.state)
    points = _points(node, measured.value if measured else None, given)
    if points is None:
        return NodePoints(None, MeasureState.NO_SAMPLE)
    if (
        measured is None
        or not (measured.se or measured.unfollowed)
        or not isinstance(measured.value, Fraction)
    ):
        return NodePoints(points, MeasureState.VALUED)
    if isinstance(node.criterion, FormulaPoints) and not measured.unfollowed:
        return _of_formula(node, measured, points, given)
    slope = slope_of(node.criterion, node.points, measured.value, Fraction(REACH * measured.se))
    if slope is None or measured.unfollowed:
        return NodePoints(points, MeasureState.VALUED, unfollowed=True)
    return NodePoints(points, MeasureState.VALUED, {measured.source: abs(float(slope)) * measured.se})


def _of_formula(node: Indicator, measured: MeasureValue, points: Fraction, given: TreeInput) -> NodePoints:
    """A formula carries an error as far as it moves between one error below and one above."""
    assert isinstance(measured.value, Fraction)
    step = Fraction(measured.se)
    up, down = (_points(node, measured.value + sign * step, given) for sign in (1, -1))
    if up is None or down is None:
        return NodePoints(points, MeasureState.VALUED, unfollowed=True)
    return NodePoints(points, MeasureState.VALUED, {measured.source: abs(float(up - down)) / 2})


def _points(node: Indicator, value: Fraction | str | None, given: TreeInput) -> Fraction | None:
    criterion = node.criterion
    if isinstance(criterion, FormulaPoints):
        names = {**given.names, "measure": value, "full": node.points}
        made = given.rules[f"indicators.{node.id}.criterion"].evaluate(names)
        return min(max(made, Fraction(0)), node.points) if isinstance(made, Fraction) else None
    if isinstance(criterion, Percentile | ZScore):
        group = given.groups.get(node.id, {}).get(given.candidate.group, ())
        return compared_points(criterion, node.points, value, group) if isinstance(value, Fraction) else None
    if criterion is None or value is None:
        return None
    return points_of(criterion, node.points, value)
