"""Which column says when a ballot was given, and whether that matters.

A time decides only which of several ballots of one household counts. Where no household answered
twice, any time will do; where one did, a doubtful time is refused. The end of answering comes
before its start, both before the moment of typing in or uploading. A column of dates whose heading
says nothing is taken if it is the only one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa

from minping_engine.snapshot.importing.guess.candidates import RoleColumns, one_of
from minping_engine.snapshot.importing.guess.columns import Sight
from minping_engine.snapshot.importing.guess.outcome import Findings

WRITTEN = re.compile(r"^(19|20)\d\d\s*[-/.年]")
GENERAL = ("日期", "时间", "date", "time", "datetime")
FAULTY_SHARE = 0.02
LINES = 'columns: {answered_at: "…"}'


def answered_twice(rows: pa.Table, names: Sequence[str], ballot: str | None) -> bool:
    """Whether a household has several ballots for a target. `ballot` joins rows of the long form."""
    keys = [name for name in names if name]
    ballots = rows.select([*keys, ballot]).group_by([*keys, ballot]).aggregate([]) if ballot else rows
    return bool(ballots.select(keys).group_by(keys).aggregate([]).num_rows < ballots.num_rows)


def choose_time(columns: RoleColumns, found: Findings, *, matters: bool) -> str | None:
    """The moment of answering, if a column says it. Doubts are refused where it `matters`."""
    candidates, unclear = _candidates(columns)
    if unclear:
        _doubt("guess.dates_unclear", unclear, found, matters=matters)
        return None
    if not candidates:
        _note_no_time(found, matters=matters)
        return None
    chosen = one_of("answered_at", candidates, columns, found) if matters else candidates[0]
    if chosen:
        found.note("guess.took", chosen.name, role="answered_at")
    return chosen.name if chosen else None


def _candidates(columns: RoleColumns) -> tuple[list[Sight], str]:
    """Readable columns of the best role; or the name of one whose dates cannot be read."""
    for role in ("time_done", "time_start", "time_entry"):
        named = columns.of(role)
        readable = [sight for sight in named if _reads_as_time(columns.rows, sight)]
        if named and not readable:
            return [], named[0].name
        if readable:
            telling = [sight for sight in readable if sight.heading.plain not in GENERAL]
            return telling or readable, ""
    return [sight for sight in columns.of("") if _holds_dates(columns.rows, sight)], ""


def _note_no_time(found: Findings, *, matters: bool) -> None:
    if matters:
        found.refuse("guess.no_time_for_repeats", lines=LINES)
    else:
        found.note("guess.no_time")


def _doubt(code: str, column: str, found: Findings, *, matters: bool) -> None:
    if matters:
        found.refuse(code, column, lines=LINES)
    else:
        found.note("guess.time_not_needed", column)


def _holds_dates(rows: pa.Table, sight: Sight) -> bool:
    return all(WRITTEN.match(text) for text in sight.counts) and _reads_as_time(rows, sight)


def _reads_as_time(rows: pa.Table, sight: Sight) -> bool:
    """Whether importing will read nearly every value as a time, by importing's own rule."""
    from minping_engine.snapshot.importing.apply_times import times_from_texts
    from minping_engine.snapshot.importing.texts import distinct

    column = distinct(rows.column(sight.name))
    return len(times_from_texts(column)[1]) <= FAULTY_SHARE * len(column.texts)
