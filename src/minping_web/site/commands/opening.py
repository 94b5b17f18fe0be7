"""The frame around every command: find the product's parts, start Django, say what is wrong in two languages.

In: language, data folder, whether this is a demonstration. Out: `Say`, with which a command speaks. A
refusal becomes its list of problems and its exit code, like the engine's own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from minping_engine.cli import checked_language, pick
from minping_engine.errors import Language, MinpingError, Place, Problem, SetupError

NEEDED = ("django", "allauth", "axes", "csp", "ninja", "whitenoise", "uvicorn", "a2wsgi")

DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="数据文件夹 · data folder (MINPING_DATA)", show_default=False),
]


@dataclass(frozen=True)
class Say:
    """Speaks to the terminal."""

    language: Language

    def __call__(self, zh: str, en: str) -> None:
        """One line."""
        typer.echo(self.text(zh, en))

    def text(self, zh: str, en: str) -> str:
        """The words of the language."""
        return pick(self.language, zh, en)


@contextmanager
def opened(
    lang: str, data: Path | None = None, *, demo: bool = False, database: bool = True, ready: bool = False
) -> Iterator[Say]:
    """Django is set up inside the block; a refusal ends the command with its exit code.

    `database` asks for one that answers, `ready` for a deployment that was set up and migrated. Whether it is
    a demonstration stands in the database then; commands need not be told again.
    """
    say = Say(checked_language(lang))
    try:
        start_django(say.language, data, demo=demo)
        if database or ready:
            require_database()
        if ready:
            require_ready_deployment()
        yield say
    except MinpingError as error:
        print_refusal(error, say.language)
        raise typer.Exit(error.exit_code) from None


def start_django(language: Language, data: Path | None, *, demo: bool) -> None:
    """Raise `SetupError` with the first thing that is missing; afterwards models can be used."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise SetupError.of("cli.web_missing", name=missing[0])
    if data is not None:
        os.environ["MINPING_DATA"] = str(data)
    if demo:
        os.environ["MINPING_DEMO"] = "1"
    os.umask(0o077)  # databases, keys and backups are nobody else's
    _check_folder()
    _check_address()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minping_web.site.settings")
    import django
    from django.utils import translation

    django.setup()
    translation.activate("en" if language == "en" else "zh-hans")


def require_database() -> None:
    """Raise `SetupError` when it does not answer."""
    from django.db import OperationalError, connection

    try:
        connection.ensure_connection()
    except OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise SetupError.of("site.database_unreachable", reason=reason) from None


def require_ready_deployment() -> None:
    """Raise `RefusedError` for one that was not set up or not migrated."""
    from minping_web.site.guard import require_ready

    require_ready()


def _check_folder() -> None:
    from minping_web.site.environment import data_folder

    folder = data_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise SetupError(
            Problem("site.folder_not_writable", Place(file=str(folder)), {"reason": error.strerror})
        ) from None


def _check_address() -> None:
    from minping_web.site.environment import surroundings

    try:
        engine = str(surroundings().database["ENGINE"])
    except ValueError as error:
        if "DATABASE_URL" in str(error):
            raise SetupError.of("site.database_address") from None
        raise SetupError.of("site.environment_wrong", reason=str(error)) from None
    if engine.endswith("postgresql") and find_spec("psycopg") is None:
        raise SetupError.of("site.driver_missing")


def print_refusal(error: MinpingError, language: Language) -> None:
    """All problems, with what to do."""
    for problem, what, mend in _texts(error.problems, language):
        place = f"{problem.place}: " if str(problem.place) else ""
        print(f"{place}{what}", file=sys.stderr)  # noqa: T201  (a command's own output)
        if mend:
            print(f"  → {mend}", file=sys.stderr)  # noqa: T201


def _texts(problems: Sequence[Problem], language: Language) -> Iterator[tuple[Problem, str, str]]:
    from minping_engine.errors import render

    product = _product_texts()
    for problem in problems:
        entry = product.get(problem.code)
        if entry is None:
            rendered = render(problem, language)
            yield problem, rendered.what, rendered.mend
        else:
            told = {name: "" if value is None else value for name, value in problem.params.items()}
            yield problem, entry[language].format_map(told), entry[f"mend_{language}"].format_map(told)


def _product_texts() -> dict[str, dict[str, str]]:
    """The texts of all apps; read without Django, which may be what is missing."""
    import yaml

    found: dict[str, dict[str, str]] = {}
    for file in sorted(Path(__file__).parents[2].glob("*/problems.yaml")):
        found |= yaml.safe_load(file.read_text("utf-8"))
    return found
