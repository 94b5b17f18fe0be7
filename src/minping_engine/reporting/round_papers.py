"""Workbooks and pages of one round, the same from the command line and in the product.

In: a result with its scheme and snapshot. Out: files in a folder; report cards are written apart, since they
take longer and can be made for some people only.
"""

from __future__ import annotations

from pathlib import Path

from minping_engine.assessment import Result
from minping_engine.reporting.bulletin import write_bulletin
from minping_engine.reporting.fairness import write_fairness
from minping_engine.reporting.outcomes import write_outcome_book, write_outcome_page
from minping_engine.reporting.texts import Language
from minping_engine.reporting.workbook import write_workbook
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import Snapshot

MOST_IN_ONE_WORKBOOK = 20_000
"""Beyond some twenty districts one workbook and one bulletin serve nobody; the tables are written."""


def write_papers(
    result: Result, scheme: LoadedScheme, snapshot: Snapshot, folder: Path, *, language: Language
) -> None:
    """Workbooks and pages; papers of ballots where ballots alone make the score."""
    if max(result["scores"].num_rows, result["outcomes"].num_rows) > MOST_IN_ONE_WORKBOOK:
        return
    write_outcome_book(result, scheme, snapshot, folder / "outcomes.xlsx", language=language)
    if scheme.scheme.has_tree:
        write_outcome_page(result, scheme, snapshot, folder / "outcomes.html", language=language)
        return
    write_workbook(result, scheme, snapshot, folder / "report.xlsx", language=language)
    write_bulletin(result, scheme, snapshot, folder / "bulletin.html", language=language)
    if scheme.scheme.fairness is not None:
        write_fairness(result, scheme, snapshot, folder / "fairness.html", language=language)
