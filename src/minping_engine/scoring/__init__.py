"""Scores, states and grades by a scheme's rules.

In: estimates. Out: what counts, and why not where it does not.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.scoring.rules import Verdicts, grade_of, judge

__all__ = ["Verdicts", "grade_of", "judge"]

__getattr__ = lazy_front(__name__, dict.fromkeys(__all__, "rules"))
