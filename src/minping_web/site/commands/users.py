"""`minping users` (list, rescue): who can sign in; help for a deployment that lost its administrators."""

from __future__ import annotations

from typing import Annotated

import typer

from minping_engine.cli import LanguageOption
from minping_web.site.commands.opening import DataOption, opened

app = typer.Typer(help="账号。 Accounts.", no_args_is_help=True)


@app.callback()
def users_group() -> None:
    """账号：列出、救援。 Accounts: list, rescue."""


@app.command("list")
def list_command(data: DataOption = None, lang: LanguageOption = "zh") -> None:
    """列出账号、角色和二次验证。 Accounts with their roles and second factors."""
    with opened(lang, data, ready=True) as say:
        from minping_web.site.rescue import lines

        for username, roles, factor, active in lines():
            state = say.text("可登录", "open") if active else say.text("已停用", "closed")
            told = say.text("有二次验证", "factor") if factor else say.text("无二次验证", "no factor")
            typer.echo(f"{username}\t{state}\t{told}\t{'、'.join(roles)}")


@app.command("rescue")
def rescue_command(
    username: Annotated[str, typer.Argument(help="用户名 · user name of an administrator")],
    reason: Annotated[str, typer.Option("--reason", help="理由，写入透明日志 · reason, kept in the ledger")],
    data: DataOption = None,
    lang: LanguageOption = "zh",
) -> None:
    """管理员失去密码或二次验证且无人能批准时使用。 When administrators lost their way in."""
    with opened(lang, data, ready=True) as say:
        from minping_web.site.rescue import rescue

        path = rescue(username, reason)
        say(
            f"二次验证已清除。一次性链接（三天内有效）：{path}",
            f"The second factor is forgotten. One-time link, valid for three days: {path}",
        )
