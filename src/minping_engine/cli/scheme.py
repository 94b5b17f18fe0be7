"""`minping scheme …`: the library, the linter, worked examples, the SQL that counts ballots.

Larger commands have modules of their own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minping_engine.cli.language import LanguageOption, checked_language, pick
from minping_engine.cli.scheme_demo import scheme_demo_command
from minping_engine.cli.scheme_diff import diff_command
from minping_engine.cli.scheme_docs import docs_command, schema_command
from minping_engine.cli.scheme_manual import manual_command
from minping_engine.cli.scheme_new import new_command
from minping_engine.cli.scheme_try import try_command

if TYPE_CHECKING:
    from rich.console import Console

    from minping_engine.errors import Language
    from minping_engine.scheme import LoadedScheme
    from minping_engine.terms import AssesseeKind

LIST_HEADS = (("编号", "id"), ("名称", "title"), ("对象", "assessed"), ("周期", "period"), ("状态", "state"))
TITLE, NARROWEST = 1, 4
"""Place of the title in the list; a title that would get less room than that is left out."""
app = typer.Typer(help="考核方案 · schemes", no_args_is_help=True)


@app.command("list")
def list_command(context: typer.Context, lang: LanguageOption = "zh") -> None:
    """列出方案库，每个一行；写明 --lang 则不缩短名称。 List the library; with --lang titles stand in full."""
    from rich.console import Console

    from minping_engine.scheme import load_scheme, scheme_ids

    language = checked_language(lang)
    source = context.get_parameter_source("lang")
    rows = [_listed(load_scheme(name), language) for name in scheme_ids()]
    console = Console()
    in_full = source is not None and source.name == "COMMANDLINE"
    _print_list(rows, language, console, in_full=in_full)


def _listed(loaded: LoadedScheme, language: Language) -> tuple[str, ...]:
    """A scheme as a row of the list."""
    from minping_engine.terms import label

    scheme = loaded.scheme
    period = label(scheme.period.kind, language)
    who = _who(scheme.assessee_kind, language)
    return scheme.id, scheme.title.of(language), who, period, _state(loaded, language)


def _print_list(rows: list[tuple[str, ...]], language: Language, console: Console, *, in_full: bool) -> None:
    """One line each: the title takes what the others leave, or, in full, as much as it needs."""
    from rich.cells import cell_len
    from rich.table import Table

    heads = [pick(language, zh, en) for zh, en in LIST_HEADS]
    widths = [max(map(cell_len, column)) for column in zip(heads, *rows, strict=True)]
    room = console.width - sum(widths) + widths[TITLE] - len(widths) + 1
    if in_full:
        console.width = max(console.width, sum(widths) + len(widths) - 1)
    elif room < widths[TITLE]:
        widths[TITLE] = room
    table = Table(box=None, padding=(0, 1), pad_edge=False, collapse_padding=True)
    shown = [place for place in range(len(heads)) if widths[place] >= NARROWEST]
    for place in shown:
        table.add_column(heads[place], no_wrap=True, overflow="ellipsis", width=widths[place])
    for row in rows:
        table.add_row(*(row[place] for place in shown))
    console.print(table)


def _who(kind: AssesseeKind, language: Language) -> str:
    """A kind of assessee as a list names it."""
    from minping_engine.terms import AssesseeKind, label

    return "个人" if (kind, language) == (AssesseeKind.PERSON, "zh") else label(kind, language)


def _state(loaded: LoadedScheme, language: Language) -> str:
    """Disabled, a mere example, so many values to fill in, or ready."""
    if loaded.scheme.disabled:
        return pick(
            language, f"停用（{loaded.scheme.disabled.rule}）", f"disabled ({loaded.scheme.disabled.rule})"
        )
    parts = [pick(language, "示例", "example")] if loaded.scheme.example_only else []
    if loaded.unfilled:
        n = len(loaded.unfilled)
        parts.append(pick(language, f"待填 {n}", f"{n} open"))
    return pick(language, "，", ", ").join(parts) or pick(language, "可用", "ready")


@app.command("check")
def check_command(
    scheme: str,
    values: Annotated[Path | None, typer.Option(help="区里填写的取值 · values the district fills in")] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="公布前：提示也算不通过 · for publication: warnings fail too")
    ] = False,
    lang: LanguageOption = "zh",
) -> None:
    """检查方案：结构、来源、单位、等次可达、合规，一次列出全部问题。 Check a scheme; all findings at once."""
    from minping_engine.cli.problems import print_problems
    from minping_engine.errors import InputError, Severity
    from minping_engine.scheme import lint_scheme, load_scheme, read_values

    language = checked_language(lang)
    loaded = load_scheme(scheme, values=read_values(values) if values else None)
    found = lint_scheme(loaded)
    if any(strict or problem.severity is Severity.ERROR for problem in found):
        raise InputError(found)
    print_problems(found, language)
    if loaded.scheme.disabled:
        typer.echo(
            pick(language, f"{loaded.key} 已停用，不能运行", f"{loaded.key} is disabled and does not run")
        )
    elif loaded.unfilled:
        n = len(loaded.unfilled)
        typer.echo(
            pick(
                language,
                f"{loaded.key} 写法无误；填写 {n} 项取值后才能正式运行",
                f"{loaded.key} is well made; fill in {n} values before a real run",
            )
        )
    else:
        typer.echo(pick(language, f"{loaded.key} 可以使用", f"{loaded.key} is ready"))


@app.command("test")
def examples_command(scheme: str, lang: LanguageOption = "zh") -> None:
    """运行方案的算例。 Run a scheme's worked examples."""
    from rich.console import Console
    from rich.table import Table

    from minping_engine.assessment import run_examples
    from minping_engine.scheme import load_scheme

    language = checked_language(lang)
    lines = list(run_examples(load_scheme(scheme, demo=True)))
    table = Table()
    for zh, en in (
        ("算例", "example"),
        ("对象", "assessee"),
        ("项目", "value"),
        ("应为", "expected"),
        ("得出", "made"),
    ):
        table.add_column(pick(language, zh, en))
    wrong = [line for line in lines if not line.holds]
    for line in wrong or lines:
        made = f"{line.made:.4f}" if isinstance(line.made, float) else str(line.made)
        table.add_row(line.example, line.assessee, line.name, str(line.expected), made)
    Console().print(table)
    typer.echo(
        pick(language, f"{len(lines)} 项，{len(wrong)} 项不符", f"{len(lines)} values, {len(wrong)} wrong")
    )
    if wrong:
        raise typer.Exit(1)


@app.command("sql")
def sql_command(scheme: str) -> None:
    """打印统计答卷的 SQL，供审计。 Print the SQL that counts a scheme's ballots."""
    from minping_engine.errors import InputError
    from minping_engine.evidence import evidence_spec, evidence_sql
    from minping_engine.scheme import load_scheme

    loaded = load_scheme(scheme, demo=True)
    if not loaded.scheme.instruments:
        raise InputError.of("scheme.no_questionnaire", id=loaded.scheme.id)
    for form in loaded.scheme.instruments:
        typer.echo(evidence_sql(evidence_spec(loaded.with_instrument(form))))


app.command("try")(try_command)
app.command("diff")(diff_command)
app.command("new")(new_command)
app.command("manual")(manual_command)
app.command("docs")(docs_command)
app.command("schema")(schema_command)
app.command("demo")(scheme_demo_command)
