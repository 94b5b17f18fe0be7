"""Comparisons that never or always hold: unknown grades and words, shares above 1, steps beyond the last.

A condition that can never be true is silent: nobody notices that help does not come.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from minping_engine.scheme.checks.grading import band_lists, grade_names
from minping_engine.scheme.expressions import Unit, Value, comparisons
from minping_engine.scheme.lint.finding import Findings
from minping_engine.scheme.load import LoadedScheme
from minping_engine.scheme.model import ResultCount
from minping_engine.scheme.names import names_by_step

GRADES = frozenset({"grade", "previous_grade"})
Compared = tuple[str, str, str, Value]
"""Place, name, sign, literal."""


def word_findings(loaded: LoadedScheme) -> Findings:
    """Findings of all comparisons."""
    found = Findings()
    units = dict(names_by_step(loaded.scheme, {}).use)
    choices = {fact.id: fact.choices for fact in loaded.scheme.facts if fact.choices}
    for place, name, sign, literal in _all(loaded):
        if name in GRADES and isinstance(literal, str):
            _grade(place, literal, loaded, found)
        elif name in choices and isinstance(literal, str) and literal not in choices[name]:
            found.error("lint.unknown_word", place, word=literal, known=", ".join(choices[name]))
        elif units.get(name) is Unit.SHARE and isinstance(literal, Fraction) and not 0 <= literal <= 1:
            found.error("lint.share_above_one", place, name=name, value=float(literal))
        elif name == "grade_step" and isinstance(literal, Fraction):
            _step(place, sign, literal, loaded, found)
    return found


def _all(loaded: LoadedScheme) -> Iterator[Compared]:
    """Comparisons with literals, and with values that a name stands for."""
    other = {f"measures.{one.id}.when" for one in loaded.scheme.measures if isinstance(one, ResultCount)}
    for place, rule in loaded.rules.by_place.items():
        if place in other:  # grades and steps of another scheme
            continue
        for name, sign, literal in comparisons(rule.text):
            yield place, name, sign, literal


def _grade(place: str, literal: str, loaded: LoadedScheme, found: Findings) -> None:
    known = grade_names(loaded.scheme)
    if literal not in known:
        found.error("lint.unknown_grade", place, grade=literal, known=", ".join(known))


def _step(place: str, sign: str, literal: Fraction, loaded: LoadedScheme, found: Findings) -> None:
    """A step that some list of bands does not reach."""
    fewest = min((len(bands) for bands in band_lists(loaded.scheme).values()), default=None)
    if fewest is None:
        return
    never = literal > fewest if sign in {"=", ">="} else literal >= fewest if sign == ">" else False
    if never:
        found.error("lint.step_beyond_grades", place, step=int(literal), grades=fewest)
