"""The lab: what a change of a scheme would do, before anybody decides it.

In: two loaded schemes and sealed snapshots. Out: `Trial` (everybody before and after, money, how far grades
hang on weights) and `Change`s in words; written as terminal tables, workbook, page and picture. Nothing
here is a result: trials are thrown away, earlier outcomes stay as they were sealed.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.lab.changes import Affected, Change, ChangeKind, diff_schemes
    from minping_engine.lab.model import (
        Lever,
        Person,
        RoundTrial,
        Stability,
        StabilityState,
        Standing,
        Steady,
        Trial,
        UseMoney,
    )
    from minping_engine.lab.page import write_trial_page
    from minping_engine.lab.pictures import trial_picture
    from minping_engine.lab.trial import try_scheme
    from minping_engine.lab.workbook import write_trial_workbook

_HOMES = {
    "changes": ("Affected", "Change", "ChangeKind", "diff_schemes"),
    "model": (
        "Lever", "Person", "RoundTrial", "Stability", "StabilityState", "Standing", "Steady", "Trial",
        "UseMoney",
    ),
    "page": ("write_trial_page",),
    "pictures": ("trial_picture",),
    "trial": ("try_scheme",),
    "workbook": ("write_trial_workbook",),
}  # fmt: skip
__all__ = [
    "Affected",
    "Change",
    "ChangeKind",
    "Lever",
    "Person",
    "RoundTrial",
    "Stability",
    "StabilityState",
    "Standing",
    "Steady",
    "Trial",
    "UseMoney",
    "diff_schemes",
    "trial_picture",
    "try_scheme",
    "write_trial_page",
    "write_trial_workbook",
]

__getattr__ = lazy_front(__name__, {name: home for home, names in _HOMES.items() for name in names})
