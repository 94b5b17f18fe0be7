"""What may be shown without giving a single person away: means of places, counts of modes.

In: group rows of sibling places. Out: the ids that may be shown. A place is hidden if fewer than
`mean_from` of its people are assessed (with two, each could tell the other's score), or its ballots
are below `scored_from` (both stand in `schemes/common/disclosure.yaml`). If what is hidden under
one parent is still fewer people than that, their mean could be worked out from the
parent's; then the next smallest sibling is hidden too (complementary suppression).
"""

from __future__ import annotations

from collections.abc import Sequence

from minping_engine.reporting.lookups import Row
from minping_engine.scheme import Disclosure


def shown_siblings(rows: Sequence[Row], limits: Disclosure) -> frozenset[str]:
    """area_ids of `rows` (totals of places under one parent) that may be shown."""
    people = {row["area_id"]: row["n_assessees"] for row in rows}
    shown = {row["area_id"] for row in rows if _is_large(row, limits)}
    for area_id in sorted(shown, key=lambda area: (people[area], area)):
        if not _can_be_worked_out(people, shown, limits.mean_from):
            break
        shown.discard(area_id)
    return frozenset(shown)


def _is_large(row: Row, limits: Disclosure) -> bool:
    return (
        row["mean"] is not None
        and row["n_assessees"] >= limits.mean_from
        and row["n_ballots"] >= limits.scored_from
    )


def _can_be_worked_out(people: dict[str, int], shown: set[str], fewest: int) -> bool:
    hidden = [count for area, count in people.items() if area not in shown and count > 0]
    return 0 < sum(hidden) < fewest or len(hidden) == 1


def released_counts(counts: Sequence[tuple[int, int]], fewest: int) -> tuple[list[tuple[int, int]], int]:
    """(mode, n) pairs that may be shown, largest first, and the ballots of all others together.

    Modes below `fewest` are put together; if they are still fewer, the next smallest joins them.
    """
    kept = sorted((pair for pair in counts if pair[1] > 0), key=lambda pair: (-pair[1], pair[0]))
    others = 0
    while kept and (kept[-1][1] < fewest or 0 < others < fewest):
        others += kept.pop()[1]
    return kept, others
