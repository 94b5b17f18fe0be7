"""The log's writes: stage, sequence, recheck, open to auditors, recover.

Flow: a step stages its entry in its own transaction (`stage`); one job at a time gives indexes and publishes
(`sequence`); anyone rechecks (`verify`); after a restore nothing is written before `recover`, and
`lost_by_kind` says what has to be done once more. Witnesses and timestamp authorities are asked after
publishing, never within it (`ask_witnesses`, `stamp_checkpoint`).
"""

from minping_web.ledger.selectors import Lost, lost_by_kind
from minping_web.ledger.services.checking import verify
from minping_web.ledger.services.lock import BusyError, only_writer
from minping_web.ledger.services.opening import export_opened, forget
from minping_web.ledger.services.recovery import Recovered, recover
from minping_web.ledger.services.sequencing import sequence
from minping_web.ledger.services.staging import stage, stage_many
from minping_web.ledger.services.stamping import stamp_checkpoint, take_answer, wanted_timestamp
from minping_web.ledger.services.succession import open_successor
from minping_web.ledger.services.witnesses import propose_removal, propose_witness
from minping_web.ledger.services.witnessing import ask_witnesses, put_cosignatures, take_cosignature

__all__ = [
    "BusyError",
    "Lost",
    "Recovered",
    "ask_witnesses",
    "export_opened",
    "forget",
    "lost_by_kind",
    "only_writer",
    "open_successor",
    "propose_removal",
    "propose_witness",
    "put_cosignatures",
    "recover",
    "sequence",
    "stage",
    "stage_many",
    "stamp_checkpoint",
    "take_answer",
    "take_cosignature",
    "verify",
    "wanted_timestamp",
]
