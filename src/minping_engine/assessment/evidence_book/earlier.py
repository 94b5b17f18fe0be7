"""Earlier results as an office writes them -> rows of `earlier_outcomes`.

In: rows of the sheet. Out: records; grades may be written as label or id. A row without score and grade
says that nobody was assessed then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from minping_engine.assessment.evidence_book.asked import schemes_looked_up
from minping_engine.assessment.evidence_book.rows import Row
from minping_engine.errors import SchemeError
from minping_engine.scheme import LoadedScheme, Scheme, band_lists, best_first, grade_names, load_scheme
from minping_engine.snapshot.importing.faults import Faults, shown, suggestion
from minping_engine.snapshot.importing.texts import fold
from minping_engine.terms import Status

MICRO = 10**6


def earlier_rows(
    rows: Sequence[Row], loaded: LoadedScheme, period: str, faults: Faults
) -> Iterator[dict[str, Any]]:
    """One record a row, with faults of schemes, periods and grades noted."""
    known = {name: loaded if name == loaded.scheme.id else _other(name) for name in schemes_looked_up(loaded)}
    for row in rows:
        written = row.values.get("scheme", loaded.key)
        name = written.partition("@")[0]
        if name not in known:
            near = suggestion(name, known)
            faults.add("snapshot.book_other_scheme", row.at("scheme"), value=shown(written), near=near)
            continue
        if name == loaded.scheme.id and row.values.get("period", "") >= period:
            when = row.values.get("period")
            faults.add("snapshot.book_not_earlier", row.at("period"), value=when, period=period)
        yield _record(row, written, known[name], faults)


def _record(row: Row, written: str, other: LoadedScheme | None, faults: Faults) -> dict[str, Any]:
    score = row.values.get("score")
    grade, step = _grade(row, other, faults)
    assessed = score is not None or grade is not None
    return {
        "period": row.values.get("period"),
        "scheme": written if "@" in written else other.key if other else f"{written}@1",
        "assessee_id": row.values.get("assessee_id"),
        "score_micro": None if score is None else int(score * MICRO),
        "grade": grade,
        "grade_step": step,
        "status": (Status.ASSESSED if assessed else Status.NOT_ASSESSED).value,
        "events": None,
    }


def _grade(row: Row, other: LoadedScheme | None, faults: Faults) -> tuple[str | None, int | None]:
    """Id and place from the best, of a grade written as id or label."""
    written = row.values.get("grade")
    grades = _grades(other.scheme) if other else {}
    if written is None or not grades:
        return written, None
    found = grades.get(written) or {fold(form): known for form, known in grades.items()}.get(fold(written))
    if found is None:
        near = suggestion(written, grades)
        faults.add("snapshot.book_word", row.at("grade"), value=shown(written), near=near)
        return None, None
    return found


def _grades(scheme: Scheme) -> dict[str, tuple[str, int]]:
    """Every way to write a grade -> its id and place."""
    lists = band_lists(scheme)
    by_chance = () if lists else grade_names(scheme)
    made = {name: (name, step) for step, name in enumerate(by_chance, start=1)}
    for bands in lists.values():
        for step, band in enumerate(best_first(bands), start=1):
            for form in (band.grade, band.label.zh, band.label.en):
                made.setdefault(form, (band.grade, step))
    return made


def _other(name: str) -> LoadedScheme | None:
    """Another scheme of the library; None where the district has it elsewhere."""
    try:
        return load_scheme(name, demo=True)
    except SchemeError:
        return None
