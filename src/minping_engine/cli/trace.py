"""`minping trace OUT ASSESSEE`: from a score back to its sums, in words and figures.

A result holds ids only; with `--snapshot` areas have their names and questions their wording. No table where
nothing may be shown.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minping_engine.cli.language import LanguageOption, checked_language

if TYPE_CHECKING:
    from rich.table import Table

    from minping_engine.reporting import ExplainedTable


def trace_command(
    out: Annotated[Path, typer.Argument(help="结果文件夹 · result folder")],
    assessee: Annotated[str, typer.Argument(help="考核对象编号 · assessee id")],
    snapshot: Annotated[
        Path | None, typer.Option(help="快照文件夹，用来显示名称 · snapshot folder, to show names")
    ] = None,
    lang: LanguageOption = "zh",
) -> None:
    """说明一个得分是怎样算出来的。 Show how a score was made."""
    from rich.console import Console

    from minping_engine.assessment import read_result
    from minping_engine.reporting import explain_score
    from minping_engine.snapshot import open_snapshot

    opened = open_snapshot(snapshot) if snapshot else None
    made = explain_score(read_result(out), assessee, snapshot=opened, language=checked_language(lang))
    console = Console()
    for sentence in made.sentences:
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)
    for table in made.tables:
        console.print(_printed(table))


def _printed(table: ExplainedTable) -> Table:
    from rich.table import Table

    printed = Table(title=table.title, title_justify="left")
    for at, name in enumerate(table.head):
        printed.add_column(name, justify="right" if at >= table.first_number else "left")
    for row in table.rows:
        printed.add_row(*row)
    return printed
