"""Tables of ballots, by what they are about."""

from minping_web.ballots.models.closing import (
    CountedReceipt,
    Custodian,
    KeyHandover,
    RoundClosing,
    SealedComment,
)
from minping_web.ballots.models.paper import KeyingTally, PaperBundle, PaperSheet
from minping_web.ballots.models.reports import CoercionReport, ProblemReport, ReportReading
from minping_web.ballots.models.sealed import BallotSlot, OpenBallot, OpenLink, RoundKey, SpentWork

__all__ = [
    "BallotSlot",
    "CoercionReport",
    "CountedReceipt",
    "Custodian",
    "KeyHandover",
    "KeyingTally",
    "OpenBallot",
    "OpenLink",
    "PaperBundle",
    "PaperSheet",
    "ProblemReport",
    "ReportReading",
    "RoundClosing",
    "RoundKey",
    "SealedComment",
    "SpentWork",
]
