"""What the terminal shows at the end: the round in figures, and where to look.

Prints to standard output; plain where that is no terminal. Names of single people are never
printed: the terminal is not the place for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from minping_engine.assessment import Result
from minping_engine.cli.language import pick
from minping_engine.reporting.grade_words import grade_labels
from minping_engine.scheme import LoadedScheme


@dataclass(frozen=True)
class RoundFigures:
    """The figures of one round; `grades` counts those who have one."""

    period: str
    ballots: int
    assessed: int
    not_assessed: int
    mean: float | None
    high: float | None
    grades: dict[str, int]


def round_figures(result: Result) -> RoundFigures:
    """Figures from a result; the mean is the district's (several districts: none)."""
    districts = [
        row
        for row in result["groups"].to_pylist()
        if row["level"] == "district" and row["variable"] == "total"
    ]
    one = districts[0] if len(districts) == 1 else {}
    counts = result.head["counts"]
    graded = result["scores"] if result["scores"].num_rows else result["outcomes"]
    grades = Counter(grade for grade in graded["grade"].to_pylist() if grade)
    return RoundFigures(
        result.period,
        counts["ballots_counted"],
        counts["assessed"],
        counts["not_assessed"],
        one.get("mean"),
        one.get("high"),
        dict(grades),
    )


def print_rounds(
    results: Sequence[Result], scheme: LoadedScheme, language: str, *, console: Console | None = None
) -> None:
    """One row per round."""
    console = console or Console()
    percent = scheme.scheme.scoring.interval_percent
    interval = pick(language, f"（± 为 {percent}% 区间）", f" (± {percent} % interval)")
    table = Table(
        title=scheme.scheme.title.of(language) + interval,
        title_justify="left",
        box=SIMPLE_HEAD,
        collapse_padding=True,
        pad_edge=False,
    )
    grades = grade_labels(scheme, language)
    mean = pick(language, "全区均值", "district mean")
    whole = (pick(language, "答卷", "ballots"), pick(language, "已评", "assessed"), mean)
    numbers = [
        *whole[:2],
        pick(language, "不予评定", "not assessed"),
        mean,
        *grades.values(),
        *([pick(language, "无等次", "no grade")] if grades else []),
    ]
    table.add_column(pick(language, "考核期", "period"), no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right", overflow="fold", no_wrap=name in whole)
    for figures in map(round_figures, results):
        table.add_row(
            figures.period,
            f"{figures.ballots:,}",
            f"{figures.assessed:,}",
            str(figures.not_assessed),
            _mean(figures),
            *(str(figures.grades.get(grade, 0)) for grade in grades),
            *([str(figures.assessed - sum(figures.grades.values()))] if grades else []),
        )
    console.print(table)


def _mean(figures: RoundFigures) -> str:
    if figures.mean is None:
        return "—"
    half = "" if figures.high is None else f" ± {figures.high - figures.mean:.2f}"
    return f"{figures.mean:.2f}{half}"


def print_round(result: Result, scheme: LoadedScheme, out: Path, language: str, *, cards: bool) -> None:
    """The table of one round, its warnings, and where to look."""
    console = Console()
    print_rounds([result], scheme, language, console=console)
    for warning in result.head["warnings"]:
        console.print(f"• {warning[language]}", markup=False, highlight=False)
    print_places(out, language, cards=cards, console=console)


def print_places(out: Path, language: str, *, cards: bool, console: Console | None = None) -> None:
    """Where to look."""
    console = console or Console()
    places = [
        (pick(language, "成绩单", "report cards"), out / "cards") if cards else None,
        (pick(language, "工作簿", "workbook"), out / "report.xlsx"),
        (pick(language, "居民公报", "bulletin"), out / "bulletin.html"),
        (pick(language, "公平报告", "fairness report"), out / "fairness.html"),
        (pick(language, "考核结果", "results"), out / "outcomes.html"),
        (pick(language, "结果工作簿", "workbook of results"), out / "outcomes.xlsx"),
    ]
    for name, path in filter(None, places):
        if not path.exists():
            continue
        console.print(f"{name}: {path}", markup=False, highlight=False, soft_wrap=True)
