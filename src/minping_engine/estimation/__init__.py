"""From sums to estimates with their uncertainty. Direct estimates; adjusted and shrunken ones join later.

In: arrays of sums from the evidence. Out: arrays of means and standard errors. Knows neither
files nor names.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.estimation.direct import (
        DirectEstimates,
        Responsibility,
        UnitSums,
        direct_estimates,
        group_means,
        interval,
        size_in_mean,
    )

__all__ = [
    "DirectEstimates",
    "Responsibility",
    "UnitSums",
    "direct_estimates",
    "group_means",
    "interval",
    "size_in_mean",
]

__getattr__ = lazy_front(__name__, dict.fromkeys(__all__, "direct"))
