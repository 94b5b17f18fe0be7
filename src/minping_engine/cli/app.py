"""The command tree, and what happens to errors.

Commands live in modules of their own and import the engine when they run, so that `--help` is
quick. An error of the tree prints all its problems and exits with its code; anything else is a
fault of ours and keeps its traceback.
"""

from __future__ import annotations

import sys
from io import TextIOWrapper

import typer

from minping_engine import __version__
from minping_engine.cli import assess, demo, open_data, report, scheme, snapshot, trace, verify, witness
from minping_engine.cli.extensions import attach
from minping_engine.cli.language import default_language
from minping_engine.cli.problems import print_interrupted, print_problems
from minping_engine.errors import Language, MinpingError, Place, Problem, SetupError

INTERRUPTED = 130
"""Exit code after Ctrl-C."""

app = typer.Typer(
    name="minping",
    help="民评：让居民给身边的服务者打分。 Residents mark the paper of those who serve them.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("assess")(assess.assess_command)
app.command("demo")(demo.demo_command)
app.command("open-data")(open_data.open_data_command)
app.command("trace")(trace.trace_command)
app.add_typer(snapshot.app, name="snapshot")
app.add_typer(scheme.app, name="scheme")
app.add_typer(report.app, name="report")
app.add_typer(verify.app, name="verify")
app.add_typer(witness.app, name="witness")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def main(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="版本 · version"),
) -> None:
    """Options of the command itself."""


def _language(arguments: list[str]) -> Language:
    """The language asked for, readable even where the command failed before it parsed its options."""
    for number, argument in enumerate(arguments):
        value = argument.removeprefix("--lang=") if argument.startswith("--lang=") else ""
        if argument == "--lang" and number + 1 < len(arguments):
            value = arguments[number + 1]
        if value:
            return "en" if value == "en" else "zh"
    return default_language()


def run() -> None:
    """Run the command; errors of the tree become text and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a screen that lacks a character must not stop a run
            stream.reconfigure(errors="replace")
    attach(app, sys.argv[1:])
    try:
        app()
    except MinpingError as error:
        print_problems(error.problems, _language(sys.argv[1:]))
        sys.exit(error.exit_code)
    except OSError as error:
        problem = Problem(
            "cli.cannot_write", Place(file=str(error.filename or "")), {"reason": error.strerror}
        )
        print_problems([problem], _language(sys.argv[1:]))
        sys.exit(SetupError.exit_code)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            print_interrupted(_language(sys.argv[1:]))
        raise
