"""Faults of facts, measures and the tree of indicators: ids, references, sums of points, cycles."""

from __future__ import annotations

from fractions import Fraction

from minping_engine.scheme.checks.finding import Faults, twice
from minping_engine.scheme.expressions import Unit, expression_names
from minping_engine.scheme.model import (
    AppraisalMean,
    AppraisalShare,
    BallotMean,
    BallotShare,
    Formula,
    FormulaPoints,
    Indicator,
    Lookup,
    Measure,
    Scheme,
    WholeScore,
)
from minping_engine.scheme.model.words import as_written
from minping_engine.scheme.names import RESERVED, nodes_of, unit_of


def tree_faults(scheme: Scheme) -> Faults:
    """All of them."""
    found = Faults()
    _id_faults(scheme, found)
    for measure in scheme.measures:
        _measure_faults(measure, scheme, found)
    _cycles(scheme, found)
    units = {fact.id: fact.unit for fact in scheme.facts}
    units |= {measure.id: unit_of(measure) for measure in scheme.measures}
    for node in nodes_of(scheme.indicators):
        _node_faults(node, units, found)
    if scheme.indicators:
        _sum_faults("total.points", scheme.total.points, scheme.indicators, found)
        _routine_faults(scheme.total, scheme.indicators, found)
    elif not scheme.instruments:
        found.told(
            "indicators",
            "方案要有 `instruments`（问卷）或 `indicators`（指标），也可两者都有",
            "a scheme has `instruments`, `indicators` or both",
        )
    return found


def _id_faults(scheme: Scheme, found: Faults) -> None:
    ids = [fact.id for fact in scheme.facts] + [measure.id for measure in scheme.measures]
    ids += [node.id for node in nodes_of(scheme.indicators)]
    ids += [count.id for count in scheme.over_periods]
    ids += [veto.id for veto in scheme.vetoes] + [card.id for card in scheme.cards]
    for name in twice(ids):
        found.of("scheme.id_twice", name, name=name)
    for name in sorted(RESERVED & set(ids)):
        found.of("scheme.id_reserved", name, name=name)
    for key in ("raters", "adjustments", "use"):
        for name in twice(part.id for part in getattr(scheme, key)):
            found.of("scheme.id_twice", f"{key}.{name}", name=name)


def _measure_faults(measure: Measure, scheme: Scheme, found: Faults) -> None:
    place = f"measures.{measure.id}"
    if isinstance(measure, AppraisalMean | AppraisalShare):
        known = [group.id for group in scheme.raters]
        if measure.raters not in known:
            found.of("scheme.unknown_id", f"{place}.raters", name=measure.raters, known=_list(known))
    if isinstance(measure, BallotMean | BallotShare):
        known = [instrument.id for instrument in scheme.instruments]
        if measure.instrument is None and len(known) != 1:
            found.told(
                f"{place}.instrument",
                f"请写明是哪份问卷：{_list(known)}",
                f"say which questionnaire is meant: {_list(known)}",
            )
        elif measure.instrument is not None and measure.instrument not in known:
            found.of("scheme.unknown_id", f"{place}.instrument", name=measure.instrument, known=_list(known))
        else:
            _item_faults(measure, scheme, found)


def _item_faults(measure: BallotMean | BallotShare, scheme: Scheme, found: Faults) -> None:
    (instrument,) = (it for it in scheme.instruments if measure.instrument in (None, it.id))
    items = {item.id: item for item in instrument.items}
    if measure.item is None:
        return
    if measure.item not in items:
        found.of(
            "scheme.unknown_id", f"measures.{measure.id}.item", name=measure.item, known=_list(list(items))
        )
    elif isinstance(measure, BallotShare):
        codes = {answer.code for answer in items[measure.item].answers}
        for code in sorted({*measure.counts, *measure.left_out} - codes):
            found.of(
                "scheme.unknown_id",
                f"measures.{measure.id}.counts",
                name=code,
                known=_list([str(code) for code in sorted(codes)]),
            )


def _cycles(scheme: Scheme, found: Faults) -> None:
    """Formulas that need themselves, over however many others."""
    formulas = {measure.id: measure for measure in scheme.measures if isinstance(measure, Formula)}
    needs = {name: sorted(_names(formula.value) & formulas.keys()) for name, formula in formulas.items()}
    for name in needs:
        seen, queue = set(), list(needs[name])
        while queue:
            step = queue.pop()
            if step not in seen:
                seen.add(step)
                queue += needs[step]
        if name in seen:
            found.of("scheme.cycle", f"measures.{name}.value", name=name, through=_list(sorted(seen)))


def _names(text: str) -> frozenset[str]:
    from minping_engine.errors import SchemeError

    try:
        return expression_names(text)
    except SchemeError:  # said where it is compiled
        return frozenset()


def _node_faults(node: Indicator, units: dict[str, Unit], found: Faults) -> None:
    place = f"indicators.{node.id}"
    if node.points <= 0:
        found.told(f"{place}.points", "满分要大于 0", "full marks are more than 0")
    if node.parts:
        if node.measure or node.criterion:
            found.told(
                place,
                "有 `parts` 的指标不写 `measure` 和 `criterion`",
                "a node with `parts` has no `measure` and no `criterion`",
            )
        if not node.scaled:
            _sum_faults(f"{place}.points", node.points, node.parts, found)
    elif node.criterion is None:
        found.told(f"{place}.criterion", "请写明数值如何折成分数", "say how the value becomes points")
    elif node.measure is None:
        if not isinstance(node.criterion, FormulaPoints):
            found.told(f"{place}.measure", "请写明测量项或事实", "name the measure or fact")
    elif node.measure not in units:
        found.of("scheme.unknown_id", f"{place}.measure", name=node.measure, known=_list(sorted(units)))
    elif (units[node.measure] is Unit.TEXT) != isinstance(node.criterion, Lookup) and not isinstance(
        node.criterion, FormulaPoints
    ):
        found.told(
            f"{place}.criterion",
            "文字用 `table` 评分，数值用其他方式",
            "words are read by `table`, numbers by the other kinds",
        )


def _sum_faults(key: str, whole: Fraction, parts: tuple[Indicator, ...], found: Faults) -> None:
    """Parts add up; nodes that hold for some assessees only may share the same marks."""
    always = sum((part.points for part in parts if part.applies is None), start=Fraction(0))
    some = sum((part.points for part in parts if part.applies is not None), start=Fraction(0))
    if always != whole and not (some and always < whole <= always + some):
        params = {"whole": as_written(whole), "parts": as_written(always + some)}
        found.of("scheme.points_do_not_add_up", key, **params)


def _routine_faults(total: WholeScore, indicators: tuple[Indicator, ...], found: Faults) -> None:
    if total.routine_at_least_percent is None:
        return
    routine = _routine(indicators)
    if routine * 100 < total.routine_at_least_percent * total.points:
        found.of(
            "scheme.too_little_routine",
            "total.routine_at_least_percent",
            wanted=total.routine_at_least_percent,
            found=as_written(routine * 100 / total.points),
        )


def _routine(indicators: tuple[Indicator, ...]) -> Fraction:
    return sum(
        (node.points if node.routine else _routine(node.parts) for node in indicators), start=Fraction(0)
    )


def _list(names: list[str]) -> str:
    return ", ".join(names) or "-"
