"""The workbook for offices: `report.xlsx`, one sheet per question that an office asks.

In: result, scheme, snapshot. Out: a file with frozen headings, filters, number formats and print
set-up; no formulas, no links. The creation date is a constant, so that equal input gives equal
bytes. What stands on the sheets: `sheets`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from minping_engine.assessment.result import Result
from minping_engine.reporting.lookups import look_up
from minping_engine.reporting.numbers import period_text
from minping_engine.reporting.sheet_book import BookAbout, write_book
from minping_engine.reporting.sheet_model import (
    Desk,
)
from minping_engine.reporting.sheets import all_sheets, demo_lines, guide_lines
from minping_engine.reporting.texts import texts
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import Snapshot

if TYPE_CHECKING:
    pass


def write_workbook(
    result: Result, scheme: LoadedScheme, snapshot: Snapshot, path: Path, *, language: str = "zh"
) -> None:
    """Write `report.xlsx` to `path`."""
    desk = Desk(
        result,
        scheme,
        snapshot,
        look_up(result, snapshot, history=False),
        texts("workbook", language),
        language,
    )
    about = BookAbout(
        title=scheme.scheme.title.of(language),
        heading=f"{scheme.scheme.title.of(language)}　{period_text(result.period, language)}",
        guide_title=desk.words["guide"],
        demo_lines=tuple(demo_lines(desk)),
        guide=tuple(guide_lines(desk)),
        footer=f"&L{scheme.key}  {snapshot.sha256[:16]}&R{desk.words['page']}",
    )
    write_book(path, about, all_sheets(desk))
