"""`minping assess SCHEME SOURCE... -o OUT`: from a snapshot or straight from spreadsheets to report cards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minping_engine.cli.language import LanguageOption, checked_language
from minping_engine.terms import last_day

if TYPE_CHECKING:
    from minping_engine.errors import Language
    from minping_engine.scheme import LoadedScheme
    from minping_engine.snapshot import Snapshot

SchemeArgument = Annotated[str, typer.Argument(help="考核方案：编号或文件夹 · scheme id or folder")]


def assess_command(
    scheme: SchemeArgument,
    sources: Annotated[
        list[Path],
        typer.Argument(help="快照文件夹，或答卷表格 · snapshot folder, or spreadsheets of ballots"),
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="结果文件夹 · result folder")],
    import_map: Annotated[
        Path | None, typer.Option("--map", help="表格的导入对应表 · import map of the spreadsheets")
    ] = None,
    period: Annotated[str | None, typer.Option(help="考核期，如 2020Q4 · period of the spreadsheets")] = None,
    values: Annotated[Path | None, typer.Option(help="区里填写的取值 · values the district fills in")] = None,
    demo_values: Annotated[
        bool, typer.Option(help="用演示值补未公布的取值 · fill unpublished values with demo values")
    ] = False,
    scheduler: Annotated[
        str | None, typer.Option(help="serial / processes / spark", show_default="serial")
    ] = None,
    on: Annotated[
        str | None,
        typer.Option("--on", help="Spark 集群地址，如 spark://主机:7077 · address of a Spark cluster"),
    ] = None,
    workers: Annotated[int, typer.Option(help="进程数 · processes", min=1)] = 2,
    cards: Annotated[bool, typer.Option(help="生成成绩单 PDF · make report cards")] = True,
    force: Annotated[bool, typer.Option(help="覆盖已有结果 · replace an existing result")] = False,
    lang: LanguageOption = "zh",
) -> None:
    """考核一期：得分、指标、成绩单、工作簿、公报。 Assess one round."""
    from minping_engine.cli.folders import check_out
    from minping_engine.cli.round import RoundRequest, run_round
    from minping_engine.cli.summary import print_round

    language = checked_language(lang)
    mapped_by = _scheduler(scheduler, on)
    if on:  # an executor has a working folder of its own
        sources, out = [source.absolute() for source in sources], out.absolute()
    check_out(out, "result.json", force=force)
    asked = load_with_values(scheme, values, demo_values)
    snapshot = _opened(sources, asked, out, ImportOptions(import_map, period, language, force))
    loaded = load_with_values(scheme, values, demo_values, on=last_day(snapshot.period))
    request = RoundRequest(
        snapshot=snapshot,
        scheme=loaded,
        out=out,
        scheduler=mapped_by,
        workers=workers,
        cards=cards,
        language=language,
    )
    result = run_round(request)
    print_round(result, loaded, out, language, cards=cards)


def _scheduler(name: str | None, on: str | None) -> str:
    """The name or cluster address by which the engine knows the scheduler."""
    from minping_engine.errors import RefusedError

    if on and name not in (None, "spark"):
        raise RefusedError.of("evidence.two_schedulers", name=name, address=on)
    return on or name or "serial"


def load_with_values(scheme: str, values: Path | None, demo: bool, on: date | None = None) -> LoadedScheme:
    """The scheme with the district's own values, and of dated values those in force `on` that day."""
    from minping_engine.scheme import load_scheme, read_values

    return load_scheme(scheme, on=on, values=read_values(values) if values else None, demo=demo)


@dataclass(frozen=True)
class ImportOptions:
    """How spreadsheets become a snapshot."""

    map_file: Path | None
    period: str | None
    language: Language
    force: bool


def _opened(sources: list[Path], scheme: LoadedScheme, out: Path, options: ImportOptions) -> Snapshot:
    """The snapshot itself, or one imported from spreadsheets and kept beside the result."""
    from minping_engine.snapshot import open_snapshot

    if len(sources) == 1 and sources[0].is_dir():
        return open_snapshot(sources[0])
    from minping_engine.cli.snapshot import import_and_report

    folder = out.with_name(f"{out.name}.snapshot")
    import_and_report(sources, folder, scheme, **vars(options))
    return open_snapshot(folder)
