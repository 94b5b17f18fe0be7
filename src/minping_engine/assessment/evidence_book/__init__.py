"""A scheme's evidence in one workbook: an empty one to fill in, and a filled one as a sealed snapshot.

In: a loaded scheme. Out: a workbook with a sheet for each thing that the scheme asks; later, from the
filled workbook, a snapshot of the ordinary contract, or all faults at once and nothing written. Stands
in `assessment` because it must know both the scheme and the snapshot. Page: docs/how-to/evidence-workbook.md.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.assessment.evidence_book.listed import BookRow, book_rows
    from minping_engine.assessment.evidence_book.make import MadeSnapshot, make_snapshot
    from minping_engine.assessment.evidence_book.template import write_template

__all__ = ["BookRow", "MadeSnapshot", "book_rows", "make_snapshot", "write_template"]

__getattr__ = lazy_front(
    __name__,
    {
        "BookRow": "listed",
        "MadeSnapshot": "make",
        "book_rows": "listed",
        "make_snapshot": "make",
        "write_template": "template",
    },
)
