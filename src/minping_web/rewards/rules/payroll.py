"""The payroll file's columns, as the deployment names them.

`MINPING_PAYROLL_COLUMNS` is a list such as `number=工号,amount=应发金额`: our key, the heading that
the payroll program wants. A key alone keeps our heading.
"""

from __future__ import annotations

from decimal import Decimal

from minping_web.common.tabular import Column, TableSpec

KNOWN = {
    "number": ("工号", "Staff number"),
    "name": ("姓名/名称", "Name"),
    "amount": ("金额（元）", "Amount (yuan)"),
    "amount_fen": ("金额（分）", "Amount (fen)"),
    "period": ("考核期", "Assessment period"),
    "use": ("事项", "What for"),
    "rule": ("规则", "Rule"),
    "place": ("所在区域", "Place"),
    "score": ("得分", "Score"),
    "basis": ("依据数据", "Numbers behind it"),
    "target": ("折入", "Converted into"),
    "formula": ("折算公式", "Formula"),
    "converted": ("折算得分", "Converted points"),
    "change": ("变动", "Change"),
    "sheet": ("清单编号", "Sheet"),
}
USUAL = ("number", "name", "amount", "period", "rule")
WITHOUT_MONEY = ("number", "name", "period", "use", "change", "rule", "basis")
CONVERTED = ("number", "name", "period", "change", "score", "target", "formula", "converted")


class LayoutError(ValueError):
    """The deployment names a column that there is not."""


def layout(text: str) -> tuple[Column, ...]:
    """Columns of `key=heading,...`; the usual ones where nothing is said."""
    parts = [part.strip().partition("=") for part in text.split(",") if part.strip()]
    made = tuple(_column(key.strip(), heading.strip()) for key, _sign, heading in parts)
    return made or columns(USUAL)


def columns(keys: tuple[str, ...]) -> tuple[Column, ...]:
    """Columns with our own headings."""
    return tuple(_column(key, "") for key in keys)


def _column(key: str, heading: str) -> Column:
    if key not in KNOWN:
        raise LayoutError(f"MINPING_PAYROLL_COLUMNS: {key!r} is none of {', '.join(KNOWN)}")
    zh, en = KNOWN[key]
    return Column(key, heading or zh, heading or en)


def spec(chosen: tuple[Column, ...]) -> TableSpec:
    """The table of one sheet."""
    return TableSpec("payroll", "结果运用清单", "Sheet", chosen, key=("number",))


def yuan_exact(fen: int) -> Decimal:
    """Fen as yuan, exactly."""
    return Decimal(fen).scaleb(-2)
