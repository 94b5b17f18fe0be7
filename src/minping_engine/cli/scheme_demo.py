"""`minping scheme demo ID`: a scheme's demonstration, period after period, the last one on the terminal.

In: a scheme with `demo.yaml`, a seed. Out: snapshots and results in a folder; a table of the last period.
All evidence is invented, and it says so. Names of single people are not printed, invented or not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from minping_engine.cli.language import LanguageOption, checked_language, pick
from minping_engine.terms import PERSON_KINDS

if TYPE_CHECKING:
    from rich.console import Console

    from minping_engine.assessment import Result
    from minping_engine.errors import Language
    from minping_engine.scheme import LoadedScheme, Scheme

SHOWN = 15
MARK = "scheme-demo.json"
"""Written first, so that `--force` can tell a demonstration (also a killed one) from anything else."""
PARTS = ("snapshots", "results", "needs")


def scheme_demo_command(
    scheme: str,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="输出文件夹 · folder")] = None,
    seed: Annotated[int, typer.Option(help="随机种子 · seed", min=0)] = 2019,
    force: Annotated[bool, typer.Option(help="覆盖已有文件夹 · replace the folder")] = False,
    lang: LanguageOption = "zh",
) -> None:
    """演示一个方案：虚构数据，逐期考核。 Demonstrate a scheme with invented evidence."""
    from rich.console import Console

    from minping_engine.assessment import refuse_unready
    from minping_engine.demo import read_demo_plan
    from minping_engine.scheme import load_scheme

    language = checked_language(lang)
    loaded = load_scheme(scheme, demo=True)
    refuse_unready(loaded)
    read_demo_plan(loaded.folder)
    folder = out or Path(f"demo-{loaded.scheme.id}")
    _clear(folder, force)
    _mark(folder, loaded, seed)
    results = _run(scheme, seed, folder, language)
    _write_papers(loaded, results, folder, language)
    console = Console()
    _print_last(list(results.values())[-1], loaded, language, console)
    _print_end(folder, list(results)[-1], language, console)


def _write_papers(
    loaded: LoadedScheme, results: Mapping[str, Result], folder: Path, language: Language
) -> None:
    """Papers of the last period, beside its tables."""
    from minping_engine.reporting import write_papers
    from minping_engine.snapshot import open_snapshot

    period, result = list(results.items())[-1]
    snapshot = open_snapshot(folder / "snapshots" / period, verify=False)
    write_papers(result, loaded, snapshot, folder / "results" / period, language=language)


def _clear(folder: Path, force: bool) -> None:
    """Refuse a folder that is not empty; with --force remove what an earlier demo made, nothing else."""
    import shutil

    from minping_engine.cli.folders import check_out

    check_out(folder, MARK, force=force)
    for part in PARTS:
        shutil.rmtree(folder / part, ignore_errors=True)


def _mark(folder: Path, loaded: LoadedScheme, seed: int) -> None:
    from minping_engine.snapshot import write_json

    folder.mkdir(parents=True, exist_ok=True)
    write_json({"scheme": loaded.key, "seed": seed, "synthetic": True}, folder / MARK)


def _run(scheme: str, seed: int, folder: Path, language: str) -> Mapping[str, Result]:
    from minping_engine.cli.round import progress_bar
    from minping_engine.demo import run_scheme_demo

    with progress_bar(pick(language, "逐期考核", "Periods")) as report:
        return run_scheme_demo(scheme, seed, folder, report)


def _print_last(result: Result, loaded: LoadedScheme, language: str, console: Console) -> None:
    """The last period: the first assessees, counts of grades, warnings."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    rows = result["outcomes"].to_pylist()
    scheme = loaded.scheme
    title = f"{scheme.title.of(language)} · {result.period}"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for zh, en in (("对象", "assessee"), ("得分", "score"), ("等次", "grade"), ("名次", "rank")):
        table.add_column(pick(language, zh, en), justify="right" if en in ("score", "rank") else "left")
    table.add_column(pick(language, "否决、亮牌", "vetoes, cards"))
    for row in rows[:SHOWN]:
        table.add_row(*_cells(row, scheme, language))
    console.print(table)
    if len(rows) > SHOWN:
        more = len(rows) - SHOWN
        console.print(pick(language, f"另有 {more} 个对象", f"and {more} more"), highlight=False)
    console.print(_counts(rows, scheme, language), markup=False, highlight=False)
    for warning in result.head["warnings"]:
        console.print(f"• {warning[language]}", markup=False, highlight=False)


def _cells(row: Mapping[str, Any], scheme: Scheme, language: str) -> tuple[str, str, str, str, str]:
    titles = {part.id: part.title.of(language) for part in (*scheme.vetoes, *scheme.cards)}
    who = row["assessee_id"]
    name = who if scheme.assessee_kind in PERSON_KINDS else f"{who} {row['name']}"
    score = _reason(row, language) if row["score"] is None else f"{row['score']:.2f}"
    events = [titles.get(event, event) for event in f"{row['vetoes']} {row['cards']}".split()]
    return name, score, _labels(scheme, language).get(row["grade"], "—"), _rank(row), "、".join(events)


def _rank(row: Mapping[str, Any]) -> str:
    """The places that the errors allow, of how many."""
    if row["rank"] is None or row["rank_low"] is None:
        return "—"
    low, high = row["rank_low"], row["rank_high"]
    return f"{low}/{row['ranked_of']}" if low == high else f"{low}–{high}/{row['ranked_of']}"


def _reason(row: Mapping[str, Any], language: str) -> str:
    """Why there is no score, in words."""
    from minping_engine.terms import MeasureState, NotAssessed, label

    for words in (NotAssessed, MeasureState):
        if row["reason"] in {word.value for word in words}:
            return label(words(row["reason"]), language)
    return "—"


def _labels(scheme: Scheme, language: str) -> dict[str | None, str]:
    """Label by grade, best first; bands of several classes share grades."""
    from minping_engine.scheme import band_lists, best_first

    bands = [band for some in band_lists(scheme).values() for band in best_first(some)]
    return {band.grade: band.label.of(language) for band in reversed(bands)}


def _counts(rows: list[dict[str, Any]], scheme: Scheme, language: str) -> str:
    """How many have which grade, and how many have no score."""
    from minping_engine.scheme import grade_names

    labels = _labels(scheme, language)
    found = Counter(row["grade"] for row in rows if row["grade"] is not None)
    order = [*grade_names(scheme), *sorted(found.keys() - set(grade_names(scheme)))]
    parts = [f"{labels.get(grade, grade)} {found[grade]}" for grade in order]
    none = sum(row["status"] != "assessed" for row in rows)
    return "  ".join([*parts, pick(language, f"不予评定 {none}", f"not assessed {none}")])


def _print_end(folder: Path, period: str, language: str, console: Console) -> None:
    """That nothing of it is real, and where files are."""
    from minping_engine.cli.summary import print_places

    console.print(
        pick(
            language,
            "演示数据：人物、事件与数字均由种子程序虚构；街道、社区名称为官方名称。",
            "Demonstration data: people, events and numbers are invented; names of places are official.",
        ),
        highlight=False,
    )
    names = {
        "snapshots": pick(language, "快照", "snapshots"),
        "results": pick(language, "结果", "results"),
        "needs": pick(language, "所依据的方案", "schemes that it rests on"),
    }
    for part in PARTS:
        if (folder / part).exists():
            console.print(f"{names[part]}: {folder / part}", markup=False, highlight=False, soft_wrap=True)
    print_places(folder / "results" / period, language, cards=False, console=console)
