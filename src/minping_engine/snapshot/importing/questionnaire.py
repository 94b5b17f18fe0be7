"""What importing needs to know of a scheme: its questions, their answers and codes.

Snapshot and scheme stand side by side in the layers and do not import each other; the command
line turns a loaded scheme into this small value. Without a scheme the map itself says it all.
"""

from __future__ import annotations

from dataclasses import dataclass

from minping_engine.terms import AssesseeKind, PeriodKind


@dataclass(frozen=True)
class AskedItem:
    """One question: labels in every language with their codes, in the scheme's order."""

    id: str
    wording: str
    labels: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Questionnaire:
    """The questions of one instrument version (`key` is ID@VERSION) and what is assessed by them."""

    key: str
    assessee_kind: AssesseeKind
    period_kind: PeriodKind
    items: tuple[AskedItem, ...]

    def item(self, item_id: str) -> AskedItem | None:
        """The question of that id."""
        return next((item for item in self.items if item.id == item_id), None)
