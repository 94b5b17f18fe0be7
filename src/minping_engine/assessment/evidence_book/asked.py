"""What a scheme asks beside ballots: raters with items, columns of cases, windows of visits, a look back.

In: a loaded scheme. Out: plain names; `plan` makes sheets of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from minping_engine.evidence.measures import CASE_COLUMNS
from minping_engine.scheme import (
    AppraisalMean,
    AppraisalShare,
    Bilingual,
    CaseCount,
    CaseRate,
    LoadedScheme,
    Lookup,
    ResultCount,
    ResultGrade,
    ResultScore,
    VisitCoverage,
    nodes_of,
)

LOOKING_BACK = frozenset({"previous_score", "previous_grade", "grade_change"})
_TEXT = re.compile(r"'((?:[^']|'')*)'")


def items_asked(loaded: LoadedScheme) -> dict[str, dict[str, Bilingual | None]]:
    """Group of raters -> items with a title where one measure is about that item alone.

    Groups that no measure reads are left out.
    """
    made: dict[str, dict[str, Bilingual | None]] = {}
    for measure in loaded.scheme.measures:
        if isinstance(measure, AppraisalMean | AppraisalShare):
            items = (measure.item,) if isinstance(measure, AppraisalShare) else measure.items
            known = made.setdefault(measure.raters, {})
            for item in items:
                known[item] = known.get(item) or (measure.title if len(items) == 1 else None)
    return {group.id: made[group.id] for group in loaded.scheme.raters if group.id in made}


def any_items(loaded: LoadedScheme, group: str) -> bool:
    """Whether some measure reads whatever items the district asks."""
    return any(
        isinstance(measure, AppraisalMean) and measure.raters == group and not measure.items
        for measure in loaded.scheme.measures
    )


def case_columns(loaded: LoadedScheme) -> tuple[str, ...] | None:
    """Columns of cases that a rule names, in the contract's order; None where no measure reads cases."""
    measures = [one for one in loaded.scheme.measures if isinstance(one, CaseRate | CaseCount)]
    if not measures:
        return None
    names: set[str] = set()
    for measure in measures:
        for part in ("numerator", "denominator", "when"):
            rule = loaded.rules.get(f"measures.{measure.id}.{part}")
            names |= rule.names if rule else set()
    return tuple(name for name in CASE_COLUMNS if name in names)


def visit_windows(loaded: LoadedScheme) -> tuple[str, ...]:
    """`period`, `year` or both."""
    windows = {one.quota.window for one in loaded.scheme.measures if isinstance(one, VisitCoverage)}
    return tuple(name for name, window in (("period", "quarter"), ("year", "year")) if window in windows)


def schemes_looked_up(loaded: LoadedScheme) -> tuple[str, ...]:
    """Schemes whose earlier or other results a rule reads, its own first."""
    own = loaded.scheme.id
    names = {
        one.scheme
        for one in loaded.scheme.measures
        if isinstance(one, ResultScore | ResultGrade | ResultCount)
    }
    looks_back = loaded.scheme.over_periods or loaded.scheme.grading.transitions
    if looks_back or loaded.rules.names & LOOKING_BACK:
        names.add(own)
    return tuple(sorted(names, key=lambda name: (name != own, name)))


def words_compared(loaded: LoadedScheme, name: str, places: str = "") -> tuple[str, ...]:
    """Texts with which rules compare a name: what a list of choices offers."""
    found = dict.fromkeys(
        word
        for place, rule in loaded.rules.by_place.items()
        if place.startswith(places) and name in rule.names
        for word in _beside(rule.text, name)
    )
    for node in nodes_of(loaded.scheme.indicators):
        if node.measure == name and isinstance(node.criterion, Lookup):
            found |= dict.fromkeys(node.criterion.shares)
    return tuple(found)


def _beside(text: str, name: str) -> Iterator[str]:
    compared = re.compile(
        rf"\b{re.escape(name)}\s*(?:=|<>|!=|(?:NOT\s+)?IN\s*)\s*(\([^)]*\)|'(?:[^']|'')*')", re.IGNORECASE
    )
    cases = re.compile(rf"\bCASE\s+{re.escape(name)}\b(.*?)\bEND\b", re.IGNORECASE | re.DOTALL)
    for part in compared.findall(text):
        yield from (word.replace("''", "'") for word in _TEXT.findall(part))
    for arms in cases.findall(text):
        for word in re.findall(r"\bWHEN\s+'((?:[^']|'')*)'", arms, re.IGNORECASE):
            yield word.replace("''", "'")
