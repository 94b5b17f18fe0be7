"""Dispositions from a spreadsheet: the columns of the file, and its rows as lines of fieldwork.

The upload waits encrypted as a draft of its owner (`common.import_flow`), bound to its round by its kind. It
leaves no list of differences: which household refused is kept at the household only.
"""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from minping_engine.errors import Problem
from minping_web.common.import_flow import Importer
from minping_web.common.scope import Scope
from minping_web.common.tabular import Column, ReadRow, ReadTable, TableSpec, choice, text
from minping_web.rounds.rules.words import Found
from minping_web.rounds.services.fieldwork import (
    INVITE,
    MORE,
    WORDS,
    Line,
    Preview,
    preview_dispositions,
)

MOST_ROWS = 20_000
LABELS = {**WORDS, **{str(found.value): found for found in Found}}
DISPOSITIONS = TableSpec(
    "dispositions", "处置结果", "Dispositions",
    (
        Column("house_code", "门牌编号", "House code", text(60), required=True, example="A-0001",
               help_zh="抽样框中的门牌编号，每户一行", help_en="As the frame has it; one household a row",
               aliases=("户编号", "编号", "house")),
        Column("found", "处置结果", "Disposition", choice(LABELS), required=True, example="拒访",
               help_zh="部分、拒访、未接触、其他无回答、资格不明、不合格、撤回，或其数字",
               help_en="partial, refusal, not reached, other nonresponse, eligibility unknown, not eligible, "
                       "nothing, or their number",
               options=("部分", "拒访", "未接触", "其他无回答", "资格不明", "不合格", "撤回"),
               aliases=("结果", "处置", "result")),
    ),
    key=("house_code",),
)  # fmt: skip


def importer_of(round_id: int) -> Importer:
    """How the file of one round waits."""
    return Importer(
        kind=f"rounds.dispositions_{round_id}", spec=DISPOSITIONS, permission=INVITE,
        apply=lambda scope, table, recorder: None, back="rounds:list",
        title=_("What fieldwork found, from a file"),
        lead=_("A row for each household. Nothing is entered before you have seen and confirmed it."),
        most_rows=MOST_ROWS,
    )  # fmt: skip


def preview_of(scope: Scope, round_id: int, table: ReadTable) -> tuple[Preview, list[Problem]]:
    """What the file would enter, with the problems of its cells and of its households at once."""
    if len(table.rows) > MOST_ROWS:
        return Preview(), table.problems
    found = preview_dispositions(scope, round_id, lines_of(table))
    problems = [*table.problems, *found.problems]
    return found, sorted(
        problems, key=lambda problem: (problem.code == MORE, problem.place.sheet, problem.place.row)
    )


def lines_of(table: ReadTable) -> list[Line]:
    """Rows with a house code. One whose disposition cannot be read is looked up nevertheless."""
    return [_line(table, row) for row in table.rows if row.values.get("house_code")]


def _line(table: ReadTable, row: ReadRow) -> Line:
    found = row.values.get("found")
    place = replace(row.place, column=table.headings["house_code"])
    disposition = found if isinstance(found, Found) else Found.NOTHING
    return Line(row.place.row, str(row.values["house_code"]), disposition, place)
