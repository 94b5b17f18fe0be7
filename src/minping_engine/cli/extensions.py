"""Commands that other packages bring, found by the entry points of the group `minping.commands`.

In: the command tree and the words typed. Out: the same tree with what is needed of the others. The engine
does not know the product; the product names its commands in its metadata. They are looked up only when
the word typed is none of the engine's own, so that these start as fast as without.
"""

from __future__ import annotations

from collections.abc import Sequence

import typer

GROUP = "minping.commands"


def attach(app: typer.Typer, words: Sequence[str]) -> None:
    """Add the command that was asked for; all of them for help or for a word that nobody knows."""
    asked = next((word for word in words if not word.startswith("-")), None)
    if asked in _names(app) or "--version" in words:
        return
    from importlib.metadata import entry_points

    found = {entry.name: entry for entry in entry_points(group=GROUP)}
    for name in [asked] if asked in found else sorted(found):
        _add(app, str(name), found[str(name)].load())


def _names(app: typer.Typer) -> set[str | None]:
    commands = {command.name for command in app.registered_commands}
    return commands | {group.name for group in app.registered_groups}


def _add(app: typer.Typer, name: str, command: object) -> None:
    if isinstance(command, typer.Typer):
        app.add_typer(command, name=name)
    elif callable(command):
        app.command(name)(command)
