"""`minping ledger`: is the log whole; recover it; what came on a stick; a year for offline checks."""

from __future__ import annotations

from pathlib import Path
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


@app.command("cosignature")
def cosignature_command(
    file: Annotated[Path, typer.Argument(help="见证方签名文件 · file with a witness's signature")],
    data: DataOption = None,
    lang: LanguageOption = "zh",
) -> None:
    """加入用存储介质带来的见证签名并公布。 Add a witness's signature that was brought on a stick."""
    with opened(lang, data, ready=True) as say:
        from minping_web.ledger.services import take_cosignature

        found = take_cosignature(None, file.read_bytes())
        say(f"已公布见证方 {found.name} 的签名。", f"The signature of {found.name} is published.")


@app.command("timestamp")
def timestamp_command(
    out: Annotated[
        Path | None, typer.Option("--out", help="请求另存为 · write the request to this file")
    ] = None,
    answer: Annotated[
        Path | None, typer.Option("--answer", help="时间戳机构的答复 · the authority's answer")
    ] = None,
    data: DataOption = None,
    lang: LanguageOption = "zh",
) -> None:
    """生成时间戳请求文件，或加入带回的答复。 Make a timestamp request, or add the answer brought back."""
    with opened(lang, data, ready=True) as say:
        from minping_web.ledger.services import take_answer, wanted_timestamp

        if answer is not None:
            found = take_answer(None, answer.read_bytes())
            say(f"{found.size} 条的时间：{found.stated_at}", f"{found.size} entries at {found.stated_at}")
        else:
            found = wanted_timestamp()
        if out is not None:
            out.write_bytes(bytes(found.request))
            say(f"请求已写入 {out}", f"The request is in {out}")


@app.command("export-year")
def export_year_command(
    year: Annotated[int, typer.Argument(help="年份 · year")],
    out: Annotated[Path, typer.Argument(help="新文件夹 · new folder")],
    reason: Annotated[str, typer.Option("--reason", help="理由，写入日志 · reason, kept in the log")],
    public: Annotated[
        bool,
        typer.Option("--public", help="不含快照和结果表 · without snapshots and tables of results"),
    ] = False,
    data: DataOption = None,
    lang: LanguageOption = "zh",
) -> None:
    """导出一年的日志、记录和文件，供离线核对。 Export a year, to be checked with `minping verify year`."""
    with opened(lang, data, ready=True) as say:
        from minping_web.common.scope import system_scope
        from minping_web.site.years import export_year

        made = export_year(system_scope(), year, out, reason=reason, whole=not public)
        say(
            f"{year} 年第 {made.first} 至 {made.end} 条，{len(made.files)} 个文件：{out}",
            f"{year}, entries {made.first} to {made.end}, {len(made.files)} files: {out}",
        )


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
