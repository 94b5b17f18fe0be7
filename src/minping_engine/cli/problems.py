"""Problems on a terminal: what is wrong, where, how to mend it; errors before warnings.

Used by every command. A narrow terminal gets one block per problem instead of a table, so that
nothing is cut off.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from minping_engine.cli.language import pick
from minping_engine.errors import Language, Place, Problem, Severity, render

if TYPE_CHECKING:
    from rich.console import Console

NARROW = 90


def print_problems(
    problems: Sequence[Problem], language: Language = "zh", *, console: Console | None = None
) -> None:
    """Print all problems to the console (default: standard error)."""
    from rich.console import Console

    screen = console or Console(stderr=True)
    if not problems:
        return
    if screen.width < NARROW:
        _print_blocks(screen, problems, language)
    else:
        _print_table(screen, problems, language)
    screen.print(_summary(problems, language), highlight=False)


def print_interrupted(language: Language) -> None:
    """What stands after Ctrl-C."""
    from rich.console import Console

    text = pick(
        language,
        "已中断，未完成的部分没有写入结果。可重新运行。",
        "Interrupted; nothing unfinished was put in place. Run it again.",
    )
    Console(stderr=True).print(text, highlight=False)


def place_text(place: Place, language: Language) -> str:
    """The place as an official looks for it."""
    row = pick(language, f"第 {place.row} 行", f"row {place.row}") if place.row else ""
    column = pick(language, f"“{place.column}”列", f'column "{place.column}"') if place.column else ""
    sheet = f"[{place.sheet}]" if place.sheet else ""
    head = " ".join(part for part in (place.file, sheet) if part)
    tail = " ".join(part for part in (row, column, place.key) if part)
    return "\n".join(part for part in (head, tail) if part)


def _what(problem: Problem, language: Language) -> str:
    text = render(problem, language).what
    times = pick(language, f"（共 {problem.count} 处）", f" ({problem.count} times)")
    return text + (times if problem.count > 1 else "")


def _mark(problem: Problem, language: Language) -> tuple[str, str]:
    if problem.severity is Severity.ERROR:
        return pick(language, "错误", "error"), "red"
    return pick(language, "提示", "note"), "yellow"


def _print_table(screen: Console, problems: Sequence[Problem], language: Language) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(show_lines=True)
    table.add_column("", no_wrap=True)
    for chinese, english in (("位置", "place"), ("问题", "what is wrong"), ("处理办法", "how to mend it")):
        table.add_column(pick(language, chinese, english))
    for problem in problems:
        word, style = _mark(problem, language)
        cells = (
            place_text(problem.place, language),
            _what(problem, language),
            render(problem, language).mend,
        )
        table.add_row(Text(word, style), *(Text(cell, overflow="fold") for cell in cells))
    screen.print(table)


def _print_blocks(screen: Console, problems: Sequence[Problem], language: Language) -> None:
    from rich.text import Text

    remedies = [render(problem, language).mend for problem in problems]
    for problem, remedy, following in zip(problems, remedies, [*remedies[1:], ""], strict=True):
        word, style = _mark(problem, language)
        place = place_text(problem.place, language).replace("\n", " ")
        screen.print(Text(word, style).append(f" {place}" if place else "", "bold"))
        screen.print(Text(f"  {_what(problem, language)}"))
        if remedy != following:
            screen.print(Text(f"  → {remedy}"))


def _summary(problems: Sequence[Problem], language: Language) -> str:
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    counted = ((errors, "个错误", "error"), (len(problems) - errors, "条提示", "note"))
    parts = [pick(language, f"{n} {zh}", f"{n} {en}{'s' if n > 1 else ''}") for n, zh, en in counted if n]
    return pick(language, "，".join(parts) + "。", ", ".join(parts) + ".")
