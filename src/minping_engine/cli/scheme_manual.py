"""`minping scheme manual ID`: the manual of a scheme as Word and PDF (S18)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from minping_engine.cli.language import LanguageOption, checked_language, pick


def manual_command(
    scheme: Annotated[str, typer.Argument(help="方案编号或文件夹 · scheme id or folder")],
    out: Annotated[Path, typer.Option("-o", "--out", help="输出文件夹 · output folder")] = Path(),
    lang: LanguageOption = "zh",
    values: Annotated[Path | None, typer.Option(help="区里自己的参数值 · the district's own values")] = None,
    demo_values: Annotated[
        bool,
        typer.Option("--demo-values", help="用演示值代替未公布的参数 · demo values for unpublished ones"),
    ] = False,
) -> None:
    """生成考核指导手册（Word 与 PDF）。 Write a scheme's manual as Word and PDF."""
    from minping_engine.cli.problems import print_problems
    from minping_engine.reporting.manual import scheme_manual, write_manual_docx, write_manual_pdf
    from minping_engine.scheme import load_scheme, read_values

    language = checked_language(lang)
    own = read_values(values) if values else None
    loaded = load_scheme(scheme, values=own, demo=demo_values)
    manual = scheme_manual(loaded, language)
    out.mkdir(parents=True, exist_ok=True)
    word, pdf = (out / f"{loaded.scheme.id}-manual.{kind}" for kind in ("docx", "pdf"))
    write_manual_docx(manual, word)
    print_problems(write_manual_pdf(manual, pdf), language)
    typer.echo(pick(language, f"已写成 {word}、{pdf}", f"Wrote {word} and {pdf}"))
