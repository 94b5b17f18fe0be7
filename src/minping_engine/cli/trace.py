"""`minping trace OUT ASSESSEE`: from a score back to its sums, in words and figures.

Prints the sums behind the plain score, then the steps to the score that counts. A result holds ids only;
with `--snapshot` areas have their names and items are explained. No table where nothing may be shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minping_engine.cli.language import LanguageOption, checked_language, pick

if TYPE_CHECKING:
    from rich.table import Table

    from minping_engine.assessment import Trace
    from minping_engine.assessment.trace import TraceRow


@dataclass(frozen=True)
class Names:
    """Names of areas by target and wordings of items; an area without a name keeps its number."""

    language: str
    areas: Mapping[int, str] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)

    def area(self, target: int) -> str:
        """The area of a target."""
        return self.areas.get(target, str(target))

    def item(self, variable: str) -> str:
        """An item by its id, which the wordings below the table explain."""
        return pick(self.language, "总分", "total") if variable == "total" else variable


def trace_command(
    out: Annotated[Path, typer.Argument(help="结果文件夹 · result folder")],
    assessee: Annotated[str, typer.Argument(help="考核对象编号 · assessee id")],
    snapshot: Annotated[
        Path | None, typer.Option(help="快照文件夹，用来显示名称 · snapshot folder, to show names")
    ] = None,
    lang: LanguageOption = "zh",
) -> None:
    """说明一个得分是怎样算出来的。 Show how a score was made."""
    from rich.console import Console

    from minping_engine.assessment import read_result, trace_of

    language = checked_language(lang)
    result = read_result(out)
    made = trace_of(result, assessee)
    names = Names(language) if snapshot is None else _names(snapshot, language)
    console = Console()
    if made.rows:
        console.print(_sums(made, names))
        for item in dict.fromkeys(row.variable for row in made.rows if row.variable in names.items):
            console.print(f"{item}　{names.items[item]}", markup=False, highlight=False)
    console.print(made.sentence(language), markup=False, highlight=False, soft_wrap=True)
    if made.steps:
        console.print(_steps(made, language))
    if made.counts:
        console.print(_counts(made, language), markup=False, highlight=False, soft_wrap=True)


def _names(folder: Path, language: str) -> Names:
    from minping_engine.reporting.places import read_places
    from minping_engine.snapshot import open_snapshot

    snapshot = open_snapshot(folder)
    places = read_places(snapshot)
    targets, codes = snapshot.table("targets"), snapshot.table("item_codes")
    pairs = zip(targets["target"].to_pylist(), targets["area_id"].to_pylist(), strict=True)
    items = dict(zip(codes["item"].to_pylist(), codes["wording"].to_pylist(), strict=True))
    return Names(language, {target: places.name(area) for target, area in pairs}, items)


def _sums(made: Trace, names: Names) -> Table:
    """Sums of points by area, stratum and item; strata only where an area has several."""
    from rich.table import Table

    language, has_strata = names.language, any(row.stratum for row in made.rows)
    table = Table(title=f"{made.assessee_id} · {made.period}", title_justify="left")
    for name in (
        pick(language, "片区", "area"),
        *([pick(language, "层", "stratum")] if has_strata else []),
        pick(language, "题目", "question"),
    ):
        table.add_column(name)
    for name in (
        pick(language, "答题数", "answers"),
        pick(language, "分数之和", "sum of points"),
        pick(language, "均值", "mean"),
        pick(language, "权（户数 × 份额）", "weight (units × share)"),
    ):
        table.add_column(name, justify="right")
    for row in made.rows:
        stratum = [str(row.stratum)] if has_strata else []
        table.add_row(
            names.area(row.target),
            *stratum,
            names.item(row.variable),
            str(row.n),
            row.points,
            row.mean,
            _weight(row),
        )
    return table


def _weight(row: TraceRow) -> str:
    """What a row weighs: 476 × 70%."""
    return f"{row.units} × {row.share / 10:g}%"


def _steps(made: Trace, language: str) -> Table:
    """From the weighted score to the last one; what a step added has its sign."""
    from rich.table import Table

    table = Table(
        title=pick(language, "从加权得分到调整后得分", "From the weighted score to the adjusted one"),
        title_justify="left",
    )
    table.add_column(pick(language, "步骤", "step"))
    table.add_column(pick(language, "分", "points"), justify="right")
    for step in made.steps:
        name = _estimate(step.name, language) if step.is_estimate else _step(step.name, language)
        table.add_row(name, f"{step.points:.6f}" if step.is_estimate else f"{step.points:+.6f}")
    return table


def _step(step: str, language: str) -> str:
    from minping_engine.reporting.fair_words import FairWords
    from minping_engine.reporting.texts import texts

    return FairWords(texts("fairness", language), language, {}).step(step)


def _estimate(name: str, language: str) -> str:
    """An estimate by its name on the workbook."""
    from minping_engine.reporting.texts import texts

    return texts("workbook", language)["plain" if name == "direct" else name]


def _counts(made: Trace, language: str) -> str:
    name = _estimate(made.counts, language)
    return pick(
        language,
        f"计入考核的是{name}：{made.score:.6f}",
        f"The score that counts is the {name}: {made.score:.6f}",
    )
