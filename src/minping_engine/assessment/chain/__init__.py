"""The chain: weights, errors, fair adjustment, shrinkage, comparison, progress, drivers, fairness report.

In: evidence of a run, its design, a scheme's part `fairness`. Out: columns of `scores` and tables of
the result. District by district (ADR 9); each step has a page in `docs/method/`.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.assessment.chain.columns import FairColumns
    from minping_engine.assessment.chain.groups import Groups, comparison_groups
    from minping_engine.assessment.chain.plan import Plan, make_plan
    from minping_engine.assessment.chain.run import ChainInput, ChainResult, run_chain

__all__ = [
    "ChainInput",
    "ChainResult",
    "FairColumns",
    "Groups",
    "Plan",
    "comparison_groups",
    "make_plan",
    "run_chain",
]

__getattr__ = lazy_front(
    __name__,
    {
        "ChainInput": "run",
        "ChainResult": "run",
        "FairColumns": "columns",
        "Groups": "groups",
        "Plan": "plan",
        "comparison_groups": "groups",
        "make_plan": "plan",
        "run_chain": "run",
    },
)
