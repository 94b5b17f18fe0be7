"""`minping report year | half-year RESULT...`: papers over several periods, as PDF/A with a code.

In: result folders of one scheme in one year, the snapshot of the last one. Out: a report, and with
`--cards` a card for every assessed person. `minping verify paper` checks the code.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minping_engine.cli.language import LanguageOption, checked_language, pick
from minping_engine.cli.open_data import SchemeChoice, open_beside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from minping_engine.reporting import PaperSpan, SpanKind

app = typer.Typer(
    name="report",
    help="年度、半年报告和成绩卡。 Reports and cards over several periods.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Results = Annotated[list[Path], typer.Argument(help="各期结果文件夹 · result folders of the periods")]
Out = Annotated[Path, typer.Option("-o", "--out", help="输出文件夹 · output folder")]
SnapshotOption = Annotated[
    Path | None, typer.Option("--snapshot", help="最后一期的快照 · snapshot of the last period")
]
SchemeOption = Annotated[str | None, typer.Option("--scheme", help="方案编号或文件夹 · scheme id or folder")]
ValuesOption = Annotated[
    Path | None, typer.Option("--values", help="区里自己的参数值 · the district's own values")
]
CardsOption = Annotated[bool, typer.Option("--cards", help="同时生成每人的成绩卡 · a card for everybody too")]
OnlyOption = Annotated[
    list[str] | None, typer.Option("--only", help="只生成这些编号的成绩卡 · cards of these ids only")
]


@app.callback()
def report_group() -> None:
    """年度、半年报告和成绩卡。 Reports and cards over several periods."""


@app.command("year")
def year_command(
    results: Results,
    out: Out = Path("report"),
    snapshot: SnapshotOption = None,
    scheme: SchemeOption = None,
    values: ValuesOption = None,
    cards: CardsOption = False,
    only: OnlyOption = None,
    lang: LanguageOption = "zh",
) -> None:
    """年度报告。 The report of a year."""
    from minping_engine.reporting import SpanKind

    span = load_span(SpanKind.YEAR, results, snapshot, SchemeChoice(scheme, values))
    _write(span, out, (cards, only), checked_language(lang))


@app.command("half-year")
def half_year_command(
    results: Results,
    out: Out = Path("report"),
    snapshot: SnapshotOption = None,
    scheme: SchemeOption = None,
    values: ValuesOption = None,
    cards: CardsOption = False,
    only: OnlyOption = None,
    lang: LanguageOption = "zh",
) -> None:
    """半年报告。 The report of half a year."""
    from minping_engine.reporting import SpanKind

    span = load_span(SpanKind.HALF_YEAR, results, snapshot, SchemeChoice(scheme, values))
    _write(span, out, (cards, only), checked_language(lang))


def load_span(
    kind: SpanKind, folders: Sequence[Path], snapshot: Path | None, choice: SchemeChoice
) -> PaperSpan:
    """The results of the folders, with scheme and names of the last one."""
    from minping_engine.assessment import read_result
    from minping_engine.reporting import make_span
    from minping_engine.terms import period_order

    read = sorted(
        ((read_result(folder), folder) for folder in folders), key=lambda one: period_order(one[0].period)
    )
    last, folder = read[-1]
    return make_span(kind, [result for result, _ in read], choice.load(last), open_beside(folder, snapshot))


def _write(span: PaperSpan, out: Path, people: tuple[bool, list[str] | None], language: str) -> None:
    from minping_engine.reporting import write_annual_cards, write_period_report

    path = out / f"{span.kind.value}-{span.year}{'' if span.kind == 'year' else f'H{span.half}'}.pdf"
    paper = write_period_report(span, path, language=language)
    code = pick(language, "核对码", "code")
    typer.echo(f"{path}  {code} {paper.code}")
    cards, only = people
    if cards or only:
        made = write_annual_cards(span, out / "cards", language=language, only=only)
        typer.echo(
            pick(language, f"{out / 'cards'}：{len(made)} 张成绩卡", f"{out / 'cards'}: {len(made)} cards")
        )
