"""`minping take-over FOLDER`: bring a large sealed folder; two persons take it over on the page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from minping_engine.cli import LanguageOption
from minping_web.site.commands.opening import DataOption, opened


def take_over_command(
    folder: Annotated[Path, typer.Argument(help="封存文件夹 · sealed folder of a snapshot")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只核对，不带入 · only check, bring nothing")
    ] = False,
    data: DataOption = None,
    lang: LanguageOption = "zh",
) -> None:
    """带入在他处开展的一轮，由两人在网页上接入。 Bring a round; two persons take it over."""
    with opened(lang, data, ready=True) as say:
        from minping_web.common.scope import system_scope
        from minping_web.snapshots.services.taking_over import bring_folder, refuse_faulty

        if dry_run:
            refuse_faulty(folder)
            say("没有错误。", "No fault.")
            return
        sha256 = bring_folder(system_scope(), folder)
        say(f"已带入，尚未登记。哈希：{sha256}", f"Brought, nothing is entered yet. Hash: {sha256}")
        say(
            f"请在网页 /snapshots/taking-over/{sha256}/ 填写并由第二人批准。",
            f"Fill in the page /snapshots/taking-over/{sha256}/; a second person approves.",
        )
