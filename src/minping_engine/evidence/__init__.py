"""From ballots to sufficient statistics: the only place where data are big.

In: a sealed snapshot's ballot parts and an `EvidenceSpec`. Out: integer sums per target, cell and
variable, district by district, the same bytes under every scheduler (evidence.md,
docs/method/kernel.md). Weights and estimates are made from them on the driver. Beside ballots,
`measures/` reads appraisals, facts, cases and earlier outcomes (ADR 10).
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.evidence.collect import DistrictEvidence, Evidence, collect_evidence
    from minping_engine.evidence.kernel import REASONS
    from minping_engine.evidence.measures import (
        CASE_COLUMNS,
        CaseGroup,
        EarlierOutcome,
        GroupMarks,
        MarkSums,
        Window,
        appraisal_sums,
        case_groups,
        earlier_outcomes,
        fact_values,
        period_window,
    )
    from minping_engine.evidence.schedulers import Scheduler, scheduler_named
    from minping_engine.evidence.spec import (
        TOTAL_VARIABLE,
        CellSpec,
        EvidenceSpec,
        evidence_spec,
        share_items,
    )
    from minping_engine.evidence.sql import evidence_sql

__all__ = [
    "CASE_COLUMNS",
    "REASONS",
    "TOTAL_VARIABLE",
    "CaseGroup",
    "CellSpec",
    "DistrictEvidence",
    "EarlierOutcome",
    "Evidence",
    "EvidenceSpec",
    "GroupMarks",
    "MarkSums",
    "Scheduler",
    "Window",
    "appraisal_sums",
    "case_groups",
    "collect_evidence",
    "earlier_outcomes",
    "evidence_spec",
    "evidence_sql",
    "fact_values",
    "period_window",
    "scheduler_named",
    "share_items",
]

__getattr__ = lazy_front(
    __name__,
    {
        "DistrictEvidence": "collect",
        "Evidence": "collect",
        "EvidenceSpec": "spec",
        "REASONS": "kernel",
        "Scheduler": "schedulers",
        "TOTAL_VARIABLE": "spec",
        "CellSpec": "spec",
        "collect_evidence": "collect",
        "evidence_spec": "spec",
        "share_items": "spec",
        "evidence_sql": "sql",
        "CASE_COLUMNS": "measures",
        "CaseGroup": "measures",
        "EarlierOutcome": "measures",
        "GroupMarks": "measures",
        "MarkSums": "measures",
        "Window": "measures",
        "appraisal_sums": "measures",
        "case_groups": "measures",
        "earlier_outcomes": "measures",
        "fact_values": "measures",
        "period_window": "measures",
        "scheduler_named": "schedulers",
    },
)
