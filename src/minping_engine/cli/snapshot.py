"""`minping snapshot import | check | guess`: from spreadsheets to a sealed snapshot.

In: spreadsheets and a map (or none, if the guess is unambiguous), or a snapshot folder to check.
Out: the snapshot with its import report beside it, or all faults at once and nothing written.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minping_engine.cli.language import LanguageOption, checked_language, pick
from minping_engine.cli.snapshot_book import make_command, template_command

if TYPE_CHECKING:
    from minping_engine.errors import Language, Problem
    from minping_engine.scheme import LoadedScheme
    from minping_engine.snapshot.importing import Guess, ImportMap, ImportReport, Questionnaire

REASONS = {
    "empty_row": ("空行", "empty rows"),
    "where": ("不符合筛选条件的行", "rows left out by the filter"),
    "second_ballot": ("同一户对同一对象的重复答卷", "repeated ballots of a household for a target"),
}

app = typer.Typer(
    name="snapshot",
    help="快照：导入、检查、识别表格。 Snapshots: import, check, guess.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Files = Annotated[list[Path], typer.Argument(help="答卷表格 CSV / XLSX / Parquet · spreadsheets of ballots")]
MapOption = Annotated[Path | None, typer.Option("--map", help="对应表 YAML · import map")]
SchemeOption = Annotated[
    str | None, typer.Option("--scheme", help="考核方案编号或文件夹 · scheme id or folder")
]
PeriodOption = Annotated[str | None, typer.Option("--period", help="考核期，如 2019Q1 · assessment period")]


@app.command("import")
def import_command(
    files: Files,
    out: Annotated[Path, typer.Option("-o", "--out", help="快照文件夹 · snapshot folder")],
    map_file: MapOption = None,
    scheme: SchemeOption = None,
    period: PeriodOption = None,
    force: Annotated[bool, typer.Option(help="替换已有快照 · replace an existing snapshot")] = False,
    lang: LanguageOption = "zh",
) -> None:
    """把答卷表格导入为封存快照。 Import spreadsheets into a sealed snapshot."""
    language = checked_language(lang)
    loaded = _scheme(scheme)
    import_and_report(files, out, loaded, map_file=map_file, period=period, language=language, force=force)


def import_and_report(
    files: list[Path],
    folder: Path,
    scheme: LoadedScheme | None,
    *,
    map_file: Path | None = None,
    period: str | None = None,
    language: Language = "zh",
    force: bool = False,
) -> ImportReport:
    """Import, say what happened. Without a map an unambiguous guess is used and shown."""
    from minping_engine.cli.folders import check_out
    from minping_engine.snapshot.importing import import_files

    check_out(folder, "snapshot.json", force=force)
    map_, scheme = _map(files, map_file, scheme, language)
    map_ = map_.model_copy(update={"period": period}) if period else map_
    report = import_files(files, map_, folder, scheme=_questionnaire(scheme), replace=force)
    _print_report(report, language)
    return report


@app.command("check")
def check_command(
    paths: Annotated[list[Path], typer.Argument(help="快照文件夹或表格 · snapshot folders or spreadsheets")],
    map_file: MapOption = None,
    scheme: SchemeOption = None,
    period: PeriodOption = None,
    lang: LanguageOption = "zh",
) -> None:
    """列出快照或表格的全部问题。 List everything that is wrong with a snapshot or a spreadsheet."""
    from rich.console import Console

    from minping_engine.cli.problems import print_problems
    from minping_engine.errors import Severity
    from minping_engine.snapshot import check_snapshot

    language = checked_language(lang)
    problems = [problem for path in paths if path.is_dir() for problem in check_snapshot(path)]
    files = [path for path in paths if not path.is_dir()]
    if files:
        problems += _file_faults(files, map_file, _scheme(scheme), period, language)
    print_problems(problems, language)
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise typer.Exit(2)
    Console().print(pick(language, "检查通过。", "Nothing is wrong."))


def _file_faults(
    files: list[Path],
    map_file: Path | None,
    scheme: LoadedScheme | None,
    period: str | None,
    language: Language,
) -> list[Problem]:
    """Everything that an import would complain of; without a map, what an unambiguous guess shows."""
    from minping_engine.errors import Severity
    from minping_engine.snapshot.importing import find_faults, read_raw
    from minping_engine.terms import PeriodKind

    if map_file is None:
        raw = [
            problem for path in files if path.is_file() for one in read_raw(path) for problem in one.problems
        ]
        if any(problem.severity is Severity.ERROR for problem in raw):
            return raw
    map_, scheme = _map(files, map_file, scheme, language)
    named: dict[str, object] = {"period": period} if period else {}
    if not (period or map_.period):
        named = {"period": "unnamed", "period_kind": PeriodKind.ROUND}
    faults = find_faults(files, map_.model_copy(update=named), _questionnaire(scheme))
    return list(faults.problems)


@app.command("guess")
def guess_command(files: Files, scheme: SchemeOption = None, lang: LanguageOption = "zh") -> None:
    """识别表格，打印对应表初稿。 Guess a first map and print it."""
    from minping_engine.cli.problems import print_problems
    from minping_engine.snapshot.importing import dump_map

    language = checked_language(lang)
    guess = _guess(files, _scheme(scheme))
    print_problems((*guess.problems, *guess.notes), language)
    typer.echo(dump_map(guess.map) if guess.map else guess.draft, nl=False)
    if guess.map is None:
        raise typer.Exit(2)


def _guess(files: list[Path], scheme: LoadedScheme | None) -> Guess:
    """Guess for one scheme, or for any of the library."""
    from minping_engine.scheme import load_scheme, scheme_ids
    from minping_engine.snapshot.importing import guess_map

    _refuse_absent(files)
    return guess_map(files, [scheme] if scheme else [load_scheme(name) for name in scheme_ids()])


def _refuse_absent(files: list[Path]) -> None:
    from minping_engine.errors import ImportRefusedError, Place, Problem

    absent = [Problem("importing.no_file", Place(file=path.name)) for path in files if not path.is_file()]
    if absent:
        raise ImportRefusedError(absent)


def _map(
    files: list[Path], map_file: Path | None, scheme: LoadedScheme | None, language: Language
) -> tuple[ImportMap, LoadedScheme | None]:
    """The map of the file, or an unambiguous guess, which is shown; and the scheme it is for."""
    from rich.console import Console

    from minping_engine.cli.problems import print_problems
    from minping_engine.errors import ImportRefusedError
    from minping_engine.scheme import load_scheme
    from minping_engine.snapshot.importing import dump_map, load_map

    if map_file is not None:
        return load_map(map_file), scheme
    guess = _guess(files, scheme)
    if guess.map is None:
        raise ImportRefusedError(guess.problems)
    print_problems(guess.notes, language)
    head = pick(
        language,
        "采用识别出的对应表（可保存后修改，用 --map 指定）：",
        "Using the guessed map (save and edit it, then give it with --map):",
    )
    Console(stderr=True).print(f"{head}\n{dump_map(guess.map)}", markup=False, highlight=False)
    named = guess.scheme.partition("@")[0]
    return guess.map, scheme or (load_scheme(named) if named else None)


def _scheme(name: str | None) -> LoadedScheme | None:
    from minping_engine.scheme import load_scheme

    return load_scheme(name) if name else None


def _questionnaire(scheme: LoadedScheme | None) -> Questionnaire | None:
    """What importing needs to know of a scheme."""
    from minping_engine.snapshot.importing import AskedItem, Questionnaire

    if scheme is None:
        return None
    body = scheme.scheme
    items = tuple(
        AskedItem(
            item.id,
            item.text.zh,
            tuple(
                (answer.label.of(language), answer.code)
                for language in ("zh", "en")
                for answer in item.answers
            ),
        )
        for item in body.instrument.items
    )
    return Questionnaire(body.instrument.key, body.assessee_kind, body.period.kind, items)


def _print_report(report: ImportReport, language: Language) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from minping_engine.cli.problems import print_problems

    print_problems(report.problems, language)
    table = Table(show_header=False, box=None)
    lines = [
        (pick(language, "快照", "snapshot"), str(report.folder)),
        (pick(language, "快照指纹", "its hash"), report.snapshot_sha256),
        (pick(language, "问卷", "questionnaire"), report.instrument),
        (pick(language, "考核期", "period"), report.period),
        (pick(language, "读入行数", "rows read"), f"{report.rows_read:,}"),
        (pick(language, "计入答卷", "ballots that count"), f"{report.ballots:,}"),
        (pick(language, "评价对象", "targets"), f"{report.targets:,}"),
    ]
    lines += [(pick(language, *REASONS[reason]), f"{n:,}") for reason, n in report.dropped.items() if n]
    lines.append((pick(language, "导入报告", "import report"), str(report.report_file)))
    for name, value in lines:
        table.add_row(Text(name), Text(value, overflow="fold"))
    Console().print(table)


app.command("template")(template_command)
app.command("make")(make_command)
