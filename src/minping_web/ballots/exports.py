"""What leaves as a table: counts of reports per area, with the rule of small numbers."""

from __future__ import annotations

from minping_web.common.tabular import Column, TableSpec

COUNTS = TableSpec(
    "reports",
    "反映情况统计",
    "Reports by area",
    (
        Column("code", "编号", "Code"),
        Column("name", "区域", "Area"),
        Column("reports", "条数", "Reports"),
    ),
    key=("code",),
)
