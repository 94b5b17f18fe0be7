"""`minping scheme list | check`: what the library holds, and whether a scheme loads."""

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
