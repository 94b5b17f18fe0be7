"""Money in fen: amounts by grade and by rank, budgets divided so that they add up to the fen (S31, S48).

In: amounts and weights, exact. Out: whole fen. Left-over fen go to the largest remainders, equal
remainders to the smaller id: the same on every machine.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import floor

from minping_engine.scheme import half_up


def whole_fen(amount: Fraction) -> int:
    """Rounded half up to the fen."""
    return int(half_up(amount, 0))


def divide_budget(budget: int, weights: Mapping[str, Fraction]) -> dict[str, int]:
    """`budget` fen in proportion to weights (none below 0). All zero: nobody gets anything.

    >>> divide_budget(100, {"a": Fraction(1), "b": Fraction(1), "c": Fraction(1)})
    {'a': 34, 'b': 33, 'c': 33}
    """
    whole = sum(weights.values(), start=Fraction(0))
    if not whole:
        return dict.fromkeys(weights, 0)
    exact = {name: budget * weight / whole for name, weight in weights.items()}
    shares = {name: floor(amount) for name, amount in exact.items()}
    left = budget - sum(shares.values())
    order = sorted(exact, key=lambda name: (shares[name] - exact[name], name))
    for name in order[:left]:
        shares[name] += 1
    return shares


def overlapping(sets: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """First place by name, where all whose ranges of places overlap (over however many others) share one.

    >>> overlapping({"a": (1, 2), "b": (2, 3), "c": (4, 4)})
    {'a': 1, 'b': 1, 'c': 3}
    """
    made: dict[str, int] = {}
    first, reach = 1, 0
    for number, (name, (low, high)) in enumerate(sorted(sets.items(), key=lambda row: (row[1], row[0])), 1):
        if low > reach:
            first = number
        reach = max(reach, high)
        made[name] = first
    return made


def pool_by_rank(amounts: Sequence[int], ranks: Mapping[str, int]) -> dict[str, int]:
    """Amounts of ranks 1, 2, ...; who shares a rank shares the amounts of all places it covers.

    >>> pool_by_rank([50, 40, 30], {"a": 1, "b": 2, "c": 2})
    {'a': 50, 'b': 35, 'c': 35}
    """
    tied: dict[int, list[str]] = defaultdict(list)
    for name, rank in ranks.items():
        tied[rank].append(name)
    made: dict[str, int] = {}
    for rank, names in sorted(tied.items()):
        pot = sum(amounts[rank - 1 : rank - 1 + len(names)])
        if pot:
            made |= divide_budget(pot, dict.fromkeys(sorted(names), Fraction(1)))
    return made
