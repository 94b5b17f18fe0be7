"""How many of an area's n go to which stratum: whole numbers, no chance (docs/method/draw.md).

In: n, the strata, how many units each has. Out: numbers that add up to n, or to all there are. Each unit is
given to the stratum that is farthest behind its share (divisor method of Sainte-Laguë) instead of by largest
remainders: there a larger n can take one away from a stratum, and a household once drawn would drop out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from heapq import heapify, heapreplace

from minping_engine.sampling.design import Stratum


def allocate(n: int | None, strata: Sequence[Stratum], room: Mapping[str, int]) -> dict[str, int]:
    """Numbers per stratum, none above its room; n `None` takes all.

    First the quotas; then those with shares; what is left goes over quotas in their proportion. Equals are
    served by id. n + 1 gives just one stratum one more.

    >>> strata = [Stratum(id="ordinary", share=4), Stratum(id="special", share=1)]
    >>> allocate(300, strata, {"ordinary": 900, "special": 45})
    {'ordinary': 255, 'special': 45}
    """
    rooms = {stratum.id: room.get(stratum.id, 0) for stratum in strata}
    if n is None or n >= sum(rooms.values()):
        return rooms
    given = dict.fromkeys(rooms, 0)
    shares = {stratum.id: stratum.share for stratum in strata if stratum.share}
    quotas = {stratum.id: stratum.quota for stratum in strata if stratum.quota}
    up_to_quota = {name: min(quota, rooms[name]) for name, quota in quotas.items()}
    for weights, limits in ((quotas, up_to_quota), (shares, rooms), (quotas, rooms)):
        _give(n - sum(given.values()), weights, limits, given)
    return given


def _give(count: int, weights: Mapping[str, int], limits: Mapping[str, int], given: dict[str, int]) -> None:
    """Give `count` units one by one, each where (2 given + 1) / weight is least."""
    whole = math.lcm(*weights.values())
    steps = {name: whole // weight for name, weight in weights.items()}  # keeps the comparison in integers
    behind = [
        ((2 * given[name] + 1) * step, name) for name, step in steps.items() if given[name] < limits[name]
    ]
    heapify(behind)
    while count and behind:
        key, name = behind[0]
        given[name] += 1
        count -= 1
        if given[name] < limits[name]:
            heapreplace(behind, (key + 2 * steps[name], name))
        else:
            behind.remove(behind[0])
            heapify(behind)
