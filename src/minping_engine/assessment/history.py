"""Earlier results as snapshot tables: what trend, progress, "last quarter" and rules over periods read.

A finished result becomes rows of `history` and `earlier_outcomes`; the next snapshot seals them in.
So a run never looks outside its snapshot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import floor
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.assessment.result import TRACE, Result
from minping_engine.snapshot import TABLES, TOTAL, Snapshot, arrow_schema

_SCHEMAS = {table.name: arrow_schema(table) for table in TABLES}
_HISTORY, _CELLS = _SCHEMAS["history"], _SCHEMAS["earlier_cells"]
_OUTCOMES = _SCHEMAS["earlier_outcomes"]
MICRO = 10**6


def comparable_history(snapshot: Snapshot, scheme: str) -> pa.Table:
    """Rows of earlier periods made by this very scheme (ID@VERSION).

    Another version may ask other items for other points: its numbers are not set beside these.
    """
    history = snapshot.table("history")
    return history.filter(
        pc.and_(pc.less(history["period"], snapshot.period), pc.equal(history["scheme"], scheme))
    )


def previous_points(history: pa.Table) -> dict[tuple[str, str], float]:
    """(assessee, item) -> points in the newest period of comparable history."""
    history = history.filter(
        pc.and_(pc.equal(history["level"], "assessee"), pc.is_valid(history["estimate"]))
    )
    if not history.num_rows:
        return {}
    newest = pc.max(history["period"]).as_py()
    rows = history.filter(
        pc.and_(pc.equal(history["period"], newest), pc.not_equal(history["variable"], TOTAL))
    )
    keys = zip(rows["subject_id"].to_pylist(), rows["variable"].to_pylist(), strict=True)
    return dict(zip(keys, rows["estimate"].to_pylist(), strict=True))


def history_from_results(results: Sequence[Result]) -> pa.Table:
    """Rows of the `history` table from finished results."""
    parts = [part for result in results for part in (_people(result), _items(result), _groups(result))]
    return pa.concat_tables(parts) if parts else _HISTORY.empty_table()


def earlier_tables(results: Sequence[Result]) -> dict[str, pa.Table]:
    """What the next snapshot seals in of results: `history`, outcomes, and the cells of each scheme's newest.

    Cells are needed to put two rounds to one mix of respondents (progress); they stay in the office.
    """
    tables = {"history": history_from_results(results)}
    newest = {_scheme_of(result): result for result in sorted(results, key=lambda result: result.period)}
    parts = [_cells(result) for _, result in sorted(newest.items())]
    if parts:
        tables["earlier_cells"] = pa.concat_tables(parts)
        tables["earlier_outcomes"] = earlier_outcomes_from_results(results)
    return tables


def earlier_outcomes_from_results(results: Sequence[Result]) -> pa.Table:
    """Rows of the `earlier_outcomes` table from finished results, of any schemes.

    A score is rounded half up to a millionth of a point.
    """
    rows = [row for result in results for row in _outcome_rows(result)]
    return pa.Table.from_pylist(rows, schema=_OUTCOMES)


def _outcome_rows(result: Result) -> Iterator[dict[str, Any]]:
    for row in result["outcomes"].to_pylist():
        score = row["score_exact"]
        yield {
            "period": result.period,
            "scheme": _scheme_of(result),
            "assessee_id": row["assessee_id"],
            "score_micro": None if score is None else floor(Fraction(score) * MICRO + Fraction(1, 2)),
            "grade": row["grade"],
            "grade_step": row["grade_step"],
            "status": row["status"],
            "events": f"{row['cards']} {row['vetoes']}".strip() or None,
        }


def _scheme_of(result: Result) -> str:
    scheme = result.head["scheme"]
    return f"{scheme['id']}@{scheme['version']}"


def _cells(result: Result) -> pa.Table:
    cells = result[f"{TRACE}/cells"]
    constants = {"period": result.period, "scheme": _scheme_of(result), "layout": result.head["cells"]}
    columns = [
        pa.array([constants[name]] * cells.num_rows, pa.string()) if name in constants else cells[name]
        for name in _CELLS.names
    ]
    return pa.table(columns, names=_CELLS.names).cast(_CELLS)


def _filled(result: Result, source: pa.Table, names: dict[str, str], constants: dict[str, str]) -> pa.Table:
    scheme = result.head["scheme"]
    constants = {**constants, "period": result.period, "scheme": f"{scheme['id']}@{scheme['version']}"}
    columns = [
        pa.array([constants[name]] * source.num_rows, pa.string())
        if name in constants
        else source[names[name]]
        for name in _HISTORY.names
    ]
    return pa.table(columns, names=_HISTORY.names).cast(_HISTORY)


def _people(result: Result) -> pa.Table:
    names = {
        "subject_id": "assessee_id",
        "n": "n_ballots",
        "estimate": "direct",
        "se": "direct_se",
        "se_fpc": "direct_se_fpc",
    }
    return _filled(result, result["scores"], names, {"level": "assessee", "variable": TOTAL})


def _items(result: Result) -> pa.Table:
    names = {
        "subject_id": "assessee_id",
        "variable": "indicator",
        "n": "n",
        "estimate": "points",
        "se": "se",
        "se_fpc": "se_fpc",
    }
    return _filled(result, result["indicators"], names, {"level": "assessee"})


def _groups(result: Result) -> pa.Table:
    names = {
        "level": "level",
        "subject_id": "area_id",
        "variable": "variable",
        "n": "n_ballots",
        "estimate": "mean",
        "se": "se",
        "se_fpc": "se_fpc",
    }
    return _filled(result, result["groups"], names, {})
