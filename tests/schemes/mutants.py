"""Changed rules of a scheme, one at a time: each must make a worked example fail.

In: a loaded scheme. Out: mutants: every number and every condition in the parts that decide a result is
changed once; optional parts are taken away once. What the loader refuses is no mutant: it is guarded.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from minping_engine.errors import SchemeError
from minping_engine.scheme import LoadedScheme, scheme_from_data

PARTS = ("raters", "facts", "measures", "indicators", "total", "adjustments", "grading", "over_periods")
PARTS += ("vetoes", "cards", "use")
CONDITIONS = {"when", "applies"}
FORMULAS = {"numerator", "denominator", "amount", "weights", "points", "value"}
REMOVED = {
    "cap",
    "transitions",
    "limits",
    "applies",
    "shares",
    "when",
    "grade_at_most",
    "score_at_most",
    "bars",
}
REMOVED |= {"if_absent", "adjustments", "vetoes", "cards", "left_out", "within"}
WORDS = {"basis", "collected", "signatures", "minutes", "routine", "maximum", "routine_at_least_percent"}
"""What is said about a rule and changes no score: nothing to show in an example."""
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Mutant:
    """A scheme with one rule changed."""

    where: str
    how: str
    scheme: LoadedScheme


def mutants(loaded: LoadedScheme) -> Iterator[Mutant]:
    """All that still load."""
    raw = loaded.scheme.model_dump(mode="json", by_alias=True, exclude_unset=True)
    for path, how, value in _changes({part: raw[part] for part in PARTS if part in raw}):
        data = copy.deepcopy(raw)
        _put(data, path, value)
        try:
            yield Mutant(_named(raw, path), how, scheme_from_data(data, loaded))
        except SchemeError:
            continue
    for name in sorted(loaded.rules.names & loaded.numbers.keys()):
        for step in (Fraction(11, 10), Fraction(7, 100), Fraction(-7, 100)):
            used = replace(loaded.values[name], value=str(loaded.numbers[name] + step))
            changed = replace(loaded, values={**loaded.values, name: used})
            try:
                yield Mutant(f"values.{name}", "raised", scheme_from_data(raw, changed))
            except SchemeError:
                continue
            break


def _changes(node: Any, path: Path = ()) -> Iterator[tuple[Path, str, Any]]:
    rows = node.items() if isinstance(node, dict) else enumerate(node)
    for key, inner in rows:
        here = (*path, key)
        if key in WORDS or (isinstance(inner, dict) and set(inner) == {"zh", "en"}):
            continue
        if key in REMOVED and inner not in (None, [], ()):
            yield here, "removed", _REMOVE
        yield from _changed_leaf(here, inner)
        if isinstance(inner, dict | list):
            yield from _changes(inner, here)


def _changed_leaf(here: Path, inner: Any) -> Iterator[tuple[Path, str, Any]]:
    key = here[-1]
    if isinstance(inner, str) and key in CONDITIONS | FORMULAS:
        yield here, "negated", f"NOT ({inner})"
        if key in FORMULAS:
            yield here, "one more", f"({inner}) + 1"
    elif isinstance(inner, int | float) and not isinstance(inner, bool):
        step = 1 if abs(inner) > 1 else 0.07
        yield here, "raised", inner + step
        if inner:  # nothing lies below a start at nothing
            yield here, "lowered", inner - step


class _Remove:
    pass


_REMOVE = _Remove()


def _put(data: Any, path: Path, value: Any) -> None:
    for step in path[:-1]:
        data = data[step]
    if isinstance(value, _Remove):
        del data[path[-1]]
    else:
        data[path[-1]] = value


def _named(raw: Any, path: Path) -> str:
    """The path with ids instead of numbers."""
    names = []
    for step in path:
        raw = raw[step]
        names.append(str(raw.get("id") or raw.get("grade") or step) if isinstance(raw, dict) else str(step))
    return ".".join(names)
