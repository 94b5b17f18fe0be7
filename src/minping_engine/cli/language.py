"""The two languages of the terminal: Chinese first, English with `--lang en` or MINPING_LANG=en."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from minping_engine.errors import Language


def default_language() -> Language:
    """The language of `MINPING_LANG`, else Chinese."""
    return "en" if os.environ.get("MINPING_LANG", "zh").lower().startswith("en") else "zh"


def checked_language(value: str) -> Language:
    """`zh` or `en`. Raises `typer.BadParameter` for anything else."""
    if value == "zh":
        return "zh"
    if value == "en":
        return "en"
    raise typer.BadParameter("zh / en")


LanguageOption = Annotated[
    str,
    typer.Option("--lang", help="语言 zh / en · language", envvar="MINPING_LANG", show_envvar=False),
]


def pick(language: str, zh: str, en: str) -> str:
    """The text of the language."""
    return en if language == "en" else zh
