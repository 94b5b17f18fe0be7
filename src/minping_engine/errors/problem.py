"""A problem as data: code, place, parameters. Texts live in the catalogue."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """An error stops the step; a warning is stored with the result."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, order=True)
class Place:
    """Where in somebody's input: any part may be unknown (empty).

    `row` counts from 1 as the spreadsheet shows it, header rows included.
    """

    file: str = ""
    sheet: str = ""
    row: int = 0
    column: str = ""
    key: str = ""

    def __str__(self) -> str:
        parts = [
            self.file,
            f"[{self.sheet}]" if self.sheet else "",
            f"row {self.row}" if self.row else "",
            f"column {self.column}" if self.column else "",
            self.key,
        ]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `params` fill the catalogue's text; values must not be personal data."""

    code: str
    place: Place = Place()
    params: dict[str, object] = field(default_factory=dict)
    severity: Severity = Severity.ERROR
    count: int = 1
