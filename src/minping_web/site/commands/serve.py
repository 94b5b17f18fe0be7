"""`minping serve`, `minping worker`, `minping seed`: run the product.

`serve` starts pages and one worker and watches both. With `--demo` it first makes what is missing: data
folder, keys, tables, an invented district. A real deployment changes its tables only by `minping init`
and `minping migrate`.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Annotated

import typer

from minping_engine.cli import LanguageOption
from minping_web.site.commands.opening import DataOption, Say, opened

if TYPE_CHECKING:
    import socket

HouseholdsOption = Annotated[
    int, typer.Option("--households", help="虚构住户数 · invented households", min=1000, max=1_000_000)
]
SeedOption = Annotated[int | None, typer.Option("--seed", help="随机种子 · seed of the invented district")]
QUICK_HOUSEHOLDS, FULL_HOUSEHOLDS = 20_000, 400_000


def serve_command(
    demo: Annotated[bool, typer.Option("--demo", help="演示：虚构的区 · an invented district")] = False,
    host: Annotated[str, typer.Option("--host", help="监听地址 · address to listen on")] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option("--port", help="端口，0 为任选 · port, 0 = any free one", min=0, max=65535),
    ] = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="不启动后台任务进程 · pages only, jobs run elsewhere")
    ] = False,
    data: DataOption = None,
    lang: LanguageOption = "zh",
) -> None:
    """启动网页和后台任务；--demo 启动演示区。 Run pages and background jobs."""
    with opened(lang, data, demo=demo) as say:
        from minping_web.site.processes import bound_socket

        listening = bound_socket(host, port)
        _prepare(say, demo=demo)
        outcome = _run(say, listening, worker=not no_worker)
    raise typer.Exit(outcome)


def worker_command(
    demo: Annotated[bool, typer.Option("--demo", help="演示 · of a demonstration")] = False,
    data: DataOption = None,
    lang: LanguageOption = "zh",
) -> None:
    """只运行后台任务。 Work off background jobs until stopped."""
    with opened(lang, data, demo=demo, ready=True) as say:
        from minping_web.site.processes import work_jobs

        say("后台任务进程已启动，Ctrl-C 停止。", "Working off jobs; Ctrl-C stops.")
        work_jobs()


def seed_command(
    households: HouseholdsOption = QUICK_HOUSEHOLDS,
    full: Annotated[
        bool, typer.Option("--full", help=f"全量：{FULL_HOUSEHOLDS} 户 · a frame of full size")
    ] = False,
    seed: SeedOption = None,
    data: DataOption = None,
    lang: LanguageOption = "zh",
) -> None:
    """在空数据库中生成演示区。 Make the demonstration district in an empty database."""
    with opened(lang, data, demo=True) as say:
        _make_demo(say, FULL_HOUSEHOLDS if full else households, seed)


def _prepare(say: Say, *, demo: bool) -> None:
    from minping_web.site.guard import kind_of_database, refuse_mixing, require_ready
    from minping_web.site.statics import collect_static

    refuse_mixing()
    if demo and kind_of_database() is None:
        _make_demo(say, QUICK_HOUSEHOLDS, None)
    elif demo:
        _migrate()
    require_ready()
    collect_static()


def _make_demo(say: Say, households: int, seed: int | None) -> None:
    from minping_web.site.demo.seed import SEED, seed_demonstration

    started = time.monotonic()
    say(
        "首次运行：建立数据库和演示区（全部人员均为虚构）……",
        "First run: making tables and an invented district ...",
    )
    _migrate()
    seed_demonstration(
        households=households, seed=SEED if seed is None else seed, tell=lambda line: typer.echo(f"  {line}")
    )
    took = time.monotonic() - started
    say(f"完成，用时 {took:.0f} 秒。", f"Done in {took:.0f} s.")


def _migrate() -> None:
    from django.core.management import call_command

    from minping_web.site.health import pending_migrations

    if pending_migrations():
        call_command("migrate", interactive=False, verbosity=0)


def _run(say: Say, listening: socket.socket, *, worker: bool) -> int:
    from django.db import connections

    from minping_web.site.processes import Child, Watcher, watch_until_signal

    connections.close_all()
    children = [Child("pages", ["pages", str(listening.fileno())], pass_fds=(listening.fileno(),))]
    if worker:
        children.append(Child("jobs", ["jobs"]))
    host, port = listening.getsockname()[:2]
    shown = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    say(f"民评已启动：{shown}　Ctrl-C 停止。", f"Minping runs at {shown} - Ctrl-C stops it.")
    _warn_about_host(say, host)

    def told(name: str, code: int) -> None:
        say(
            f"进程 {name} 意外结束（{code}），正在重新启动。",
            f"Process {name} ended ({code}); starting it again.",
        )

    return watch_until_signal(Watcher(children, told))


def _warn_about_host(say: Say, host: str) -> None:
    if host not in {"127.0.0.1", "::1"} and not os.environ.get("MINPING_HOSTS"):
        say(
            "提示：从其他机器访问须设置 MINPING_HOSTS（访问时使用的主机名）。",
            "Note: visitors from other machines need MINPING_HOSTS (the name they use).",
        )
