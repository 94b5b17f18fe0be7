"""`minping migrate`, `minping check`: bring the tables up to date; look for what is set up dangerously."""

from __future__ import annotations

from typing import Annotated

import typer

from minping_engine.cli import LanguageOption
from minping_web.site.commands.opening import DataOption, opened


def migrate_command(data: DataOption = None, lang: LanguageOption = "zh") -> None:
    """升级数据库表结构（请先备份）。 Bring tables and static files up to date; back up first."""
    with opened(lang, data) as say:
        from django.core.management import call_command

        from minping_web.site.guard import refuse_mixing
        from minping_web.site.health import pending_migrations
        from minping_web.site.statics import collect_static

        refuse_mixing()
        if pending_migrations():
            call_command("migrate", interactive=False, verbosity=1)
        else:
            say("表结构已是最新。", "The tables are up to date.")
        if collect_static():
            say("静态文件已更新。", "Static files are up to date.")


def check_command(
    strict: Annotated[bool, typer.Option("--strict", help="有警告即返回 1 · warnings fail as well")] = False,
    data: DataOption = None,
    lang: LanguageOption = "zh",
) -> None:
    """检查部署是否安全。 Look for what is set up dangerously; exit code 1 if something is."""
    with opened(lang, data) as say:
        from django.core import checks

        found = checks.run_checks(include_deployment_checks=True, databases=["default"])
        shown = [message for message in found if not message.is_silenced()]
        for message in shown:
            typer.echo(f"{_level(say.language, message.level)} [{message.id}] {message.msg}")
            if message.hint:
                typer.echo(f"  → {message.hint}")
        if not shown:
            say("没有发现问题。", "Nothing found.")
        limit = checks.WARNING if strict else checks.ERROR
        if any(message.level >= limit for message in shown):
            raise typer.Exit(1)


def _level(language: str, level: int) -> str:
    zh, en = ("错误", "error") if level >= 40 else (("警告", "warning") if level >= 30 else ("提示", "note"))
    return en if language == "en" else zh
