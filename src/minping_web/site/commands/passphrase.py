"""Where a passphrase comes from: a file of the operator, else the keyboard; never an argument."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from minping_web.site.commands.opening import Say

PassphraseOption = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="口令文件 · file with the passphrase", show_default=False),
]


def passphrase(say: Say, file: Path | None, *, twice: bool) -> str:
    """Read it; typed twice where it seals."""
    if file is not None:
        from minping_web.site.key_files import unreadable

        try:
            return file.read_text("utf-8").rstrip("\r\n")
        except OSError as error:
            raise unreadable(file, error) from None
    told = say.text("密钥口令", "Passphrase of the keys")
    typed: str = typer.prompt(told, hide_input=True, confirmation_prompt=twice)
    return typed
