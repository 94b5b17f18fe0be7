"""`minping init`: set up a real district by a dialogue or an answers file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minping_engine.cli import LanguageOption
from minping_web.site.commands.opening import DataOption, Say, opened

if TYPE_CHECKING:
    from minping_web.site.setting_up import Answers, FirstUser


def init_command(
    answers: Annotated[
        Path | None, typer.Option("--answers", help="答案文件 YAML · answers, instead of the dialogue")
    ] = None,
    example: Annotated[
        bool, typer.Option("--example", help="输出答案文件样例 · print an example of the file")
    ] = False,
    data: DataOption = None,
    lang: LanguageOption = "zh",
) -> None:
    """建立真实区县（只进行一次）。 Set up a real district, once."""
    with opened(lang, data, database=not example) as say:
        from minping_web.site.setting_up import EXAMPLE, answers_from, refuse_second_time, set_up

        if example:
            typer.echo(EXAMPLE, nl=False)
            return
        _refuse_demo()
        refuse_second_time()
        told = answers_from(answers) if answers else _asked(say)
        made = set_up(told)
        _next_steps(say, told, made)


def _refuse_demo() -> None:
    from django.conf import settings

    from minping_web.common.problems import RefusedError

    if settings.DEMO:
        raise RefusedError.of("site.demo_on_real")


def _asked(say: Say) -> Answers:
    from minping_web.site.setting_up import Answers, FirstUser

    say(
        "将建立一个真实区县。需要两位管理员：重要权限须由一人提出、另一人批准。",
        "This sets up a real district. It takes two administrators: one proposes powers, the other approves.",
    )
    district = typer.prompt(say.text("区县名称", "Name of the district"))
    code = typer.prompt(
        say.text("区县行政区划代码（6 位）", "Administrative code of the district, six digits")
    )
    city = typer.prompt(say.text("所属市名称", "Name of its city"))
    hosts = typer.prompt(say.text("访问主机名（多个用逗号分隔）", "Host names, by comma"))
    users = []
    for number in (1, 2):
        user = typer.prompt(say.text(f"管理员 {number} 的用户名", f"User name of administrator {number}"))
        users.append(FirstUser(user, typer.prompt(say.text("姓名", "Name"))))
    names = tuple(part.strip() for part in hosts.replace("，", ",").split(","))
    return Answers(district.strip(), code.strip(), city.strip(), names, tuple(users))


def _next_steps(say: Say, answers: Answers, made: list[tuple[FirstUser, str]]) -> None:
    say(
        f"{answers.district} 已建立。一次性密码（不会再显示）：",
        f"{answers.district} is set up. Passwords, shown once:",
    )
    for one, password in made:
        typer.echo(f"  {one.name}　{one.user}　{password}")
    say("下一步：", "Next:")
    for line in (
        (
            "1. 分别把密码当面交给两人；首次登录须改密码并设置二次验证。",
            "1. Hand each password to its person; the first sign-in asks for a new one and a second factor.",
        ),
        (
            "2. 保存密钥：minping keys export 文件（放保险柜，不与数据备份放在一起）。",
            "2. Save the keys: minping keys export FILE (in a safe, apart from backups of the data).",
        ),
        ("3. 检查部署：minping check。", "3. Look for dangers: minping check."),
        (
            "4. 启动：minping serve，前面放置 HTTPS 代理。",
            "4. Start: minping serve, behind a proxy with HTTPS.",
        ),
    ):
        say(*line)
