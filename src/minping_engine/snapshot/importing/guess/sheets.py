"""Which sheets and files hold ballots, and whether they fit together.

Sheets with (nearly) the columns of the largest one are read together. Another sheet is left out if
it has none of the questions (explanations, statistics); if it has them, nobody can say which sheet
counts. Two sheets with the same rows (raw and cleaned) are refused as well.
"""

from __future__ import annotations

from collections.abc import Sequence

from minping_engine.errors import Problem, Severity
from minping_engine.snapshot.importing.guess.asked import Asked
from minping_engine.snapshot.importing.guess.columns import all_rows, look
from minping_engine.snapshot.importing.guess.items import match_items
from minping_engine.snapshot.importing.guess.outcome import Findings
from minping_engine.snapshot.importing.raw import RawTable

MOST_REPEATED = 0.2


def unreadable(tables: Sequence[RawTable]) -> list[Problem]:
    """Faults of tables of which nothing could be read."""
    return [
        problem
        for table in tables
        for problem in table.problems
        if problem.severity is Severity.ERROR and not table.cells.num_columns
    ]


def main_tables(tables: Sequence[RawTable]) -> tuple[list[RawTable], list[RawTable]]:
    """Tables with the columns of the largest one, and the others."""
    filled = [table for table in tables if table.cells.num_rows]
    largest = max(filled or list(tables), key=lambda table: table.cells.num_rows * len(table.names))
    main = [table for table in filled if _is_alike(table, largest)]
    return main or [largest], [table for table in tables if table not in main]


def _is_alike(table: RawTable, largest: RawTable) -> bool:
    shared = set(table.names) & set(largest.names)
    return len(shared) * 3 >= 2 * len(largest.names)


def check_sheets(main: Sequence[RawTable], others: Sequence[RawTable], asked: Asked, found: Findings) -> None:
    """Refuse sheets that hold ballots in another shape, or the same ballots again."""
    for table in others:
        if _has_questions(table, asked):
            found.refuse("guess.sheets_differ", sheet=table.sheet or table.file)
        else:
            found.note("guess.sheet_left_out", sheet=table.sheet or table.file)
    if len(main) > 1 and _repeated_share(main) > MOST_REPEATED:
        found.refuse("guess.sheets_repeat", sheets=" | ".join(table.sheet or table.file for table in main))


def _has_questions(table: RawTable, asked: Asked) -> bool:
    if not table.cells.num_rows:
        return False
    return bool(match_items(look(all_rows([table])), asked.questions, Findings()))


def _repeated_share(tables: Sequence[RawTable]) -> float:
    rows = all_rows(tables)
    different = rows.group_by(rows.column_names).aggregate([]).num_rows
    return float(1 - different / rows.num_rows)
