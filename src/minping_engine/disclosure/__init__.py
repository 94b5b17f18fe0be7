"""Disclosure control of published tables: what must be hidden so that nothing hidden can be solved for.

In: tables of counts and sums with their margins (area hierarchy x answer, mode, class), thresholds. Out:
which cells are hidden and why, the interval that a reader can work out for each of them, and what a second
release gives away together with the first. Rules and guarantees: docs/method/disclosure.md. Writing is left
to `reporting`.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.disclosure.corrected import Withholds, protect_correction
    from minping_engine.disclosure.intervals import Interval, audit
    from minping_engine.disclosure.primary import IMPLIED, Limits, Reason
    from minping_engine.disclosure.releases import ReleaseComparison, compare_releases
    from minping_engine.disclosure.suppress import Protected, protect
    from minping_engine.disclosure.tables import (
        Cell,
        CellKey,
        Coordinates,
        Dimension,
        Link,
        PublishedTable,
        table_from_leaves,
    )

__all__ = [
    "IMPLIED",
    "Cell",
    "CellKey",
    "Coordinates",
    "Dimension",
    "Interval",
    "Limits",
    "Link",
    "Protected",
    "PublishedTable",
    "Reason",
    "ReleaseComparison",
    "Withholds",
    "audit",
    "compare_releases",
    "protect",
    "protect_correction",
    "table_from_leaves",
]

__getattr__ = lazy_front(
    __name__,
    {
        "Cell": "tables",
        "CellKey": "tables",
        "Coordinates": "tables",
        "Dimension": "tables",
        "Interval": "intervals",
        "IMPLIED": "primary",
        "Limits": "primary",
        "Link": "tables",
        "Protected": "suppress",
        "PublishedTable": "tables",
        "Reason": "primary",
        "ReleaseComparison": "releases",
        "Withholds": "corrected",
        "audit": "intervals",
        "compare_releases": "releases",
        "protect": "suppress",
        "protect_correction": "corrected",
        "table_from_leaves": "tables",
    },
)
