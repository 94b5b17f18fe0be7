"""`minping ledger` (verify, recover, succeed): is the log whole; bring a restored database up to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from minping_engine.cli import LanguageOption
from minping_web.site.commands.opening import DataOption, Say, opened

if TYPE_CHECKING:
    from minping_web.ledger.services import Recovered

app = typer.Typer(help="透明日志。 The transparency log.", no_args_is_help=True)


@app.callback()
def ledger_group() -> None:
    """透明日志：核对、接续。 The transparency log: verify, recover."""


@app.command("verify")
def verify_command(data: DataOption = None, lang: LanguageOption = "zh") -> None:
    """逐条核对公布的日志，并与数据库比较。 Recheck every entry, and compare with the database."""
    with opened(lang, data, ready=True) as say:
        from minping_engine.errors import IntegrityError, Place, Problem
        from minping_web.ledger.services import verify

        found = verify()
        say(
            f"日志 {found.size} 条，{found.files} 个文件，用时 {found.seconds} 秒。",
            f"{found.size} entries, {found.files} files, {found.seconds} s.",
        )
        if not found.is_sound:
            raise IntegrityError(
                [Problem(row["code"], Place(), row.get("params", {})) for row in found.problems]
            )
        say("日志完整，与数据库一致。", "The log is whole and agrees with the database.")


@app.command("recover")
def recover_command(
    rebuild: Annotated[
        bool,
        typer.Option(
            "--rebuild",
            help="数据库未回退、仅文件丢失 · only files were lost, the database was never set back",
        ),
    ] = False,
    data: DataOption = None,
    lang: LanguageOption = "zh",
) -> None:
    """数据库恢复后，按公布的日志接续。 After a restore: append again what was published."""
    with opened(lang, data, ready=True) as say:
        from minping_web.ledger.services import recover

        tell_recovered(say, recover(rebuild=rebuild))
        tell_lost(say)


@app.command("succeed")
def succeed_command(
    reason: Annotated[str, typer.Option("--reason", help="理由，公布于新日志 · reason, published")],
    data: DataOption = None,
    lang: LanguageOption = "zh",
) -> None:
    """公布的副本全部丢失时，开立后继日志。 Open a successor after every published copy was lost."""
    with opened(lang, data, ready=True) as say:
        from minping_web.ledger.services import open_successor

        tell_recovered(say, open_successor(reason))


def tell_recovered(say: Say, done: Recovered) -> None:
    """What a recovery did."""
    say(
        f"日志 {done.size} 条：接上 {done.matched}，无记录 {done.lost}，待重写 {done.waiting_again}。",
        f"{done.size} entries, {done.matched} matched, {done.lost} bare, {done.waiting_again} again.",
    )


def tell_lost(say: Say) -> None:
    """What the log holds and the restored database does not: somebody must do it again."""
    from minping_web.ledger.selectors import lost_by_kind

    for lost in lost_by_kind():
        say(
            f"需补做 {lost.kind}：{' '.join(lost.steps)}",
            f"To be done again, {lost.kind}: {' '.join(lost.steps)}",
        )
