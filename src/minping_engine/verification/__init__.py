"""Rechecks what was published from its files alone, as an outsider would.

In: the folder of a log (docs/method/ledger.md), of a draw (docs/method/draw.md) or of a whole year, the log's
public key, what the auditor kept (an older checkpoint) or was shown (opened records). Out: a report with
every fault and its file. Trusts nothing but the key: entries are hashed again, draws and results made again.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.verification.draw import verify_draw
    from minping_engine.verification.draw_report import DrawReport
    from minping_engine.verification.log import verify_log
    from minping_engine.verification.outside import OutsideProofs
    from minping_engine.verification.page import (
        PAGE_BEGIN,
        PAGE_END,
        PageReport,
        published_part,
        verify_page,
    )
    from minping_engine.verification.report import LogReport
    from minping_engine.verification.roots import ballot_roots, receipts_root, root_over_areas
    from minping_engine.verification.yearly.check import YearReport, verify_year
    from minping_engine.verification.yearly.index import YearIndex, write_index
    from minping_engine.verification.yearly.layout import is_opened, part_name

__all__ = [
    "PAGE_BEGIN",
    "PAGE_END",
    "DrawReport",
    "LogReport",
    "OutsideProofs",
    "PageReport",
    "YearIndex",
    "YearReport",
    "ballot_roots",
    "is_opened",
    "part_name",
    "published_part",
    "receipts_root",
    "root_over_areas",
    "verify_draw",
    "verify_log",
    "verify_page",
    "verify_year",
    "write_index",
]

__getattr__ = lazy_front(
    __name__,
    {
        "DrawReport": "draw_report",
        "LogReport": "report",
        "OutsideProofs": "outside",
        "PAGE_BEGIN": "page",
        "PAGE_END": "page",
        "PageReport": "page",
        "YearIndex": "yearly.index",
        "YearReport": "yearly.check",
        "ballot_roots": "roots",
        "is_opened": "yearly.layout",
        "part_name": "yearly.layout",
        "published_part": "page",
        "receipts_root": "roots",
        "root_over_areas": "roots",
        "verify_draw": "draw",
        "verify_log": "log",
        "verify_page": "page",
        "verify_year": "yearly.check",
        "write_index": "yearly.index",
    },
)
