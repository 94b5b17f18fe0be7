"""The scoring chapter: evidence, tree of indicators, bonus and deductions, total, fairness, grades."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from minping_engine.scheme.describe.context import Context, joined, some
from minping_engine.scheme.describe.criteria import criterion_words, unit_of_measure
from minping_engine.scheme.describe.document import Block, Heading, Line, Table, table
from minping_engine.scheme.describe.grades import grade_blocks
from minping_engine.scheme.describe.measures import evidence_blocks
from minping_engine.scheme.model import Adjustment, Indicator, Steps
from minping_engine.scheme.names import nodes_of

Numbered = tuple[str, Indicator]


def scoring_blocks(context: Context) -> Iterator[Block]:
    """From evidence to grades, in the order in which the engine works."""
    scheme, w = context.scheme, context.w
    yield from context.placeholders("facts", "measures", "indicators", "adjustments", "total", "scoring")
    if not scheme.has_tree:
        of = w.say(f"level_{scheme.scoring.benchmark.of}")
        yield Line(w.say("no_tree", percent=scheme.scoring.interval_percent, of=of))
    yield from evidence_blocks(context)
    if scheme.has_tree:
        yield Heading(w.say("h_indicators"))
        yield _tree(context)
        yield from _bands(context)
    if scheme.adjustments:
        yield Heading(w.say("h_adjustments"))
        yield _adjustments(context)
    if scheme.has_tree or scheme.adjustments:
        yield Heading(w.say("h_total"))
        yield Line(_total(context) + w.say("stop").rstrip())
    if scheme.fairness:
        yield Heading(w.say("h_fairness"))
        yield Line(_fairness(context) + w.say("stop").rstrip())
    yield from grade_blocks(context)


def _numbered(nodes: tuple[Indicator, ...], prefix: str = "") -> Iterator[Numbered]:
    """1, 1.1, 1.2, 2 ..."""
    for number, node in enumerate(nodes, start=1):
        yield f"{prefix}{number}", node
        yield from _numbered(node.parts, f"{prefix}{number}.")


def _tree(context: Context) -> Table:
    w = context.w
    head = ("", w.say("indicator"), w.say("points_head"), w.say("measured_by"), w.say("criterion"))
    rows = [
        (
            number,
            _node_title(context, node),
            w.amount(node.points),
            _measure(context, node),
            _rule(context, node),
        )
        for number, node in _numbered(context.scheme.indicators)
    ]
    return table(head, rows, (7, 22, 8, 21, 42))


def _node_title(context: Context, node: Indicator) -> str:
    title = context.w.of(node.title)
    return context.w.noted(title, context.w.say("routine")) if node.routine else title


def _measure(context: Context, node: Indicator) -> str:
    return context.titles.title(node.measure) if node.measure else ""


def _rule(context: Context, node: Indicator) -> Line:
    w = context.w
    applies = context.spoken.line(node.applies) if node.applies else None
    return joined(
        context,
        some(
            criterion_words(context, node),
            Line(w.say("applies_to", when=applies.text), applies.small) if applies else None,
            Line(_missing(context, node.needs_percent)) if node.missing == "redistribute" else None,
            Line(w.say("rounded", n=node.round)) if node.round is not None else None,
        ),
    )


def _missing(context: Context, percent: int) -> str:
    return context.w.say("redistribute", percent=percent)


def _bands(context: Context) -> Iterator[Block]:
    """One table of all criteria by bands; the rest brings nothing."""
    w = context.w
    nodes = [node for node in nodes_of(context.scheme.indicators) if isinstance(node.criterion, Steps)]
    if nodes:
        yield Heading(w.say("h_bands_of"))
        head = (w.say("indicator"), w.say("value_from"), w.say("points_head"))
        yield table(head, (row for node in nodes for row in _steps(context, node)), (50, 28, 22))


def _steps(context: Context, node: Indicator) -> Iterator[tuple[str, str, str]]:
    w, unit, criterion = context.w, unit_of_measure(context, node), node.criterion
    if not isinstance(criterion, Steps):
        return
    title = w.of(node.title)
    for step in sorted(criterion.steps, key=lambda step: step.from_, reverse=not criterion.low_is_good):
        reached = w.amount(step.from_, unit)
        sign = f"≤ {reached}" if criterion.low_is_good else f"≥ {reached}"
        yield title, sign, w.amount(step.points)
        title = ""
    yield "", w.say("band_rest"), w.amount(Fraction(0))


def _adjustments(context: Context) -> Table:
    w = context.w
    head = [w.say(key) for key in ("change", "kind", "how_many", "when", "at_most_head")]
    return table(
        head, (_adjustment(context, change) for change in context.scheme.adjustments), (22, 9, 29, 28, 12)
    )


def _adjustment(context: Context, change: Adjustment) -> tuple[str | Line, ...]:
    w, spoken = context.w, context.spoken
    return (
        w.of(change.title),
        w.say(change.kind),
        spoken.line(change.points),
        spoken.line(change.when) if change.when else w.say("always"),
        w.points(change.cap) if change.cap is not None else w.say("no_cap"),
    )


def _total(context: Context) -> str:
    scheme, w = context.scheme, context.w
    total = scheme.total
    parts = [w.say("total_is", points=w.points(total.points), floor=w.points(total.floor))]
    if total.cap is not None:
        parts.append(w.say("total_cap", cap=w.points(total.cap)))
    if total.missing == "redistribute":
        parts.append(_missing(context, total.needs_percent))
    elif scheme.has_tree:
        parts.append(w.say("not_assessed"))
    if total.round is not None:
        parts.append(w.say("rounded", n=total.round))
    if total.routine_at_least_percent is not None:
        parts.append(w.say("total_routine", percent=total.routine_at_least_percent))
    if scheme.indicators_at_most is not None:
        parts.append(w.say("total_limit", n=scheme.indicators_at_most))
    return w.sentences(parts)


def _fairness(context: Context) -> str:
    plan, w = context.scheme.fairness, context.w
    if plan is None:
        return ""
    parts = [w.say(f"counts_{plan.counts}")]
    if plan.weighting and plan.weighting.margins:
        parts.append(w.say("weighted", names=context.labels("var", plan.weighting.margins)))
    if plan.adjusters:
        names = context.labels("var", (use.variable for use in plan.adjusters))
        parts.append(w.say("adjusted_for", names=names))
    if group := plan.comparison_group:
        level, attribute = w.say(f"level_{group.level}"), w.say(f"attr_{group.attribute}")
        parts.append(w.say("compared_with", level=level, attribute=attribute))
    if plan.online:
        key = "online_cap" if plan.online.cap_percent else "online_none"
        parts.append(w.say(key, percent=plan.online.cap_percent))
    return w.sentences(parts)
