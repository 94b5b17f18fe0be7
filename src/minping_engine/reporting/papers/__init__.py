"""Papers over several periods: annual cards, reports of a year or half-year (S68), each with a code.

In: results of one scheme in one year, the last snapshot. Out: PDF/A files, the same bytes for the same
input. The code is a short hash of what the paper says; `find_paper` makes the papers anew from the results
and looks for a code.
"""

from minping_engine.reporting.papers.check import CheckedPaper, find_paper
from minping_engine.reporting.papers.code import code_picture, paper_code, read_code
from minping_engine.reporting.papers.span import PaperSpan, SpanKind, make_span
from minping_engine.reporting.papers.write import write_annual_cards, write_period_report

__all__ = [
    "CheckedPaper",
    "PaperSpan",
    "SpanKind",
    "code_picture",
    "find_paper",
    "make_span",
    "paper_code",
    "read_code",
    "write_annual_cards",
    "write_period_report",
]
