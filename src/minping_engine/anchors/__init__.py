"""Anchors: proofs of a log's state that lie outside the log and its witnesses (docs/method/ledger.md).

In: a checkpoint; what a timestamp authority answered; a text that somebody typed from a notice board. Out:
the request to such an authority and what its answer proves; the text to print and the checkpoint that it
names. Each kind of anchor is one module with a way out (what to hand over) and a way back (what it proves);
sending is the caller's.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.anchors.printed import PrintedRoot, printed_root, read_printed
    from minping_engine.anchors.timestamps import Timestamp, check_timestamp, timestamp_request

__all__ = [
    "PrintedRoot",
    "Timestamp",
    "check_timestamp",
    "printed_root",
    "read_printed",
    "timestamp_request",
]

__getattr__ = lazy_front(
    __name__,
    {
        "PrintedRoot": "printed",
        "Timestamp": "timestamps",
        "check_timestamp": "timestamps",
        "printed_root": "printed",
        "read_printed": "printed",
        "timestamp_request": "timestamps",
    },
)
