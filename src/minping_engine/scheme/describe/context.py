"""What the chapters of a manual share: the scheme, its language, its expressions in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import yaml

from minping_engine.scheme.describe.blanks import is_blank, with_blanks
from minping_engine.scheme.describe.document import Line
from minping_engine.scheme.describe.spoken import Spoken
from minping_engine.scheme.describe.titles import Titles, titles_of
from minping_engine.scheme.describe.wording import Wording
from minping_engine.scheme.load import LoadedScheme
from minping_engine.scheme.model import MILLI, Scheme
from minping_engine.scheme.values import Path, UsedValue, Values


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
        return self.wording.points(points if is_blank(points) else Fraction(points, MILLI))

    def labels(self, prefix: str, names: Iterable[str]) -> str:
        """Words of a closed list, listed; a word that the list lacks stays as it is."""
        return self.wording.listed(self.label(prefix, name) for name in names)

    def placeholders(self, *parts: str) -> tuple[Line, ...]:
        """A remark where parts of the file hold values that nobody has published: blanks, or demo values."""
        names = dict.fromkeys(name for part in parts for name in self.places.get(part, ()))
        told = []
        for origin in ("unfilled", "demo"):
            some = [name for name in names if self.loaded.values[name].origin == origin]
            if some:
                titles = self.w.listed(map(self.titles.title, some))
                told.append(Line(self.w.say(f"placeholders_{origin}", titles=titles)))
        return tuple(told)

    def label(self, prefix: str, name: str) -> str:
        """One word of a closed list."""
        key = f"{prefix}_{name}"
        return self.wording.say(key) if self.wording.knows(key) else name


def context_of(loaded: LoadedScheme, language: str) -> Context:
    """Everything that the chapters need; numbers that the district has to fill in are blanks."""
    wording = Wording("en" if language == "en" else "zh")
    places = {path: used for path, used in _places(loaded).items() if used.origin in {"unfilled", "demo"}}
    blank = loaded.scheme
    for path in (path for path, used in places.items() if used.origin == "unfilled"):
        blank = with_blanks(blank, path)
    parts: dict[str, tuple[str, ...]] = {}
    for path, used in places.items():
        parts[str(path[0])] = (*parts.get(str(path[0]), ()), used.id)
    return Context(replace(loaded, scheme=blank), wording, titles_of(loaded, wording), parts)


def _places(loaded: LoadedScheme) -> dict[Path, UsedValue]:
    """Where the file puts which value."""
    chooser = Values({}, None, {}, False, [])
    chooser.used |= dict(loaded.values)
    chooser.put_into(yaml.safe_load((loaded.folder / "scheme.yaml").read_text("utf-8")))
    return {path: loaded.values[name] for path, name in chooser.places.items() if name in loaded.values}


def joined(context: Context, parts: Iterable[Line]) -> Line:
    """Several statements in one cell, their small print together."""
    lines = list(parts)
    text = context.wording.sentences(line.text for line in lines)
    return Line(text, "; ".join(line.small for line in lines if line.small))


def some(*lines: Line | None) -> Iterator[Line]:
    """Those that are there."""
    yield from (line for line in lines if line is not None)
