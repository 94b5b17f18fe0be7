"""Opened ballots as columns of small numbers: some forty bytes each, whatever was answered.

Ballots come in the order of the slots, which is that of a keyed hash; nothing of a slot is kept here. Texts
of comments stand apart, with their area and questionnaire alone, as bytes behind one another. What reads
a column gets a view of its own small type; a column that is being read cannot grow any more.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Small = NDArray[Any]
"""A column of whole numbers, in as few bytes as it was declared with."""
NONE = -1
"""Stands for "left out"."""


class Columns:
    """Equally long columns of small integers, each with a type of its own."""

    def __init__(self, types: Mapping[str, str]) -> None:
        self._columns = {name: array(code) for name, code in types.items()}

    def add(self, values: Mapping[str, int]) -> None:
        """One row; all columns must be given."""
        for name, column in self._columns.items():
            column.append(values[name])

    def __len__(self) -> int:
        return len(next(iter(self._columns.values())))

    def __getitem__(self, name: str) -> Small:
        column = self._columns[name]
        return np.frombuffer(column, dtype=np.dtype(column.typecode))

    def drop(self) -> None:
        """Forget every row."""
        self._columns = {name: array(column.typecode) for name, column in self._columns.items()}


FIXED = {"target": "i", "stratum": "h", "frame_cell": "h", "mode": "b", "randomised": "b", "help": "b",
         "cluster": "i", "batch": "i"}  # fmt: skip


@dataclass
class Sheet:
    """All ballots of one questionnaire version."""

    instrument: str
    items: tuple[str, ...]
    about: tuple[str, ...]
    columns: Columns = field(init=False)

    def __post_init__(self) -> None:
        open_ended = {f"item_{name}": "h" for name in self.items} | {
            f"about_{name}": "h" for name in self.about
        }
        self.columns = Columns(FIXED | open_ended)


class Numbering:
    """Numbers texts in the order in which they come; for pseudonyms, which mean nothing afterwards."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._numbers = {text: number for number, text in enumerate(known)}

    def __call__(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    @property
    def texts(self) -> Sequence[str]:
        """In order of their numbers."""
        return tuple(self._numbers)


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote, with its area; which ballot it came with is forgotten at once."""

    target: int
    instrument: str
    """The questionnaire that an invited household answered; empty = the open link."""
    text: str
    fields: tuple[str, ...]


class Comments:
    """Comments as bytes behind one another; one at a time becomes a text."""

    def __init__(self) -> None:
        self.targets = array("i")
        self._ends, self._ticked, self._asked = array("q"), array("i"), array("h")
        self._letters = bytearray()
        self._fields: dict[tuple[str, ...], int] = {}
        self._instruments = Numbering()

    def add(self, one: Comment) -> None:
        """One more; equal sets of ticked fields are kept once."""
        self.targets.append(one.target)
        self._letters += one.text.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._letters))
        self._ticked.append(self._fields.setdefault(one.fields, len(self._fields)))
        self._asked.append(self._instruments(one.instrument))

    @property
    def of_open_link(self) -> int:
        """How many came by the open link."""
        return self._asked.count(self._instruments(""))

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, at: int) -> Comment:
        start = self._ends[at - 1] if at else 0
        text = self._letters[start : self._ends[at]].decode("utf-8", "surrogatepass")
        instrument = self._names[self._asked[at]]
        return Comment(self.targets[at], instrument, text, self._sets[self._ticked[at]])

    @cached_property
    def _sets(self) -> Sequence[tuple[str, ...]]:
        """Sets of ticked fields by number; asked for when all comments are there."""
        return tuple(self._fields)

    @cached_property
    def _names(self) -> Sequence[str]:
        """Questionnaires by number, likewise."""
        return self._instruments.texts


@dataclass
class Receipts:
    """Sixteen letters for each counted ballot, with its area."""

    targets: array[int] = field(default_factory=lambda: array("i"))
    letters: bytearray = field(default_factory=bytearray)

    def add(self, target: int, receipt: str) -> None:
        """One more."""
        self.targets.append(target)
        self.letters += receipt.encode("ascii")

    def by_target(self) -> Iterator[tuple[int, list[str]]]:
        """(target, its receipts sorted), in the order of targets; one area at a time is made into texts."""
        targets, letters = self._arrays()
        order = np.lexsort([letters, targets])
        starts = np.flatnonzero(np.r_[len(order) > 0, np.diff(targets[order]) != 0])
        for at, start in enumerate(starts):
            mine = order[start : starts[at + 1] if at + 1 < len(starts) else len(order)]
            yield int(targets[mine[0]]), [letters[one].decode() for one in mine]

    def in_order(self) -> Iterator[tuple[str, int]]:
        """(receipt, target), sorted by receipt."""
        targets, letters = self._arrays()
        for at in np.argsort(letters, kind="stable"):
            yield letters[at].decode(), int(targets[at])

    def _arrays(self) -> tuple[NDArray[np.int32], Any]:
        if not self.targets:
            return np.empty(0, np.int32), np.empty(0, "S1")
        width = len(self.letters) // len(self.targets)
        letters = np.frombuffer(self.letters, dtype=f"S{width}")
        return np.frombuffer(self.targets, dtype=np.int32), letters
