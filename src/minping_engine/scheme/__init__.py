"""Schemes: assessment rules as data. Load, look up dated values, name every fault.

In: a folder of the library (`schemes/<id>/`) or a district's own. Out: `LoadedScheme`.
A scheme holds the five parts of the manual (S18): instrument, scoring, sampling plan, means,
use of results.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.scheme.load import (
        Disclosure,
        LoadedScheme,
        library_folder,
        load_scheme,
        read_values,
        scheme_ids,
    )
    from minping_engine.scheme.model import (
        MILLI,
        Band,
        Bilingual,
        Fairness,
        Instrument,
        Item,
        RankPlan,
        Scheme,
        VisitQuota,
        WeightPlan,
    )

__all__ = [
    "MILLI",
    "Band",
    "Bilingual",
    "Disclosure",
    "Fairness",
    "Instrument",
    "Item",
    "LoadedScheme",
    "RankPlan",
    "Scheme",
    "VisitQuota",
    "WeightPlan",
    "library_folder",
    "load_scheme",
    "read_values",
    "scheme_ids",
]

__getattr__ = lazy_front(
    __name__,
    {
        "Band": "model",
        "Bilingual": "model",
        "Disclosure": "load",
        "Fairness": "model",
        "Instrument": "model",
        "Item": "model",
        "LoadedScheme": "load",
        "MILLI": "model",
        "RankPlan": "model",
        "Scheme": "model",
        "VisitQuota": "model",
        "WeightPlan": "model",
        "library_folder": "load",
        "load_scheme": "load",
        "read_values": "load",
        "scheme_ids": "load",
    },
)
