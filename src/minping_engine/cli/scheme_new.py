"""`minping scheme new`: a new scheme from questions, from a file of answers, or from one of the library."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minping_engine.cli.language import LanguageOption, checked_language, pick

if TYPE_CHECKING:
    from minping_engine.cli.new_scheme.ask import Terminal


def new_command(
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="新文件夹，默认用方案编号 · new folder, by default the id"),
    ] = None,
    template: Annotated[
        str | None, typer.Option(help="以方案库中的方案为底本 · copy a scheme of the library")
    ] = None,
    scheme_id: Annotated[
        str | None, typer.Option("--id", help="新编号（与 --template 同用）· new id")
    ] = None,
    answers: Annotated[Path | None, typer.Option(help="答案文件，供脚本使用 · answers, for scripts")] = None,
    lang: LanguageOption = "zh",
) -> None:
    """新建考核方案。 Make a new scheme."""
    from minping_engine.cli.new_scheme.answers import read_answers
    from minping_engine.cli.new_scheme.ask import Terminal, ask_answers
    from minping_engine.cli.new_scheme.folder import copy_scheme, make_scheme
    from minping_engine.cli.problems import print_problems
    from minping_engine.scheme import lint_scheme

    language = checked_language(lang)
    if template and answers:
        raise typer.BadParameter("--template / --answers", param_hint="--template")
    terminal = Terminal(language)
    if template:
        name = _checked_id(terminal, scheme_id)
        loaded = copy_scheme(template, name, out or Path(name))
    else:
        told = read_answers(answers) if answers else ask_answers(terminal)
        loaded = make_scheme(told, out or Path(told.id))
    print_problems(lint_scheme(loaded), language)
    typer.echo(
        pick(
            language,
            f"已写成 {loaded.folder}。README 中列有待办事项。",
            f"Wrote {loaded.folder}. Its README lists what is left to do.",
        )
    )


def _checked_id(asked: Terminal, given: str | None) -> str:
    """The id from `--id`, or asked for."""
    if given is None:
        return asked.ask(
            "新方案编号（如 gulou-grid-quarter）",
            "id of the new scheme (e.g. gulou-grid-quarter)",
            asked.name,
        )
    try:
        return asked.name(given)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--id") from error
