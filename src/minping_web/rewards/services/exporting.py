"""Signed sheets as files for payroll and records: fresh second factor, reason, log, ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from minping_web.common.approval import require_fresh_factor
from minping_web.common.clock import now
from minping_web.common.import_flow import page_language
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.common.tabular import TableSpec, export_csv, export_xlsx
from minping_web.ledger.services import stage
from minping_web.rewards.models import Line, PayrollExport, Sheet, Step
from minping_web.rewards.rules.payroll import CONVERTED, WITHOUT_MONEY, columns, layout, spec, yuan_exact
from minping_web.rewards.rules.words import Family, LineState
from minping_web.rewards.selectors.conversions import Conversion, conversions_of
from minping_web.rewards.services.drafting import note_step
from minping_web.rewards.services.signing import locked, need, stated

EXPORT = "rewards.export"
ENTRY = "rewards.exported"
FORMATS = ("xlsx", "csv")


@dataclass(frozen=True)
class Taken:
    """A file and its row in the log."""

    content: bytes
    name: str
    row: PayrollExport


@transaction.atomic
def take_export(scope: Scope, sheet_id: int, *, reason: str, form: str) -> Taken:
    """The lines of a signed sheet.

    Raises `RefusedError` for one that is not signed, without a reason, without a fresh second factor.
    """
    need(scope, EXPORT)
    require_fresh_factor(scope)
    sheet = locked(sheet_id)
    if not sheet.is_signed or form not in FORMATS:
        raise RefusedError.of("rewards.not_signed")
    why = stated(reason)[:200]
    lines = list(sheet.lines.filter(state=LineState.PROPOSED).select_related("area", "result"))
    rows = list(export_rows(sheet, lines))
    content = _written(sheet, rows, form)
    row = PayrollExport.objects.create(
        sheet=sheet, by_id=scope.user_id, at=now(), reason=why, format=form, rows=len(rows),
        total_fen=sum(line.fen or 0 for line in lines), sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    note_step(sheet, Step.What.EXPORTED, why, by=scope.user_id)
    stage(ENTRY, f"rewards-export-{row.pk}", _record(row))
    return Taken(content, f"{sheet.period}-{sheet.pk}.{form}", row)


def _written(sheet: Sheet, rows: list[dict[str, object]], form: str) -> bytes:
    write = export_xlsx if form == "xlsx" else export_csv
    return write(table_of(sheet), rows, page_language())


def table_of(sheet: Sheet) -> TableSpec:
    """Columns: of money as the deployment's payroll wants them."""
    if sheet.has_money:
        return spec(layout(settings.PAYROLL_COLUMNS))
    return spec(columns(CONVERTED if sheet.family == Family.CONVERSION else WITHOUT_MONEY))


def export_rows(sheet: Sheet, lines: list[Line]) -> Iterator[dict[str, object]]:
    """One row per line that is signed; of a conversion one per assessment that takes the score up."""
    takers = conversions_of(sheet.scheme_id, sheet.text_zh) if sheet.family == Family.CONVERSION else []
    for line in lines:
        row = _row(sheet, line)
        yield from ({**row, **_converted(line, taker)} for taker in takers)
        if not takers:
            yield row


def _converted(line: Line, taker: Conversion) -> dict[str, object]:
    points = taker.converted(line.result.score if line.result else None)
    return {
        "target": f"{taker.title} · {taker.part}",
        "formula": taker.formula,
        "converted": "" if points is None else f"{points:.4f}",
    }


def _row(sheet: Sheet, line: Line) -> dict[str, object]:
    return {
        "number": line.number,
        "name": line.name,
        "amount": yuan_exact(line.fen or 0),
        "amount_fen": line.fen or 0,
        "period": sheet.period,
        "use": sheet.text,
        "rule": sheet.rule_words,
        "place": line.area.name if line.area else "",
        "score": _score(line),
        "basis": line.basis_words,
        "change": str(line.get_change_display()),
        "sheet": str(sheet.pk),
    }


def _score(line: Line) -> str:
    return "" if line.result is None or line.result.score is None else f"{line.result.score:.2f}"


def _record(row: PayrollExport) -> dict[str, Any]:
    return {
        "export": row.pk,
        "sheet": row.sheet_id,
        "rows": row.rows,
        "total_fen": row.total_fen,
        "file_sha256": row.sha256,
        "by": row.by_id or 0,
    }
