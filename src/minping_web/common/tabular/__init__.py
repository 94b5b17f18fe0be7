"""Tables in and out: one `TableSpec` per kind of row serves template, import, preview and export."""

from minping_web.common.tabular.columns import (
    Column,
    TableSpec,
    choice,
    day,
    decimal_number,
    flag,
    text,
    whole,
)
from minping_web.common.tabular.reading import ReadRow, ReadTable, read_table
from minping_web.common.tabular.writing import export_csv, export_xlsx, template_xlsx

__all__ = [
    "Column",
    "ReadRow",
    "ReadTable",
    "TableSpec",
    "choice",
    "day",
    "decimal_number",
    "export_csv",
    "export_xlsx",
    "flag",
    "read_table",
    "template_xlsx",
    "text",
    "whole",
]
