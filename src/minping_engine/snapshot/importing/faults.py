"""Collecting what is wrong with an import: everything at once, repeats folded into one line.

The same fault in the same column counts once, with its first place and how often it comes, so
that 300,000 rows with a wrong label make one line that an official can act on.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import replace

from minping_engine.errors import ImportRefusedError, Place, Problem, Severity
from minping_engine.snapshot.importing.texts import fold

SHOWN_LENGTH = 30
ALIKE = 0.5
_PERSONAL = re.compile(r"(?<!\d)(1[3-9]\d{9}|\d{6}(?:19|20)\d{2}[01]\d[0-3]\d{4}[\dXx])(?!\d)", re.ASCII)


class Faults:
    """Problems of one import, folded."""

    def __init__(self) -> None:
        self._found: dict[tuple[object, ...], Problem] = {}

    def add(self, code: str, place: Place | None = None, *, count: int = 1, **params: object) -> None:
        """Note an error."""
        self.take(Problem(code, place or Place(), params, count=count))

    def warn(self, code: str, place: Place | None = None, *, count: int = 1, **params: object) -> None:
        """Note something that does not stop the import."""
        self.take(Problem(code, place or Place(), params, Severity.WARNING, count))

    def take(self, problem: Problem) -> None:
        """Note a problem that somebody else found."""
        place = problem.place
        params = sorted((name, str(value)) for name, value in problem.params.items() if name != "cell")
        where = (place.file, place.sheet, place.column, place.key)
        key = (problem.code, problem.severity, where, tuple(params))
        known = self._found.get(key)
        if known:
            first = min(known, problem, key=lambda one: one.place.row)
            problem = replace(first, count=known.count + problem.count)
        self._found[key] = problem

    def take_all(self, problems: Iterable[Problem]) -> None:
        """Note several problems."""
        for problem in problems:
            self.take(problem)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All of them: errors first, then by place."""
        return tuple(
            sorted(
                self._found.values(),
                key=lambda one: (one.severity is Severity.WARNING, one.place, one.code, str(one.params)),
            )
        )

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Those that do not stop the import."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.WARNING)

    def refuse_if_any(self) -> None:
        """Raise `ImportRefusedError` with all problems if one of them is an error."""
        if len(self.warnings) < len(self._found):
            raise ImportRefusedError(self.problems)


def suggestion(text: str, known: Iterable[str]) -> str:
    """The known text that is most like `text`, or all of a few known ones."""
    choices = {fold(choice): choice for choice in known}
    near = difflib.get_close_matches(fold(text), choices, n=1, cutoff=ALIKE)
    if near:
        return choices[near[0]]
    return ", ".join(list(choices.values())[:12])


def shown(text: str) -> str:
    """A text from somebody's file, cut to what a message needs; numbers of phones and identity cards masked.

    A column that is mapped by mistake may hold them, and messages travel further than files.
    """
    text = _PERSONAL.sub(lambda found: f"{found.group()[:3]}…", text)
    return text if len(text) <= SHOWN_LENGTH else text[: SHOWN_LENGTH - 1] + "…"
