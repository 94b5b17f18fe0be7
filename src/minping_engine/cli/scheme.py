"""`minping scheme list | check | test | sql`: the library, whether a scheme loads, its worked examples,
and the SQL by which its ballots are counted (for auditors)."""

from __future__ import annotations

import typer

from minping_engine.cli.language import LanguageOption, checked_language, pick

app = typer.Typer(help="考核方案 · schemes", no_args_is_help=True)


@app.command("list")
def list_command(lang: LanguageOption = "zh") -> None:
    """列出方案库。 List the library's schemes."""
    from minping_engine.scheme import load_scheme, scheme_ids

    language = checked_language(lang)
    for name in scheme_ids():
        typer.echo(f"{name}\t{load_scheme(name).scheme.title.of(language)}")


@app.command("check")
def check_command(scheme: str, lang: LanguageOption = "zh") -> None:
    """检查方案文件，一次列出全部问题。 Check a scheme; all faults at once."""
    from minping_engine.cli.problems import print_problems
    from minping_engine.scheme import load_scheme

    language = checked_language(lang)
    loaded = load_scheme(scheme)
    if loaded.warnings:
        print_problems(loaded.warnings, language)
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
    from minping_engine.evidence import evidence_spec, evidence_sql
    from minping_engine.scheme import load_scheme

    typer.echo(evidence_sql(evidence_spec(load_scheme(scheme, demo=True))))
