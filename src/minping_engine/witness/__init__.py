"""Witnesses: other bodies that sign a checkpoint only if it continues the last one (docs/method/ledger.md).

In: requests, what a witness remembers, keys, a clock as a callable; on the log's side tiles, checkpoints
and a callable that posts. Out: answers of C2SP tlog-witness, checkpoints with more signatures, and whether
enough witnesses signed (C2SP tlog-policy). No network, no files, no clock: the program `minping witness`
and the product bring them.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.witness.asking import Asked, Post, add_cosignatures, ask_witness, read_answer
    from minping_engine.witness.check import Cosigned, PolicyCheck, check_policy
    from minping_engine.witness.policy import Group, WitnessPolicy, quorum_of, read_policy
    from minping_engine.witness.requests import WitnessRequest, parse_request, request_from_tiles
    from minping_engine.witness.rules import NOTHING, Answer, Latest, Submission, judge, read_submission
    from minping_engine.witness.witnessing import OriginState, States, Witness

__all__ = [
    "NOTHING",
    "Answer",
    "Asked",
    "Cosigned",
    "Group",
    "Latest",
    "OriginState",
    "PolicyCheck",
    "Post",
    "States",
    "Submission",
    "Witness",
    "WitnessPolicy",
    "WitnessRequest",
    "add_cosignatures",
    "ask_witness",
    "check_policy",
    "judge",
    "parse_request",
    "quorum_of",
    "read_answer",
    "read_policy",
    "read_submission",
    "request_from_tiles",
]

__getattr__ = lazy_front(
    __name__,
    {
        "NOTHING": "rules",
        "Answer": "rules",
        "Asked": "asking",
        "Cosigned": "check",
        "Group": "policy",
        "Latest": "rules",
        "OriginState": "witnessing",
        "PolicyCheck": "check",
        "Post": "asking",
        "States": "witnessing",
        "Submission": "rules",
        "Witness": "witnessing",
        "WitnessPolicy": "policy",
        "WitnessRequest": "requests",
        "add_cosignatures": "asking",
        "ask_witness": "asking",
        "check_policy": "check",
        "judge": "rules",
        "parse_request": "requests",
        "quorum_of": "policy",
        "read_answer": "asking",
        "read_policy": "policy",
        "read_submission": "rules",
        "request_from_tiles": "requests",
    },
)
