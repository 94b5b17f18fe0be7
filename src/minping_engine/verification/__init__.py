"""Rechecks a published log from its files alone, as an outsider would (docs/method/ledger.md).

In: a folder, the log's public key, what the auditor kept (an older checkpoint) or was shown (opened records).
Out: a report with every fault and its file. Trusts nothing but the key: all entries are hashed again.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.verification.log import verify_log
    from minping_engine.verification.report import LogReport

__all__ = [
    "LogReport",
    "verify_log",
]

__getattr__ = lazy_front(
    __name__,
    {
        "LogReport": "report",
        "verify_log": "log",
    },
)
