"""From ballots to sufficient statistics: the only place where data are big.

In: a sealed snapshot's ballot parts and an `EvidenceSpec`. Out: integer sums per target, cell and
variable, district by district, the same bytes under every scheduler (evidence.md,
docs/method/kernel.md). Weights and estimates are made from them on the driver.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.evidence.collect import DistrictEvidence, Evidence, collect_evidence
    from minping_engine.evidence.kernel import REASONS
    from minping_engine.evidence.schedulers import Scheduler, scheduler_named
    from minping_engine.evidence.spec import TOTAL_VARIABLE, CellSpec, EvidenceSpec, evidence_spec
    from minping_engine.evidence.sql import evidence_sql

__all__ = [
    "REASONS",
    "TOTAL_VARIABLE",
    "CellSpec",
    "DistrictEvidence",
    "Evidence",
    "EvidenceSpec",
    "Scheduler",
    "collect_evidence",
    "evidence_spec",
    "evidence_sql",
    "scheduler_named",
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
        "evidence_sql": "sql",
        "scheduler_named": "schedulers",
    },
)
