"""The log's writes: stage, sequence, recheck, open to auditors, recover.

Flow: a step stages its entry in its own transaction (`stage`); one job at a time gives indexes and publishes
(`sequence`); anyone rechecks (`verify`); after a restore nothing is written before `recover`.
"""

from minping_web.ledger.services.checking import verify
from minping_web.ledger.services.lock import BusyError, only_writer
from minping_web.ledger.services.opening import export_opened, forget
from minping_web.ledger.services.recovery import Recovered, open_successor, recover
from minping_web.ledger.services.sequencing import sequence
from minping_web.ledger.services.staging import stage, stage_many

__all__ = [
    "BusyError",
    "Recovered",
    "export_opened",
    "forget",
    "only_writer",
    "open_successor",
    "recover",
    "sequence",
    "stage",
    "stage_many",
    "verify",
]
