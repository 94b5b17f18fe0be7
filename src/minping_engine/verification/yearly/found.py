"""What one part of a year's check found: problems with their places, files that the log itself proves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from minping_engine.errors import MinpingError, Place, Problem


@dataclass
class Found:
    """Grows while a part is checked; parts are joined in the order of the log."""

    problems: list[Problem] = field(default_factory=list)
    proved: set[str] = field(default_factory=set)
    done: dict[str, int] = field(default_factory=dict)
    """How many of what were checked."""

    def count(self, what: str, number: int = 1) -> None:
        """So many more."""
        self.done[what] = self.done.get(what, 0) + number

    def add(self, code: str, file: str, key: str = "", **params: object) -> None:
        """One problem."""
        self.problems.append(Problem(code, Place(file=file, key=key), params))

    def take(self, error: MinpingError, folder: str) -> None:
        """The problems of an error whose files lie in a folder of the year."""
        self.problems += [within(problem, folder) for problem in error.problems]

    def join(self, other: Found) -> None:
        """What another part found."""
        self.problems += [one for one in other.problems if one not in self.problems]
        self.proved |= other.proved
        for what, number in other.done.items():
            self.count(what, number)


def within(problem: Problem, folder: str) -> Problem:
    """The same problem, its file named from the year's folder."""
    name = problem.place.file.rpartition(f"{folder}/")[2]
    file = f"{folder}/{name}" if name and not name.startswith("/") else folder
    return replace(problem, place=replace(problem.place, file=file))


def joined(parts: Iterable[Found]) -> Found:
    """All parts as one."""
    made = Found()
    for one in parts:
        made.join(one)
    return made
