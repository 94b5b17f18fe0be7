"""What money reads: the parts of a scheme on which an amount hangs, however many steps away.

In: a scheme. Out: ids of facts, measures, indicators, values, vetoes ... and names of sections. Anything
that moves a score counts as read by money that goes by grade or rank.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from minping_engine.errors import SchemeError
from minping_engine.scheme import (
    Adjustment,
    Card,
    Indicator,
    LoadedScheme,
    PeriodCount,
    Scheme,
    Use,
    Veto,
    nodes_of,
)
from minping_engine.scheme.expressions import expression_names
from minping_engine.scheme.names import OUTCOME as NAMES_OF_OUTCOME

SURVEY = ("instruments", "scoring", "sampling", "means", "fairness")
SCORED = ("score", "grading")
OUTCOME: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(NAMES_OF_OUTCOME, SCORED),
    "assessed": ("score",),
    "previous_score": (),
    "previous_grade": (),
}
"""What the names of an outcome rest on."""


def money_reads(loaded: LoadedScheme) -> frozenset[str]:
    """All ids and sections that some amount reads."""
    needs = _needs(loaded.scheme)
    queue = [f"use:{use.id}" for use in loaded.scheme.use if use.money]
    seen: set[str] = set()
    while queue:
        name = queue.pop()
        if name not in seen:
            seen.add(name)
            queue += needs.get(name, ())
    return frozenset(seen)


def names_of(*written: str | None) -> frozenset[str]:
    """Names in texts of expressions; one that cannot be read names nothing."""
    found: set[str] = set()
    for text in written:
        try:
            found |= expression_names(text) if text else frozenset()
        except SchemeError:
            continue
    return frozenset(found)


def _needs(scheme: Scheme) -> Mapping[str, set[str]]:
    needs: dict[str, set[str]] = {name: set(more) for name, more in OUTCOME.items()}
    needs["score"] = {"total", "adjustments", *(node.id for node in scheme.indicators)}
    needs["score"] |= {f"adjustment:{change.id}" for change in scheme.adjustments}
    needs["score"] |= set() if scheme.has_tree else set(SURVEY)
    needs["vetoed"] = {veto.id for veto in scheme.vetoes}
    for name in ("grade", "grade_step", "grade_change"):
        needs[name] |= {
            veto.id for veto in scheme.vetoes if veto.grade_at_most or veto.score_at_most is not None
        }
    for name, more in _parts(scheme):
        needs.setdefault(name, set()).update(more)
    return needs


def _parts(scheme: Scheme) -> Iterator[tuple[str, set[str]]]:
    for node in nodes_of(scheme.indicators):
        yield node.id, _node(node)
    for measure in scheme.measures:
        yield measure.id, _measure(measure)
    for change in scheme.adjustments:
        yield f"adjustment:{change.id}", _adjustment(change)
    events: list[PeriodCount | Veto | Card] = [*scheme.over_periods, *scheme.vetoes, *scheme.cards]
    for event in events:
        yield event.id, set(names_of(event.when))
    for use in scheme.use:
        yield f"use:{use.id}", _use(use, scheme)


def _node(node: Indicator) -> set[str]:
    formula = getattr(node.criterion, "value", None)
    names = names_of(node.applies, formula if isinstance(formula, str) else None)
    return {*names, *(part.id for part in node.parts), *([node.measure] if node.measure else [])}


def _measure(measure: object) -> set[str]:
    written = [getattr(measure, name, None) for name in ("numerator", "denominator", "when", "value")]
    found = set(names_of(*(text for text in written if isinstance(text, str))))
    source = str(getattr(measure, "of", "")).split(".")[0]
    found |= set(SURVEY) if source == "ballots" else set()
    found |= {"exclusions", "period"} if source == "cases" else set()
    raters = getattr(measure, "raters", None)
    return found | ({f"raters:{raters}"} if raters else set())


def _adjustment(change: Adjustment) -> set[str]:
    return set(names_of(change.points, change.when))


def _use(use: Use, scheme: Scheme) -> set[str]:
    money = use.money
    found = set(names_of(use.when, money.amount if money else None, money.weights if money else None))
    found |= {veto.id for veto in scheme.vetoes if use.id in veto.bars}
    found |= {"assessed"} if use.when is None else set()
    if money:
        found |= {"grade"} if money.by_grade is not None else set()
        found |= {"rank"} if money.by_rank is not None else set()
    return found
