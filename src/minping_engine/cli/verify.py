"""`minping verify log | draw | paper`: an outsider checks what was published from its files alone.

In: the folder of a log with its public key (a file or the text itself), or of a draw, perhaps with the log;
perhaps a checkpoint kept from before, what witnesses, paper and timestamps say, and opened records. Out: a
short table, all problems; exit code 0 if nothing is wrong, 1 if something is, 2 if the call itself cannot
work.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minping_engine.cli.language import LanguageOption, checked_language, pick
from minping_engine.cli.verify_page import page_command
from minping_engine.cli.verify_paper import paper_command
from minping_engine.cli.verify_year import year_command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from minping_engine.errors import Language, Problem
    from minping_engine.verification import LogReport

MOST_SHOWN = 40
"""Problems on the screen; who sees so many copies the log again."""

app = typer.Typer(
    name="verify",
    help="核对公布的内容。 Check what was published.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


app.command("page")(page_command)
app.command("paper")(paper_command)
app.command("year")(year_command)


@app.callback()
def verify_group() -> None:
    """核对公布的内容。 Check what was published."""


@app.command("log")
def log_command(
    folder: Annotated[Path, typer.Argument(help="日志文件夹 · folder of the log")],
    key: Annotated[str, typer.Option("--key", help="日志公钥：文件或文本 · public key: file or text")],
    since: Annotated[
        Path | None, typer.Option("--since", help="以前留存的检查点 · a checkpoint you kept from before")
    ] = None,
    opened: Annotated[
        Path | None, typer.Option("--opened", help="公开的记录 JSONL · opened records, JSON lines")
    ] = None,
    witness: Annotated[
        list[str] | None,
        typer.Option("--witness", help="见证方公钥，可多次给出 · public key of a witness, several times"),
    ] = None,
    quorum: Annotated[
        int | None, typer.Option("--quorum", help="至少几个见证方，默认全部 · how many must have signed")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option("--policy", help="见证规则文件 · policy of witnesses, a file")
    ] = None,
    printed: Annotated[
        str, typer.Option("--printed", help="纸面公示的根：文本或文件 · a root on paper, typed, or a file")
    ] = "",
    timestamp: Annotated[
        Path | None, typer.Option("--timestamp", help="时间戳答复 · answer of a timestamp authority")
    ] = None,
    authority: Annotated[
        Path | None, typer.Option("--authority", help="时间戳机构根证书 PEM · its root certificates")
    ] = None,
    lang: LanguageOption = "zh",
) -> None:
    """核对透明日志：签名、条目和哈希，与留存的检查点、见证方、纸面是否一致。 Check a transparency log."""
    from minping_engine.cli.verify_outside import outside_proofs
    from minping_engine.verification import verify_log

    language = checked_language(lang)
    older = since.read_bytes() if since else None
    name = since.name if since else ""
    outside = outside_proofs(witness or [], quorum, policy, printed, timestamp, authority)
    report = verify_log(folder, _key_text(key), older, opened=opened, older_name=name, outside=outside)
    _print_report(report, language, has_records=opened is not None)
    _print_some(report.problems, language)
    if not report.is_sound:
        raise typer.Exit(1)
    is_held = since is not None or outside.printed is not None or outside.policy is not None
    _print_verdict(language, has_older=is_held)


@app.command("draw")
def draw_command(
    folder: Annotated[Path, typer.Argument(help="抽样文件夹 · folder of the draw")],
    log: Annotated[Path | None, typer.Option("--log", help="日志文件夹 · folder of the log")] = None,
    key: Annotated[str, typer.Option("--key", help="日志公钥：文件或文本 · public key: file or text")] = "",
    since: Annotated[
        Path | None,
        typer.Option("--since", help="公开抽取之前留存的检查点 · a checkpoint kept before the public draw"),
    ] = None,
    opened: Annotated[
        Path | None, typer.Option("--opened", help="公开的记录 JSONL · opened records, JSON lines")
    ] = None,
    lang: LanguageOption = "zh",
) -> None:
    """重做抽样：由封存的抽样框和公开数值重新抽取，逐户比对。 Redo a published draw and compare it."""
    from minping_engine.cli.verify_draw import print_draw, print_draw_verdict
    from minping_engine.verification import verify_draw

    language = checked_language(lang)
    if log is None and (key or since or opened):
        raise typer.BadParameter("--key, --since, --opened: --log", param_hint="--log")
    older = since.read_bytes() if since else None
    report = verify_draw(
        folder, log, _key_text(key), older, opened=opened, older_name=since.name if since else ""
    )
    print_draw(report, language)
    _print_some(report.problems, language)
    if not report.is_sound:
        raise typer.Exit(1)
    print_draw_verdict(report, language)


def _key_text(key: str) -> str:
    """The key itself, or the first line of the file of that name."""
    from minping_engine.cli.verify_outside import text_of

    return text_of(key).partition("\n")[0]


def _print_report(report: LogReport, language: Language, *, has_records: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, box=None)
    for name, value in _lines(report, language, has_records=has_records):
        table.add_row(Text(name), Text(value, overflow="fold"))
    Console().print(table)


def _lines(report: LogReport, language: Language, *, has_records: bool) -> list[tuple[str, str]]:
    """What the table says."""
    from minping_engine.cli.verify_outside import outside_rows

    none = pick(language, "（无有效签名）", "(no valid signature)")
    lines = [
        (pick(language, "日志", "log"), report.origin),
        (pick(language, "签名的条数", "entries signed"), none if report.size is None else f"{report.size:,}"),
        (pick(language, "签名的根", "root signed"), report.root.hex() or none),
        (pick(language, "重新计算的条目", "entries hashed again"), f"{report.entries:,}"),
        (pick(language, "条目和哈希文件", "files of entries and hashes"), f"{report.files:,}"),
    ]
    lines += [(f"  {kind}", f"{count:,}") for kind, count in report.kinds.items()]
    if report.other_entries:
        lines.append((pick(language, "  其他格式", "  of another format"), f"{report.other_entries:,}"))
    if report.older_size is not None:
        lines.append(
            (pick(language, "与留存检查点衔接", "continues your checkpoint"), f"{report.older_size:,}")
        )
    lines += [(pick(language, zh, en), value) for zh, en, value in outside_rows(report)]
    if has_records:
        lines.append(
            (pick(language, "与条目相符的公开记录", "opened records that fit"), f"{report.opened:,}")
        )
    return lines


def _print_some(problems: Sequence[Problem], language: Language) -> None:
    """The first problems; a broken copy of a large log would fill the screen for minutes."""
    from rich.console import Console

    from minping_engine.cli.problems import print_problems

    print_problems(problems[:MOST_SHOWN], language)
    rest = len(problems) - MOST_SHOWN
    if rest > 0:
        text = pick(language, f"另有 {rest:,} 个问题未列出。", f"{rest:,} more problems are not listed.")
        Console(stderr=True).print(text, highlight=False)


def _print_verdict(language: Language, *, has_older: bool) -> None:
    """What this check shows, and what it cannot show."""
    from rich.console import Console

    passed = pick(
        language,
        "核对通过：公布的内容与签名一致。",
        "Nothing is wrong: what is published is what was signed.",
    )
    alone = pick(
        language,
        "未提供以前的检查点、纸面的根或见证方公钥，因此不能排除历史被改写后重新签名。"
        "请留存本次的 checkpoint 文件，下次用 --since 核对。",
        "Without an older checkpoint, a printed root or the keys of witnesses a rewritten and re-signed "
        "history looks the same. Keep the file `checkpoint` and give it with --since next time.",
    )
    Console().print(passed if has_older else f"{passed}\n{alone}", markup=False, highlight=False)
