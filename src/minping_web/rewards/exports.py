"""Lists of rewards as tables to download: sheets, money of a year, log of exports. No names of persons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from minping_web.common.tabular import Column, TableSpec
from minping_web.rewards.models import PayrollExport, Sheet
from minping_web.rewards.rules.payroll import yuan_exact
from minping_web.rewards.selectors.periods import FundLine

SHEETS = TableSpec(
    "sheets", "结果运用清单", "Sheets",
    (
        Column("id", "清单编号", "Sheet"), Column("period", "考核期", "Assessment period"),
        Column("use", "事项", "What for"), Column("kind", "类别", "Kind"), Column("origin", "来源", "Origin"),
        Column("state", "状态", "State"), Column("lines", "条目数", "Lines"),
        Column("total", "合计（元）", "Total (yuan)"), Column("signatures", "签字", "Signatures"),
        Column("sha256", "清单哈希", "Hash of the sheet"),
    ),
    key=("id",),
)  # fmt: skip
MONEY = TableSpec(
    "money", "年度资金", "Money of the year",
    (
        Column("period", "考核期", "Assessment period"), Column("scheme", "考核方案", "Scheme"),
        Column("use", "事项", "What for"), Column("budget", "预算（元）", "Budget (yuan)"),
        Column("signed", "已签（元）", "Signed (yuan)"),
        Column("open", "待签（元）", "Not signed yet (yuan)"),
        Column("left", "结余（元）", "Left (yuan)"),
    ),
    key=("period", "scheme", "use"),
)  # fmt: skip
TAKEN = TableSpec(
    "exports", "工资导出记录", "Exports for payroll",
    (
        Column("at", "导出时间", "Taken at"), Column("by", "导出人", "Taken by"),
        Column("sheet", "清单编号", "Sheet"), Column("reason", "理由", "Reason"),
        Column("format", "格式", "Format"), Column("rows", "行数", "Rows"),
        Column("total", "合计（元）", "Total (yuan)"), Column("sha256", "文件哈希", "Hash of the file"),
    ),
    key=("at", "sheet"),
)  # fmt: skip


def sheet_rows(sheets: Iterable[Sheet]) -> Iterator[dict[str, object]]:
    """One row per sheet."""
    for one in sheets:
        yield {
            "id": str(one.pk), "period": one.period, "use": one.text, "kind": str(one.get_family_display()),
            "origin": str(one.get_origin_display()), "state": str(one.get_state_display()),
            "lines": one.n_lines,  # type: ignore[attr-defined]
            "total": yuan_exact(one.total_fen) if one.has_money else "",
            "signatures": f"{one.n_signed} / {one.signatures_needed}",  # type: ignore[attr-defined]
            "sha256": one.sha256,
        }  # fmt: skip


def money_rows(rows: Iterable[FundLine]) -> Iterator[dict[str, object]]:
    """One row per use and period."""
    for one in rows:
        yield {
            "period": one.period, "scheme": one.scheme_id, "use": one.text,
            "budget": "" if one.budget_fen is None else yuan_exact(one.budget_fen),
            "signed": yuan_exact(one.signed_fen), "open": yuan_exact(one.open_fen),
            "left": "" if one.left_fen is None else yuan_exact(one.left_fen),
        }  # fmt: skip


def taken_rows(rows: Iterable[PayrollExport]) -> Iterator[dict[str, object]]:
    """One row per file."""
    for one in rows:
        yield {
            "at": f"{one.at:%Y-%m-%d %H:%M}", "by": str(one.by or ""), "sheet": str(one.sheet_id),
            "reason": one.reason, "format": one.format, "rows": one.rows,
            "total": yuan_exact(one.total_fen), "sha256": one.sha256,
        }  # fmt: skip
