"""Rechecks what was published from its files alone, as an outsider would.

In: the folder of a log (docs/method/ledger.md) or of a draw (docs/method/draw.md), the log's public key, what
the auditor kept (an older checkpoint) or was shown (opened records). Out: a report with every fault and its
file. Trusts nothing but the key: all entries are hashed again, the whole draw is made again.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.verification.draw import verify_draw
    from minping_engine.verification.draw_report import DrawReport
    from minping_engine.verification.log import verify_log
    from minping_engine.verification.outside import OutsideProofs
    from minping_engine.verification.report import LogReport

__all__ = [
    "DrawReport",
    "LogReport",
    "OutsideProofs",
    "verify_draw",
    "verify_log",
]

__getattr__ = lazy_front(
    __name__,
    {
        "DrawReport": "draw_report",
        "LogReport": "report",
        "OutsideProofs": "outside",
        "verify_draw": "draw",
        "verify_log": "log",
    },
)
