"""`minping scheme diff A B`: what differs between two schemes, in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minping_engine.cli.language import LanguageOption, checked_language, pick

if TYPE_CHECKING:
    from minping_engine.errors import Language
    from minping_engine.lab import Change

ValuesOption = Annotated[Path | None, typer.Option(help="区里填写的取值 · values the district fills in")]


def diff_command(
    before: Annotated[
        str, typer.Argument(metavar="A", help="原方案：编号或文件夹 · scheme before: id or folder")
    ],
    after: Annotated[str, typer.Argument(metavar="B", help="新方案 · scheme after")],
    values_a: ValuesOption = None,
    values_b: ValuesOption = None,
    demo_values: Annotated[
        bool, typer.Option(help="用演示值补未公布的取值 · fill unpublished values with demo values")
    ] = False,
    lang: LanguageOption = "zh",
) -> None:
    """用文字列出两个方案的差别。 Say what differs between two schemes."""
    from minping_engine.cli.assess import load_with_values
    from minping_engine.lab import diff_schemes

    language = checked_language(lang)
    first = load_with_values(before, values_a, demo_values)
    second = load_with_values(after, values_b, demo_values)
    typer.echo(pick(language, f"{first.key} → {second.key}", f"{first.key} -> {second.key}"))
    print_changes(diff_schemes(first, second, language), language)


def print_changes(changes: list[Change], language: Language) -> None:
    """One line per change, warnings first and marked."""
    from rich.console import Console
    from rich.text import Text

    from minping_engine.lab import ChangeKind
    from minping_engine.reporting.texts import texts

    console = Console()
    if not changes:
        console.print(texts("lab", language)["no_changes"], highlight=False)
    for change in changes:
        warns = change.kind is ChangeKind.WARNING
        line = Text("! " if warns else "• ", "bold yellow" if warns else "").append(change.sentence)
        console.print(line, highlight=False)
