"""`minping trace OUT ASSESSEE`: from a score back to its sums, in words and figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from minping_engine.cli.language import LanguageOption, checked_language, pick


def trace_command(
    out: Annotated[Path, typer.Argument(help="结果文件夹 · result folder")],
    assessee: Annotated[str, typer.Argument(help="考核对象编号 · assessee id")],
    lang: LanguageOption = "zh",
) -> None:
    """说明一个得分是怎样算出来的。 Show how a score was made."""
    from rich.console import Console
    from rich.table import Table

    from minping_engine.assessment import read_result, trace_of

    language = checked_language(lang)
    steps = trace_of(read_result(out), assessee)
    console = Console()
    table = Table(title=f"{assessee} · {steps.period}", title_justify="left")
    for name in (
        pick(language, "评价对象", "target"),
        pick(language, "层", "stratum"),
        pick(language, "题项", "variable"),
        "n",
        pick(language, "分数之和", "sum of points"),
        pick(language, "均值", "mean"),
        pick(language, "权", "size in mean"),
    ):
        table.add_column(name, justify="right")
    for row in steps.rows:
        table.add_row(
            str(row.target), str(row.stratum), row.variable, str(row.n), row.points, row.mean, str(row.size)
        )
    console.print(table)
    console.print(steps.sentence(language), markup=False, highlight=False, soft_wrap=True)
