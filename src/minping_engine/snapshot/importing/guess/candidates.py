"""Columns by the role their heading proposes, and what to do where several compete.

Columns that divide the rows in the same way mean the same, and the first is taken. Columns that do
not are refused, both named: nobody but the district knows which one counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from minping_engine.snapshot.importing.guess.columns import Sight, agree
from minping_engine.snapshot.importing.guess.outcome import Findings
from minping_engine.snapshot.importing.guess.words import roles

LEFT_OUT = {
    "personal": "guess.left_out_personal",
    "interviewer": "guess.left_out_personal",
    "comment": "guess.left_out_personal",
    "platform": "guess.left_out_platform",
    "total": "guess.left_out_total",
    "opened_from": "guess.left_out_opened_from",
}
"""Roles that no map needs, and the note that says so."""


@dataclass(frozen=True)
class RoleColumns:
    """Columns by the role their heading proposes, in the order of the files."""

    rows: pa.Table
    by_role: dict[str, list[Sight]]
    rows_per_ballot: int = 1

    def of(self, *names: str) -> list[Sight]:
        """Columns of these roles."""
        return [sight for name in names for sight in self.by_role.get(name, [])]

    def same(self, first: Sight, second: Sight) -> bool:
        """Whether both columns divide the rows in the same way."""
        return agree(self.rows, first.name, second.name) == (True, True)

    def decides(self, first: Sight, second: Sight) -> bool:
        """Whether the value of `first` leaves one value for `second`."""
        return agree(self.rows, first.name, second.name)[0]


def role_of(sight: Sight) -> str:
    """The role that a heading's words propose, or nothing. Bilingual headings are read in parts."""
    for heading in sight.heading.readings:
        strength, _, role = max(
            (words.strength(heading), -number, words.role) for number, words in enumerate(roles())
        )
        if strength:
            return role
    return ""


def sort_by_role(
    rows: pa.Table, sights: Sequence[Sight], found: Findings, *, rows_per_ballot: int = 1
) -> RoleColumns:
    """All columns by role; those that are never needed are noted."""
    by_role: dict[str, list[Sight]] = {}
    for sight in sights:
        by_role.setdefault(role_of(sight), []).append(sight)
    for role, note in LEFT_OUT.items():
        for sight in by_role.get(role, []):
            found.note(note, sight.name)
    return RoleColumns(rows, by_role, rows_per_ballot)


def one_of(role: str, sights: list[Sight], columns: RoleColumns, found: Findings) -> Sight | None:
    """The only one; of several that mean the same the first; else refused."""
    if len(sights) < 2:
        return sights[0] if sights else None
    if all(columns.same(sights[0], other) for other in sights[1:]):
        for other in sights[1:]:
            found.note("guess.same_as", other.name, other=sights[0].name)
        return sights[0]
    two_candidates(role, sights, found)
    return None


def two_candidates(role: str, sights: Sequence[Sight], found: Findings) -> None:
    names = " | ".join(sight.name for sight in sights)
    lines = f'columns: {{{role}: "{sights[0].name}"}}'
    found.refuse("guess.two_candidates", sights[0].name, role=role, candidates=names, lines=lines)


LIKELY = {
    "household": ("household_id", "room", "token"),
    "target": ("grid", "grid_name", "worker_id", "worker_name"),
}
"""Headings that speak for a role, named first where the content did not bear them out."""


def refuse_without(code: str, role: str, columns: RoleColumns, found: Findings) -> None:
    others = [sight for sight in columns.of(*LIKELY.get(role, ()), "", "ballot") if sight.distinct > 1]
    names = " | ".join(sight.name for sight in others[:6]) or "–"
    found.refuse(code, candidates=names, lines=f'columns: {{{role}: "…"}}')
