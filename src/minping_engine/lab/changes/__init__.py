"""What differs between two schemes, in words that an official understands.

In: two loaded schemes. Out: `Change`s, one sentence each. `walk` finds every difference of the validated
models, `phrases` and `shown` say it, `reads` knows whether money follows from it.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.lab.changes.diff import diff_schemes
    from minping_engine.lab.changes.model import Affected, Change, ChangeKind

__all__ = ["Affected", "Change", "ChangeKind", "diff_schemes"]

__getattr__ = lazy_front(
    __name__, {"Affected": "model", "Change": "model", "ChangeKind": "model", "diff_schemes": "diff"}
)
