"""`outcomes.xlsx`: what the rules made of a period, for offices."""

from __future__ import annotations

from pathlib import Path

from minping_engine.assessment.result import Result
from minping_engine.reporting.numbers import period_text
from minping_engine.reporting.outcomes.sheets import outcome_sheets
from minping_engine.reporting.outcomes.view import View
from minping_engine.reporting.sheet_book import BookAbout, write_book
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import Snapshot


def write_outcome_book(
    result: Result, scheme: LoadedScheme, snapshot: Snapshot, path: Path, *, language: str = "zh"
) -> None:
    """Write the book to `path`."""
    view = View(result, scheme, snapshot, language)
    warnings = tuple((view.words["warnings"], str(row[language])) for row in result.head["warnings"])
    about = BookAbout(
        title=scheme.scheme.title.of(language),
        heading=f"{scheme.scheme.title.of(language)}　{period_text(result.period, language)}",
        guide_title=view.words["guide"],
        demo_lines=tuple(view.demo_notes),
        guide=((view.words["guide"], view.words["guide_text"]), *warnings),
        footer=f"&L{scheme.key}  {snapshot.sha256[:16]}&R{view.words['page']}",
    )
    write_book(path, about, outcome_sheets(view))
