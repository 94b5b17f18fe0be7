"""Exact measures beside ballots: appraisals, facts, cases, earlier outcomes (ADR 10).

In: an opened snapshot that passed its check. Out: small plain structures of whole numbers and
fractions, by assessee, in a fixed order whatever the order of rows. Rows are grouped in arrow,
never one by one; what the numbers are worth is for the steps that know the scheme.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.evidence.measures.appraisals import GroupMarks, MarkSums, appraisal_sums
    from minping_engine.evidence.measures.cases import CASE_COLUMNS, CaseGroup, case_groups
    from minping_engine.evidence.measures.earlier import EarlierOutcome, earlier_outcomes
    from minping_engine.evidence.measures.facts import fact_values
    from minping_engine.evidence.measures.windows import Window, period_window

__all__ = [
    "CASE_COLUMNS",
    "CaseGroup",
    "EarlierOutcome",
    "GroupMarks",
    "MarkSums",
    "Window",
    "appraisal_sums",
    "case_groups",
    "earlier_outcomes",
    "fact_values",
    "period_window",
]

__getattr__ = lazy_front(
    __name__,
    {
        "CASE_COLUMNS": "cases",
        "CaseGroup": "cases",
        "EarlierOutcome": "earlier",
        "GroupMarks": "appraisals",
        "MarkSums": "appraisals",
        "Window": "windows",
        "appraisal_sums": "appraisals",
        "case_groups": "cases",
        "earlier_outcomes": "earlier",
        "fact_values": "facts",
        "period_window": "windows",
    },
)
