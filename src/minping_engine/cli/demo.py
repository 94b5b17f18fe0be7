"""`minping demo`: a demonstration district, assessed quarter by quarter.

Simulated people and ballots (seeded; it says so everywhere), the ordinary run on each quarter,
PDF report cards for the last quarter, and where to look.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minping_engine.cli.language import LanguageOption, checked_language, pick

if TYPE_CHECKING:
    from minping_engine.assessment import Result


def demo_command(
    folder: Annotated[Path, typer.Option("--dir", help="文件夹 · folder")] = Path("demo"),
    seed: Annotated[int, typer.Option(help="随机种子 · seed", min=0)] = 2019,
    quarters: Annotated[int, typer.Option(help="季度数 · quarters", min=1, max=8)] = 8,
    small: Annotated[bool, typer.Option("--small", help="小样区（两个街道）· a small district")] = False,
    all_cards: Annotated[
        bool, typer.Option("--all-cards", help="每个季度都出成绩单 · cards for every quarter")
    ] = False,
    force: Annotated[bool, typer.Option(help="覆盖已有文件夹 · replace the folder")] = False,
    lang: LanguageOption = "zh",
) -> None:
    """演示：生成一个演示区，逐季考核，出成绩单。 Make and assess a demonstration district."""
    from rich.console import Console

    from minping_engine.cli.summary import print_places, print_rounds
    from minping_engine.scheme import load_scheme

    language = checked_language(lang)
    _clear(folder, force)
    scheme = load_scheme("gulou-worker", demo=True)
    results = list(_run_quarters(folder, seed, quarters, small, all_cards, language))
    console = Console()
    print_rounds(results, scheme, language, console=console)
    console.print(
        pick(
            language,
            "演示数据：人物与答卷均由种子程序虚构；街道、社区名称为官方名称。",
            "Demonstration data: people and ballots are simulated; names of places are official.",
        ),
        highlight=False,
    )
    print_places(folder / "results" / results[-1].period, language, cards=True, console=console)
    other = [(pick(language, "快照", "snapshots"), "snapshots"), (pick(language, "真值", "truth"), "truth")]
    for name, part in other:
        console.print(f"{name}: {folder / part}", markup=False, highlight=False, soft_wrap=True)


def _clear(folder: Path, force: bool) -> None:
    """Refuse a folder that is not empty; with --force remove what an earlier demo made, nothing else."""
    import shutil

    from minping_engine.cli.folders import check_out

    check_out(folder, "", force=force)
    if folder.exists():
        for part in ("snapshots", "results", "truth"):
            shutil.rmtree(folder / part, ignore_errors=True)


def _run_quarters(
    folder: Path, seed: int, quarters: int, small: bool, all_cards: bool, language: str
) -> list[Result]:
    from minping_engine.assessment import earlier_tables
    from minping_engine.cli.round import RoundRequest, progress_bar, run_round
    from minping_engine.demo import QUARTERS, DemoParameters, make_district, seal_quarter, write_truth
    from minping_engine.scheme import load_scheme
    from minping_engine.snapshot import open_snapshot

    scheme = load_scheme("gulou-worker", demo=True)
    parameters = DemoParameters.small() if small else DemoParameters()
    results: list[Result] = []
    with progress_bar(pick(language, "逐季考核", "Quarters")) as report:
        district = make_district(parameters, seed)
        for number, quarter in enumerate(QUARTERS[-quarters:]):
            report(number, quarters)
            home = folder / "snapshots" / quarter
            seal_quarter(district, quarter, home, earlier_tables(results), truth=folder / "truth")
            request = RoundRequest(
                snapshot=open_snapshot(home, verify=False),
                scheme=scheme,
                out=folder / "results" / quarter,
                cards=all_cards or number == quarters - 1,
                language=checked_language(language),
            )
            results.append(run_round(request))
        write_truth(district, folder / "truth")
    return results
