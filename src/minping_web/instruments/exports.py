"""What leaves: the table of versions, and a questionnaire as an XLSForm workbook."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from minping_web.common.tabular import Column, TableSpec
from minping_web.instruments.models import InstrumentVersion
from minping_web.instruments.rules.xlsform import sheets_of

VERSIONS = TableSpec(
    "questionnaires",
    "问卷",
    "Questionnaires",
    (
        Column("code", "编号", "Code"),
        Column("title", "名称", "Title"),
        Column("version", "版本", "Version"),
        Column("state", "状态", "State"),
        Column("items", "题数", "Questions"),
        Column("scheme", "考核方案", "Scheme"),
        Column("sha256", "哈希", "Hash"),
        Column("frozen_at", "冻结时间", "Frozen at"),
    ),
    key=("code", "version"),
)
WIDTHS = {"type": 24, "name": 20, "list_name": 20, "form_title": 30, "form_title_en": 30}
LABEL_WIDTH, USUAL_WIDTH = 44, 16


def version_rows(versions: Iterable[InstrumentVersion]) -> Iterator[Mapping[str, object]]:
    """One row per version."""
    for version in versions:
        yield {
            "code": version.instrument.code,
            "title": str(version.instrument),
            "version": version.version,
            "state": version.get_state_display(),
            "items": len(version.content["items"]),
            "scheme": version.scheme_version.key if version.scheme_version else None,
            "sha256": version.sha256,
            "frozen_at": version.frozen_at,
        }


def xlsform_bytes(content: Mapping[str, Any]) -> bytes:
    """The workbook; texts stay texts, so that no cell becomes a formula."""
    book = Workbook()
    del book[book.sheetnames[0]]
    for name, (columns, rows) in sheets_of(content).items():
        sheet = book.create_sheet(name)
        sheet.append(list(columns))
        sheet.freeze_panes = "A2"
        for number, column in enumerate(columns, start=1):
            sheet.cell(1, number).font = Font(bold=True)
            letter = sheet.cell(1, number).column_letter
            width = LABEL_WIDTH if column.startswith("label") else WIDTHS.get(column, USUAL_WIDTH)
            sheet.column_dimensions[letter].width = width
        for place, row in enumerate(rows, start=2):
            for number, column in enumerate(columns, start=1):
                _write(sheet, place, number, row.get(column))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(sheet: Any, row: int, column: int, value: object) -> None:
    if value is None or value == "":
        return
    cell = sheet.cell(row, column)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
        cell.alignment = Alignment(wrap_text=True, vertical="top")
