"""What the chapters of a manual share: the scheme, its language, its expressions in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import yaml

from minping_engine.scheme.describe.document import Line
from minping_engine.scheme.describe.spoken import Spoken
from minping_engine.scheme.describe.titles import Titles, titles_of
from minping_engine.scheme.describe.wording import Wording
from minping_engine.scheme.load import LoadedScheme
from minping_engine.scheme.model import MILLI, Scheme
from minping_engine.scheme.values import Values


@dataclass(frozen=True)
class Context:
    """One manual in the making."""

    loaded: LoadedScheme
    wording: Wording
    titles: Titles
    places: Mapping[str, tuple[str, ...]]
    """Values that only hold a place, by the part of the file where they stand."""

    @property
    def scheme(self) -> Scheme:
        """The scheme itself."""
        return self.loaded.scheme

    @property
    def spoken(self) -> Spoken:
        """Its expressions in words."""
        return Spoken(self.wording, self.titles)

    @property
    def w(self) -> Wording:
        """Short for the wording, which stands in every line."""
        return self.wording

    def grade(self, name: str) -> str:
        """A grade by its label."""
        return self.titles.grades.get(name, name)

    def milli(self, points: int) -> str:
        """Points of ballots and bands, which are kept as thousandths."""
        return self.wording.points(Fraction(points, MILLI))

    def labels(self, prefix: str, names: Iterable[str]) -> str:
        """Words of a closed list, listed; a word that the list lacks stays as it is."""
        return self.wording.listed(self.label(prefix, name) for name in names)

    def placeholders(self, *parts: str) -> tuple[Line, ...]:
        """A warning where parts of the file hold values that nobody has published."""
        names = dict.fromkeys(name for part in parts for name in self.places.get(part, ()))
        if not names:
            return ()
        return (Line(self.w.say("placeholders", titles=self.w.listed(map(self.titles.title, names)))),)

    def label(self, prefix: str, name: str) -> str:
        """One word of a closed list."""
        key = f"{prefix}_{name}"
        return self.wording.say(key) if self.wording.knows(key) else name


def context_of(loaded: LoadedScheme, language: str) -> Context:
    """Everything that the chapters need."""
    wording = Wording("en" if language == "en" else "zh")
    return Context(loaded, wording, titles_of(loaded, wording), _placeholders(loaded))


def _placeholders(loaded: LoadedScheme) -> dict[str, tuple[str, ...]]:
    """Unpublished values by part of the file: their demo values must not be taken for the rule."""
    chooser = Values({}, None, {}, False, [])
    chooser.used |= dict(loaded.values)
    chooser.put_into(yaml.safe_load((loaded.folder / "scheme.yaml").read_text("utf-8")))
    parts: dict[str, tuple[str, ...]] = {}
    for path, name in chooser.places.items():
        used = loaded.values.get(name)
        if used is not None and used.origin in {"unfilled", "demo"}:
            known = parts.get(str(path[0]), ())
            parts[str(path[0])] = known if name in known else (*known, name)
    return parts


def joined(context: Context, parts: Iterable[Line]) -> Line:
    """Several statements in one cell, their small print together."""
    lines = list(parts)
    text = context.wording.sentences(line.text for line in lines)
    return Line(text, "; ".join(line.small for line in lines if line.small))


def some(*lines: Line | None) -> Iterator[Line]:
    """Those that are there."""
    yield from (line for line in lines if line is not None)
