"""Outcomes of earlier periods and of other schemes: what rules that look back or join levels read.

In: the snapshot's `earlier_outcomes`. Out: one plain record a row, oldest period first. Which of
them may be joined, and what "two in a row" means, is the scheme's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from minping_engine.evidence.measures.grouping import contract_table
from minping_engine.snapshot import Snapshot
from minping_engine.terms import Status, last_day


@dataclass(frozen=True)
class EarlierOutcome:
    """One result: score in millionths of a point, grade with its place from the best (1)."""

    period: str
    scheme: str
    assessee_id: str
    score_micro: int | None
    grade: str | None
    grade_step: int | None
    status: Status
    events: tuple[str, ...]


def earlier_outcomes(snapshot: Snapshot, schemes: Sequence[str] | None) -> list[EarlierOutcome]:
    """Outcomes of `schemes` (ID@VERSION; an ID alone means all its versions; None means all schemes).

    Sorted by the period's last day, then by period, scheme and assessee; rounds whose names tell no
    days come first.
    """
    rows = contract_table(snapshot, "earlier_outcomes").to_pylist()
    made = [
        EarlierOutcome(
            **row | {"status": Status(row["status"]), "events": tuple((row["events"] or "").split())}
        )
        for row in rows
        if schemes is None or {row["scheme"], row["scheme"].split("@")[0]} & set(schemes)
    ]
    return sorted(made, key=_order)


def _order(outcome: EarlierOutcome) -> tuple[date, str, str, str]:
    end = last_day(outcome.period) or date.min
    return end, outcome.period, outcome.scheme, outcome.assessee_id
