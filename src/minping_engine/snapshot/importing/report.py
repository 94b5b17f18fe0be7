"""What an import did: counts for the terminal, and the report file beside the snapshot.

`SNAPSHOT.import-report.xlsx` names every ballot that was dropped and why, by file and row, with
the row that counts instead; households appear as running numbers only and answers never. The
same import gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from minping_engine.errors import Place, Problem, render

SUFFIX = ".import-report.xlsx"
DROPPED = (
    "文件 File",
    "工作表 Sheet",
    "行 Row",
    "原因 Reason",
    "计入的行 Row that counts",
    "户 Household no.",
)
WARNINGS = ("位置 Place", "问题", "处理办法", "Problem", "Remedy", "次数 Times")
MOST_ROWS = 1_000_000
WRITTEN = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""A fixed day: the file must not depend on when it was made."""


@dataclass(frozen=True)
class DroppedBallot:
    """One ballot that does not count: where it stood, which one counts instead, whose it was (a number)."""

    place: Place
    reason: str
    instead: Place | None
    household: int


@dataclass(frozen=True)
class ImportReport:
    """What happened. `dropped` counts rows or ballots by reason; `problems` are warnings."""

    folder: Path
    snapshot_sha256: str
    instrument: str
    period: str
    rows_read: int
    ballots: int
    targets: int
    dropped: dict[str, int]
    problems: tuple[Problem, ...]
    report_file: Path


def report_path(folder: Path) -> Path:
    """Where the report of the snapshot `folder` lies."""
    return folder.with_name(folder.name + SUFFIX)


def write_report(
    path: Path, counts: dict[str, Any], dropped: Sequence[DroppedBallot], problems: Sequence[Problem]
) -> None:
    """Write the workbook: counts, dropped ballots, problems."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": WRITTEN})
    bold = book.add_format({"bold": True})
    _sheet(book, "导入概况 Summary", ("项目 Item", "数值 Value"), list(counts.items()), bold)
    _sheet(book, "未计入答卷 Dropped", DROPPED, [_line(one) for one in dropped[:MOST_ROWS]], bold)
    _sheet(book, "提示 Warnings", WARNINGS, [_problem_line(one) for one in problems], bold)
    book.close()


def _line(one: DroppedBallot) -> tuple[Any, ...]:
    instead = ""
    if one.instead:
        other = one.instead.file if one.instead.file != one.place.file else ""
        instead = " ".join(str(part) for part in (other, one.instead.row) if part)
    return (one.place.file, one.place.sheet, one.place.row, one.reason, instead, one.household)


def _problem_line(one: Problem) -> tuple[Any, ...]:
    chinese, english = render(one, "zh"), render(one, "en")
    return (str(one.place), chinese.what, chinese.mend, english.what, english.mend, one.count)


def _sheet(book: Any, name: str, heads: Sequence[str], lines: Sequence[Sequence[Any]], bold: Any) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(heads) - 1, 24)
    sheet.write_row(0, 0, heads, bold)
    for number, line in enumerate(lines, 1):
        for column, value in enumerate(line):
            if isinstance(value, int):
                sheet.write_number(number, column, value)
            else:
                sheet.write_string(number, column, str(value))
