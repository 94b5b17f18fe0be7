"""`minping verify paper FILE|CODE --result FOLDER...`: is this card or report what the results say?

In: a PDF or the code printed on paper, the result folders. Out: what the genuine paper says; exit code 1 if
no paper of these results has the code, or if the file is not the same byte for byte.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minping_engine.cli.language import LanguageOption, checked_language, pick

if TYPE_CHECKING:
    from minping_engine.errors import Language
    from minping_engine.reporting import CheckedPaper


def paper_command(
    paper: Annotated[str, typer.Argument(help="PDF 文件或核对码 · file or code")],
    result: Annotated[
        list[Path], typer.Option("--result", help="结果文件夹，可多次 · result folder, repeatable")
    ],
    snapshot: Annotated[
        Path | None, typer.Option("--snapshot", help="最后一期的快照 · snapshot of the last period")
    ] = None,
    scheme: Annotated[
        str | None, typer.Option("--scheme", help="方案编号或文件夹 · scheme id or folder")
    ] = None,
    values: Annotated[
        Path | None, typer.Option("--values", help="区里自己的参数值 · the district's own values")
    ] = None,
    lang: LanguageOption = "zh",
) -> None:
    """核对成绩卡或报告：由结果重新生成并比对。 Check a card or report: make it anew and compare."""
    from minping_engine.cli.open_data import SchemeChoice
    from minping_engine.cli.report import load_span
    from minping_engine.errors import InputError
    from minping_engine.reporting import SpanKind, find_paper

    language = checked_language(lang)
    file = Path(paper)
    given = file.read_bytes() if file.is_file() else paper
    found = None
    for kind in (SpanKind.YEAR, SpanKind.HALF_YEAR):
        try:
            span = load_span(kind, result, snapshot, SchemeChoice(scheme, values))
        except InputError:
            if kind is SpanKind.YEAR:
                raise
            break  # the periods are of a year, not of one half
        found = find_paper(span, given)
        if found:
            break
    _print(found, language)
    if found is None or found.same_bytes is False:
        raise typer.Exit(1)


def _print(found: CheckedPaper | None, language: Language) -> None:
    if found is None:
        text = pick(
            language,
            "不符：这些结果生成的成绩卡和报告中没有这个核对码。",
            "Wrong: no card or report of these results has this code.",
        )
        typer.echo(text)
        return
    for name, value in found.says:
        typer.echo(f"{name}  {value}")
    typer.echo(_verdict(found, language))


def _verdict(found: CheckedPaper, language: Language) -> str:
    if found.same_bytes is None:
        return pick(
            language,
            "核对码属实。请比对上面的内容与手中纸件是否一致。",
            "The code is genuine. Compare what stands above with the paper in your hand.",
        )
    if found.same_bytes:
        return pick(language, "属实：与重新生成的文件逐字节相同。", "Genuine: the same, byte for byte.")
    return pick(
        language,
        "不符：文件声称这个核对码，但内容与重新生成的不同（或由另一版本的程序生成）。以上为应有内容。",
        "Wrong: the file claims this code but is not what the results make (or another version of the "
        "program printed it). Above stands what it should say.",
    )
