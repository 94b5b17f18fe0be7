"""The run: sealed snapshot + scheme version -> result.

In: an opened snapshot, a loaded scheme, a scheduler. Out: `Result`, written as Parquet and JSON
(result folder: docs/reference/result.md). Pages and papers are made from it by `reporting`.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
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
    "Result",
    "Trace",
    "assess",
    "comparable_history",
    "earlier_outcomes_from_results",
    "earlier_tables",
    "history_from_results",
    "read_result",
    "refuse_unready",
    "run_examples",
    "trace_of",
    "write_result",
]

__getattr__ = lazy_front(
    __name__,
    {
        "Result": "result",
        "Trace": "trace",
        "assess": "run",
        "comparable_history": "history",
        "earlier_outcomes_from_results": "history",
        "earlier_tables": "history",
        "history_from_results": "history",
        "read_result": "result",
        "refuse_unready": "run",
        "run_examples": "examples",
        "trace_of": "trace",
        "write_result": "result",
    },
)
