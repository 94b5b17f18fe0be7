"""Schemes that feed one another (S29): they exist, none feeds itself, their grades are known."""

from __future__ import annotations

from minping_engine.errors import SchemeError
from minping_engine.scheme.checks.grading import grade_names
from minping_engine.scheme.lint.finding import Findings
from minping_engine.scheme.load import LoadedScheme, load_scheme
from minping_engine.scheme.model import Lookup, ResultCount, ResultGrade, ResultScore, Scheme
from minping_engine.scheme.names import nodes_of


def feed_findings(loaded: LoadedScheme) -> Findings:
    """Findings of measures that read results of other schemes."""
    found = Findings()
    words = {
        node.measure: node
        for node in nodes_of(loaded.scheme.indicators)
        if isinstance(node.criterion, Lookup)
    }
    for measure in loaded.scheme.measures:
        if not isinstance(measure, ResultScore | ResultGrade | ResultCount):
            continue
        other = _other(measure.scheme, loaded)
        if other is None:
            found.error("lint.unknown_scheme", f"measures.{measure.id}.scheme", scheme=measure.scheme)
        elif isinstance(measure, ResultGrade) and measure.id in words:
            criterion = words[measure.id].criterion
            given = set(criterion.shares) if isinstance(criterion, Lookup) else set()
            lacking = sorted(set(grade_names(other)) - given)
            if lacking:
                found.error("lint.grade_not_in_table", f"measures.{measure.id}", grades=", ".join(lacking))
    circle = _circle(loaded)
    if circle:
        found.error("lint.feeds_itself", "measures", through=" -> ".join(circle))
    return found


def _other(name: str, loaded: LoadedScheme) -> Scheme | None:
    if name == loaded.scheme.id:
        return loaded.scheme
    try:
        return load_scheme(name, demo=True).scheme
    except SchemeError:
        return None


def _feeds(scheme: Scheme) -> list[str]:
    """Schemes whose results of the same period are read; earlier ones of its own are no circle."""
    return sorted(
        {
            measure.scheme
            for measure in scheme.measures
            if isinstance(measure, ResultScore | ResultGrade) and measure.periods == "current"
        }
    )


def _circle(loaded: LoadedScheme) -> list[str]:
    """A way from the scheme back to itself."""
    start = loaded.scheme.id
    queue, seen = [[name] for name in _feeds(loaded.scheme)], set[str]()
    while queue:
        path = queue.pop()
        if path[-1] == start:
            return [start, *path]
        if path[-1] not in seen:
            seen.add(path[-1])
            other = _other(path[-1], loaded)
            queue += [[*path, name] for name in (_feeds(other) if other else [])]
    return []
