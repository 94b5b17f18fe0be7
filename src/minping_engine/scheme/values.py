"""Looking up values: `{value: ID}` anywhere in a scheme becomes the value in force.

In: the scheme as read from YAML, the files of `values/`, a district's own values. Out: the same
data with every reference replaced, which values were used, and which nobody has published: they
block a real run, name themselves, and are filled by demo values in demonstrations only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from minping_engine.errors import Place, Problem, SchemeError, Severity
from minping_engine.scheme.expressions import Unit
from minping_engine.scheme.model import Source, ValueFile
from minping_engine.scheme.model.words import SHORT_NUMBER

Path = tuple[str | int, ...]
MOST_PARTS = 200_000


@dataclass(frozen=True)
class UsedValue:
    """A value in use: `origin` is published, district, demo or unfilled (a demo value holds its place)."""

    id: str
    value: Any
    unit: str
    origin: str
    title_zh: str
    title_en: str
    source: Source
    since: str


@dataclass
class Values:
    """Looks values up: the district's own, then the dated one in force, then the demo value."""

    files: Mapping[str, ValueFile]
    on: date | None
    overrides: Mapping[str, Any]
    demo: bool
    problems: list[Problem]
    used: dict[str, UsedValue] = field(default_factory=dict)
    places: dict[Path, str] = field(default_factory=dict)
    """Where in the scheme which value was put."""
    parts: int = 0

    def __post_init__(self) -> None:
        for name in sorted(self.overrides.keys() - self.files.keys()):
            self._unknown(Place(key=name), name)

    def put_into(self, data: Any, path: Path = ()) -> Any:
        """`data` with all references replaced. Raises `SchemeError` beyond `MOST_PARTS` parts."""
        self.parts += 1
        if self.parts > MOST_PARTS:  # a few nested aliases make billions
            raise SchemeError.of("scheme.too_large", Place(file="scheme.yaml"), most=MOST_PARTS)
        if isinstance(data, dict):
            if set(data) == {"value"} and isinstance(data["value"], str):
                self.places[path] = data["value"]
                return self.choose(data["value"], path)
            return {key: self.put_into(part, (*path, key)) for key, part in data.items()}
        if isinstance(data, list):
            return [self.put_into(part, (*path, number)) for number, part in enumerate(data)]
        return data

    def choose(self, name: str, path: Path) -> Any:
        """The value of that id; None where there is none."""
        if name in self.used:
            return self.used[name].value
        file = self.files.get(name)
        if file is None:
            self._unknown(Place(file="scheme.yaml", key=".".join(map(str, path))), name)
            return None
        self.used[name] = self._use(name, file)
        return self.used[name].value

    def _use(self, name: str, file: ValueFile) -> UsedValue:
        origin, value, since = self._found(name, file)
        return UsedValue(
            name, value, file.unit, origin, file.title.zh, file.title.en, file.source, str(since)
        )

    def _found(self, name: str, file: ValueFile) -> tuple[str, Any, object]:
        if name in self.overrides:
            return "district", self.overrides[name], "-"
        values = sorted(file.values, key=lambda value: _day(value.from_))
        dated = [value for value in values if self.on is None or _day(value.from_) <= self.on]
        chosen = dated[-1] if dated else values[0]
        if dated and chosen.state == "in_force":
            return "published", chosen.value, chosen.from_
        placeholder = file.demo if file.demo is not None else chosen.value
        return ("demo" if self.demo else "unfilled"), placeholder, chosen.from_

    def _unknown(self, place: Place, name: str) -> None:
        params: dict[str, object] = {"name": name, "known": ", ".join(sorted(self.files))}
        self.problems.append(Problem("scheme.unknown_value", place, params))

    def units(self) -> dict[str, Unit]:
        """Values that expressions may name, with their units: those that are numbers."""
        known = {
            name: (file.unit, [value.value for value in file.values] + [file.demo])
            for name, file in self.files.items()
        }
        known |= {name: (used.unit, [used.value]) for name, used in self.used.items()}
        return {
            name: Unit(unit)
            for name, (unit, values) in known.items()
            if any(exact_number(value, unit) is not None for value in values)
        }

    def unfilled(self) -> tuple[Problem, ...]:
        """One problem for each value that nobody has published or filled in."""
        return tuple(
            Problem(
                "scheme.not_published",
                Place(file=f"values/{value.id}.yaml"),
                {"name": value.id, "title": value.title_zh, "title_en": value.title_en},
                Severity.WARNING,
            )
            for value in self.used.values()
            if value.origin == "unfilled"
        )

    def place_of(self, where: Path) -> Place:
        """The place of a fault of the structure: in the value's file where a value was put there.

        The validator's path names members of unions as well; they are passed over.
        """
        for path, name in sorted(self.places.items(), key=lambda row: -len(row[0])):
            rest = _after(path, where)
            if rest is not None:
                return Place(file=f"values/{name}.yaml", key=".".join(map(str, rest)))
        return Place(file="scheme.yaml", key=".".join(map(str, where)))


def _after(path: Path, where: Path) -> Path | None:
    """What follows `path` in `where`, whose extra steps are passed over; None if it does not lead there."""
    found = 0
    for number, step in enumerate(where):
        if found == len(path):
            return where[number:]
        if step == path[found]:
            found += 1
    return () if found == len(path) else None


def exact_number(value: Any, unit: str) -> Fraction | None:
    """A value as expressions see it; None if it is no number or has no unit of theirs."""
    if unit not in set(Unit) or isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if not SHORT_NUMBER.fullmatch(str(value)):
        return None
    try:
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        return None


def _day(start: object) -> date:
    """The first day of a value; one whose start is unknown held before all others."""
    return start if isinstance(start, date) else date.min
