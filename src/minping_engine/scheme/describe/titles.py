"""What names in expressions are called: ids of the scheme by their titles, the engine's own by words.

In: a loaded scheme. Out: name -> title and unit; values also carry their number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from minping_engine.scheme.checks.grading import CHANCE_GRADES, band_lists
from minping_engine.scheme.describe.wording import Wording
from minping_engine.scheme.expressions import Unit
from minping_engine.scheme.load import LoadedScheme
from minping_engine.scheme.model import Scheme
from minping_engine.scheme.names import CASES, CONTEXT, OUTCOME, nodes_of, unit_of


@dataclass(frozen=True)
class Named:
    """A name: how it is called and what it counts; `number` of a value."""

    title: str
    unit: Unit | None
    number: Fraction | None = None
    is_event: bool = False
    """A veto or card: true is said as "triggered"."""


@dataclass(frozen=True)
class Titles:
    """All names that expressions of a scheme may use, and labels of its grades."""

    names: Mapping[str, Named]
    grades: Mapping[str, str]

    def __getitem__(self, name: str) -> Named:
        return self.names.get(name) or Named(name, None)

    def title(self, name: str) -> str:
        """The title of a name; an unknown one keeps its id."""
        return self[name].title


def titles_of(loaded: LoadedScheme, wording: Wording) -> Titles:
    """The names of a scheme."""
    names = {name: Named(_word(name, wording), unit) for name, unit in own_names().items()}
    names |= dict(_values(loaded, wording))
    names |= dict(_parts(loaded.scheme, wording))
    grades = {
        band.grade: wording.of(band.label) for rows in band_lists(loaded.scheme).values() for band in rows
    }
    for grade in CHANCE_GRADES:
        grades.setdefault(grade, wording.say(f"grade_{grade}"))
    return Titles(names, grades)


def _word(name: str, wording: Wording) -> str:
    """The word for a name of the engine; a name without one is shown as it is (a test names it)."""
    return wording.say(f"name_{name}") if wording.knows(f"name_{name}") else name


def own_names() -> dict[str, Unit]:
    """The engine's names; `measure` has the unit of what it stands for."""
    return {**CASES, **CONTEXT, **OUTCOME, "full": Unit.POINTS, "vetoed": Unit.TRUTH}


def _values(loaded: LoadedScheme, wording: Wording) -> Iterator[tuple[str, Named]]:
    for used in loaded.values.values():
        title = used.title_en if wording.language == "en" else used.title_zh
        unit = Unit(used.unit) if used.unit in set(Unit) else None
        known = loaded.numbers.get(used.id) if used.origin != "unfilled" else None
        yield used.id, Named(title, unit, known)


def _parts(scheme: Scheme, wording: Wording) -> Iterator[tuple[str, Named]]:
    for node in nodes_of(scheme.indicators):
        yield node.id, Named(wording.of(node.title), Unit.POINTS)
    for fact in scheme.facts:
        yield fact.id, Named(wording.of(fact.title), fact.unit)
    for measure in scheme.measures:
        yield measure.id, Named(wording.of(measure.title), unit_of(measure))
    for count in scheme.over_periods:
        yield count.id, Named(wording.of(count.title), Unit.TIMES)
    for event in (*scheme.vetoes, *scheme.cards):
        yield event.id, Named(wording.of(event.title), Unit.TRUTH, is_event=True)
