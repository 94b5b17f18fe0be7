"""Papers made when somebody asks: a card, an annual card, a report of a place, of a year or half-year.

They are made anew from the sealed result each time, so that nothing lies about; equal input, equal bytes.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from minping_engine.errors import InputError
from minping_engine.reporting import (
    PlaceReport,
    write_annual_cards,
    write_cards,
    write_period_report,
    write_place_report_docx,
)
from minping_web.assessments.models import AssessedResult
from minping_web.results.selectors.cards import result_of, scheme_of, snapshot_of
from minping_web.results.selectors.spans import FoundSpan

PDF = "application/pdf"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def card_pdf(found: AssessedResult, language: str) -> bytes | None:
    """The report card of one round; None where rules alone make the score or files are gone."""
    run = found.run
    result, snapshot, scheme = result_of(run), snapshot_of(run), scheme_of(run)
    if result is None or snapshot is None or scheme.scheme.has_tree:
        return None
    with tempfile.TemporaryDirectory(prefix="minping-card-") as folder:
        only = {found.assessee_id}
        write_cards(result, scheme, snapshot, Path(folder), language=language, processes=1, only=only)
        return next((path.read_bytes() for path in Path(folder).glob("*.pdf")), None)


def annual_card_pdf(span: FoundSpan, assessee_id: str, language: str) -> bytes | None:
    """The annual card of one person; None where no result of the year knows the person."""
    paper = span.paper()
    if paper is None:
        return None
    with tempfile.TemporaryDirectory(prefix="minping-card-") as folder:
        try:
            write_annual_cards(paper, Path(folder), language=language, only={assessee_id})
        except InputError:
            return None
        return next((path.read_bytes() for path in Path(folder).glob("*.pdf")), None)


def period_report_pdf(span: FoundSpan, language: str) -> bytes | None:
    """The report of a year or half-year."""
    paper = span.paper()
    if paper is None:
        return None
    with tempfile.TemporaryDirectory(prefix="minping-report-") as folder:
        path = Path(folder) / "report.pdf"
        write_period_report(paper, path, language=language)
        return path.read_bytes()


def place_report_docx(report: PlaceReport) -> bytes:
    """The comprehensive report of a place as Word (S28)."""
    with tempfile.TemporaryDirectory(prefix="minping-report-") as folder:
        path = Path(folder) / "report.docx"
        write_place_report_docx(report, path)
        return path.read_bytes()
