"""`minping snapshot template | make`: a scheme's evidence from one workbook.

In: a scheme; later the filled workbook and, where the scheme has a questionnaire, the snapshot of its
ballots. Out: an empty workbook; a sealed snapshot, or all faults with sheet, row and column.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minping_engine.cli.language import LanguageOption, checked_language, pick

if TYPE_CHECKING:
    from minping_engine.assessment.evidence_book import MadeSnapshot
    from minping_engine.errors import Language

TABLES = {
    "assessees": ("考核对象", "assessees"),
    "areas": ("地区", "areas"),
    "facts": ("事实", "facts"),
    "appraisals": ("评分", "marks"),
    "cases": ("工单", "cases"),
    "visits": ("走访", "visits"),
    "earlier_outcomes": ("往期结果", "earlier results"),
}
ValuesOption = Annotated[Path | None, typer.Option(help="区里填写的取值 · values the district fills in")]


def template_command(
    scheme: Annotated[str, typer.Argument(help="考核方案编号或文件夹 · scheme id or folder")],
    out: Annotated[Path, typer.Option("-o", "--out", help="工作簿 .xlsx · workbook")],
    force: Annotated[bool, typer.Option(help="替换已有文件 · replace an existing file")] = False,
    lang: LanguageOption = "zh",
) -> None:
    """生成方案所需数据的空白工作簿。 Write the empty workbook of a scheme's evidence."""
    from minping_engine.assessment.evidence_book import write_template
    from minping_engine.errors import InputError, Place
    from minping_engine.scheme import load_scheme

    language = checked_language(lang)
    loaded = load_scheme(scheme, demo=True)
    if out.suffix.lower() != ".xlsx":
        raise typer.BadParameter(pick(language, "文件名应以 .xlsx 结尾", "the file's name must end in .xlsx"))
    if out.exists() and not force:
        raise InputError.of("snapshot.book_exists", Place(file=str(out)))
    names = write_template(loaded, out, language=language)
    typer.echo(pick(language, f"已生成 {out}：{'、'.join(names)}", f"{out}: {', '.join(names)}"))
    if loaded.scheme.instruments:
        typer.echo(
            pick(
                language,
                "本方案含问卷：答卷用 minping snapshot import 导入，地区和对象两表可不填。",
                "This scheme has a questionnaire: import its ballots with minping snapshot import; "
                "areas and assessees may then stay empty.",
            )
        )


def make_command(
    workbook: Annotated[Path, typer.Argument(help="填好的工作簿 · filled workbook")],
    scheme: Annotated[str, typer.Option("--scheme", help="考核方案编号或文件夹 · scheme id or folder")],
    period: Annotated[str, typer.Option("--period", help="考核期，如 2020-11 · assessment period")],
    out: Annotated[Path, typer.Option("-o", "--out", help="快照文件夹 · snapshot folder")],
    ballots: Annotated[
        Path | None, typer.Option(help="已导入答卷的快照 · snapshot of the imported ballots")
    ] = None,
    values: ValuesOption = None,
    force: Annotated[bool, typer.Option(help="替换已有快照 · replace an existing snapshot")] = False,
    lang: LanguageOption = "zh",
) -> None:
    """把填好的工作簿封存为快照。 Seal a filled workbook as a snapshot."""
    from minping_engine.assessment.evidence_book import make_snapshot
    from minping_engine.cli.folders import check_out
    from minping_engine.cli.problems import print_problems
    from minping_engine.errors import InputError, Place
    from minping_engine.scheme import load_scheme, read_values

    language = checked_language(lang)
    if not workbook.is_file():
        raise InputError.of("snapshot.book_absent", Place(file=str(workbook)))
    check_out(out, "snapshot.json", force=force)
    loaded = load_scheme(scheme, values=read_values(values) if values else None, demo=True)
    made = make_snapshot(workbook, loaded, period, out, ballots=ballots, replace=force)
    print_problems(made.problems, language)
    _print_made(made, language)


def _print_made(made: MadeSnapshot, language: Language) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, box=None)
    lines = [
        (pick(language, "快照", "snapshot"), str(made.folder)),
        (pick(language, "快照指纹", "its hash"), made.sha256),
        (pick(language, "考核期", "period"), made.period),
    ]
    lines += [
        (pick(language, *titles), f"{made.rows[name]:,}")
        for name, titles in TABLES.items()
        if made.rows.get(name)
    ]
    for name, value in lines:
        table.add_row(Text(name), Text(value, overflow="fold"))
    Console().print(table)
