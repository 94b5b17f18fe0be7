"""The run: sealed snapshot + scheme version -> result.

In: an opened snapshot, a loaded scheme, a scheduler. Out: `Result`, written as Parquet and JSON
(result folder: docs/reference/result.md). Pages and papers are made from it by `reporting`.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.assessment.evidence_book.asked import case_columns, items_asked, visit_windows
    from minping_engine.assessment.evidence_book.listed import BookRow, book_rows
    from minping_engine.assessment.evidence_book.make import MadeSnapshot, make_snapshot
    from minping_engine.assessment.evidence_book.template import write_template
    from minping_engine.assessment.examples import run_examples
    from minping_engine.assessment.history import (
        comparable_history,
        earlier_outcomes_from_results,
        earlier_tables,
        history_from_results,
    )
    from minping_engine.assessment.result import Result, read_result, write_result
    from minping_engine.assessment.run import assess, refuse_unready
    from minping_engine.assessment.trace import Trace, trace_of

__all__ = [
    "BookRow",
    "MadeSnapshot",
    "Result",
    "Trace",
    "assess",
    "book_rows",
    "case_columns",
    "comparable_history",
    "earlier_outcomes_from_results",
    "earlier_tables",
    "history_from_results",
    "items_asked",
    "make_snapshot",
    "read_result",
    "refuse_unready",
    "run_examples",
    "trace_of",
    "visit_windows",
    "write_result",
    "write_template",
]

__getattr__ = lazy_front(
    __name__,
    {
        "BookRow": "evidence_book.listed",
        "MadeSnapshot": "evidence_book.make",
        "Result": "result",
        "Trace": "trace",
        "assess": "run",
        "book_rows": "evidence_book.listed",
        "case_columns": "evidence_book.asked",
        "comparable_history": "history",
        "earlier_outcomes_from_results": "history",
        "earlier_tables": "history",
        "history_from_results": "history",
        "items_asked": "evidence_book.asked",
        "make_snapshot": "evidence_book.make",
        "read_result": "result",
        "refuse_unready": "run",
        "run_examples": "examples",
        "trace_of": "trace",
        "visit_windows": "evidence_book.asked",
        "write_result": "result",
        "write_template": "evidence_book.template",
    },
)
