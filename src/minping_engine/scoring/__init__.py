"""Scores, states, grades and proposals by a scheme's rules.

In: estimates and measures. Out: what counts, why not where it does not, and what follows.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.scoring.money import divide_budget, pool_by_rank, whole_fen
    from minping_engine.scoring.outcome import Given, Outcome, score_all
    from minping_engine.scoring.periods import names_of_periods
    from minping_engine.scoring.rules import Verdicts, grade_of, judge
    from minping_engine.scoring.tree import NodePoints
    from minping_engine.scoring.uses import Proposal
    from minping_engine.scoring.values import Candidate, Earlier, MeasureValue

__all__ = [
    "Candidate",
    "Earlier",
    "Given",
    "MeasureValue",
    "NodePoints",
    "Outcome",
    "Proposal",
    "Verdicts",
    "divide_budget",
    "grade_of",
    "judge",
    "names_of_periods",
    "pool_by_rank",
    "score_all",
    "whole_fen",
]

__getattr__ = lazy_front(
    __name__,
    {
        "Candidate": "values",
        "Earlier": "values",
        "Given": "outcome",
        "MeasureValue": "values",
        "NodePoints": "tree",
        "Outcome": "outcome",
        "Proposal": "uses",
        "Verdicts": "rules",
        "divide_budget": "money",
        "grade_of": "rules",
        "judge": "rules",
        "names_of_periods": "periods",
        "pool_by_rank": "money",
        "score_all": "outcome",
        "whole_fen": "money",
    },
)
