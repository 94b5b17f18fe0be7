"""The registry of the snapshot's tables: which app brings which table of the contract.

A source takes the facts of a round and the merges of its closing and gives an arrow table of the contract.
Higher apps add theirs in `site/wiring.py`; a test holds the registry against the contract.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

Source = Callable[[Any, Any], pa.Table]
"""`source(facts, spread)`: `RoundFacts` and `Spread` of the selectors."""

COUNTED = frozenset({"ballots", "comments"})
"""Made by the count itself."""
EMPTY = frozenset({"assessee_attributes", "visits", "costs", "appraisals", "facts", "cases"})
"""Not there when the count ends: a further version of the snapshot brings them (`services.versions`)."""

_sources: dict[str, Source] = {}


def register_sources(table: Mapping[str, Source]) -> None:
    """Add sources by table; ValueError for a table that has one."""
    again = sorted(_sources.keys() & table.keys())
    if again:
        raise ValueError(f"two sources for {', '.join(again)}")
    _sources.update(table)


def sources() -> Mapping[str, Source]:
    """All registered sources."""
    return dict(_sources)
