"""Collects what is wrong in a large file: all of it counted by code, the first of it with its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minping_engine.errors import Place, Problem, Severity

MOST_LISTED = 500
NO_PARAMS: Callable[[int], dict[str, object]] = lambda index: {}  # noqa: E731


@dataclass
class Findings:
    """Problems by code and by row. `rows` gives the spreadsheet row of each data row."""

    file: str
    sheet: str
    rows: np.ndarray[Any, np.dtype[np.int64]]
    counts: Counter[str] = field(default_factory=Counter)
    errors: set[str] = field(default_factory=set)
    listed: list[Problem] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        """A problem of the whole file."""
        self.counts[problem.code] += problem.count
        if problem.severity == Severity.ERROR:
            self.errors.add(problem.code)
        self.listed.append(problem)

    def rows_where(
        self,
        code: str,
        mask: Any,
        heading: str,
        *,
        severity: Severity = Severity.ERROR,
        params: Callable[[int], dict[str, object]] = NO_PARAMS,
    ) -> None:
        """The same problem in every row that the mask marks."""
        hit = np.flatnonzero(mask)
        if not len(hit):
            return
        self.counts[code] += len(hit)
        if severity == Severity.ERROR:
            self.errors.add(code)
        for index in hit[:MOST_LISTED].tolist():
            place = Place(self.file, self.sheet, int(self.rows[index]), heading)
            self.listed.append(Problem(code, place, params(index), severity))

    @property
    def refused(self) -> bool:
        """Whether nothing may be loaded."""
        return bool(self.errors)

    def first(self) -> list[Problem]:
        """The first problems in the order of the file, errors before warnings."""
        ordered = sorted(self.listed, key=lambda p: (p.severity != Severity.ERROR, p.place.row))
        return ordered[:MOST_LISTED]


def problem_as_json(problem: Problem) -> dict[str, Any]:
    """As a report keeps it."""
    place = problem.place
    return {
        "code": problem.code,
        "place": [place.file, place.sheet, place.row, place.column, place.key],
        "params": {name: str(value) for name, value in problem.params.items()},
        "severity": problem.severity.value,
    }
