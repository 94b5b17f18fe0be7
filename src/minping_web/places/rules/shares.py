"""Shares of households when areas are re-cut: exact, and always adding up to one.

In: households that go from each old area to each new one. Out: shares as decimals of eight places; the
largest part takes what rounding leaves, so no household is lost or counted twice.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from decimal import ROUND_DOWN, Decimal
from typing import TypeVar

PLACES = 8
UNIT = Decimal(1).scaleb(-PLACES)
K = TypeVar("K", bound=Hashable)


def shares_from_counts(counts: Mapping[K, int]) -> dict[K, Decimal]:
    """Shares of one whole; equal parts when nobody lives there. Raises ValueError for negative counts."""
    if not counts or min(counts.values()) < 0:
        raise ValueError("counts must be given and not negative")
    total = sum(counts.values())
    parts = counts if total else dict.fromkeys(counts, 1)
    whole = total or len(counts)
    found = {
        key: (Decimal(part) / whole).quantize(UNIT, rounding=ROUND_DOWN)
        for key, part in parts.items()
        if part
    }
    largest = max(found, key=lambda key: parts[key])
    found[largest] += 1 - sum(found.values(), Decimal(0))
    return found


def chained(first: Mapping[K, Decimal], then: Mapping[K, Mapping[K, Decimal]]) -> dict[K, Decimal]:
    """Follow shares one act further; areas that `then` does not name stay themselves."""
    found: dict[K, Decimal] = {}
    for key, share in first.items():
        for target, part in then.get(key, {key: Decimal(1)}).items():
            found[target] = found.get(target, Decimal(0)) + share * part
    return found
