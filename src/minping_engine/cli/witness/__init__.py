"""`minping witness`: a body other than the operator signs a log that continues what it signed before.

`init` makes key and memory, `serve` answers logs over HTTP, `sign` answers a request that came as a file,
`request` makes such a file from a log's folder, `show` tells what was signed. How a body runs it:
docs/how-to/run-a-witness.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minping_engine.cli.language import LanguageOption, checked_language, pick

if TYPE_CHECKING:
    from minping_engine.witness import Answer

app = typer.Typer(
    name="witness",
    help="见证透明日志。 Witness transparency logs.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
FolderOption = Annotated[Path, typer.Option("--dir", help="见证程序的文件夹 · folder of the witness")]
HERE = Path("witness")


@app.callback()
def witness_group() -> None:
    """见证透明日志。 Witness transparency logs."""


@app.command("init")
def init_command(
    name: Annotated[
        str, typer.Option("--name", help="名称，如 jiwei.example.cn/witness · name, as an address")
    ],
    log: Annotated[
        list[str] | None, typer.Option("--log", help="日志公钥：文件或文本 · public key of a log")
    ] = None,
    folder: FolderOption = HERE,
    lang: LanguageOption = "zh",
) -> None:
    """建立：新密钥、空的记录、日志名单。 Make a new key, an empty memory, the list of logs."""
    from minping_engine.cli.verify_outside import text_of
    from minping_engine.cli.witness.folder import make_folder

    language = checked_language(lang)
    keys = [text_of(one).partition("\n")[0] for one in log or []]
    verifier = make_folder(folder, name, keys)
    typer.echo(pick(language, "公钥，请公告：", "Public key, to be announced:"))
    typer.echo(verifier)
    typer.echo(
        pick(
            language,
            f"日志名单在 {folder / 'witness.yaml'}。请备份 witness-key；不要从备份恢复 memory.sqlite3。",
            f"The logs stand in {folder / 'witness.yaml'}. Back up witness-key; never bring memory.sqlite3 "
            "back from a backup.",
        )
    )


@app.command("serve")
def serve_command(
    listen: Annotated[str, typer.Option("--listen", help="监听 主机:端口 · HOST:PORT")] = "127.0.0.1:8420",
    folder: FolderOption = HERE,
    lang: LanguageOption = "zh",
) -> None:
    """通过 HTTP 答复日志（C2SP tlog-witness）。 Answer logs over HTTP."""
    from minping_engine.cli.witness.folder import open_witness
    from minping_engine.cli.witness.serving import address_of, serve

    language = checked_language(lang)
    witness = open_witness(folder)
    typer.echo(str(witness.key.verifier))
    head = pick(language, "Ctrl-C 停止。监听", "Ctrl-C stops. Listening on")
    serve(witness, address_of(listen), typer.echo, head=head)


@app.command("sign")
def sign_command(
    request: Annotated[Path, typer.Argument(help="请求文件 · request, a file")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="签名文件 · where to write the line")
    ] = None,
    folder: FolderOption = HERE,
    lang: LanguageOption = "zh",
) -> None:
    """对文件形式的请求签名（离线、U 盘）。 Answer a request that came as a file, offline."""
    from minping_engine.cli.witness.folder import open_witness, write_file

    language = checked_language(lang)
    answer = open_witness(folder).add_checkpoint(_bounded(request))
    target = out or request.with_name(f"{request.name}.cosignature")
    if answer.problem is not None:
        _print_refusal(answer, request.name, lang)
        raise typer.Exit(1)
    write_file(target, answer.body)
    typer.echo(answer.body.decode(), nl=False)
    typer.echo(
        pick(language, f"已写入 {target}，请交回日志运行单位。", f"Written to {target}: give it back.")
    )


@app.command("request")
def request_command(
    log: Annotated[Path, typer.Argument(help="日志文件夹 · folder of a log")],
    old: Annotated[
        int,
        typer.Option("--old", help="见证方上次签到的条数 · entries that the witness cosigned last", min=0),
    ] = 0,
    out: Annotated[Path, typer.Option("-o", "--out", help="请求文件 · where to write it")] = Path("request"),
    lang: LanguageOption = "zh",
) -> None:
    """由公布的日志生成请求文件。 Make a request from a published log; anybody can."""
    from minping_engine.cli.witness.folder import write_file
    from minping_engine.errors import IntegrityError, Place
    from minping_engine.proof import CHECKPOINT_PATH, FolderStore
    from minping_engine.witness import request_from_tiles

    language, store = checked_language(lang), FolderStore(log)
    content = store.read(CHECKPOINT_PATH)
    if content is None:
        raise IntegrityError.of("ledger.no_checkpoint", Place(file=str(log / CHECKPOINT_PATH)))
    made = request_from_tiles(store, content, old)
    write_file(out, bytes(made))
    size = made.checkpoint.size
    typer.echo(
        pick(language, f"已写入 {out}：{old} → {size} 条。", f"Written to {out}: {old} to {size} entries.")
    )


@app.command("show")
def show_command(
    evidence: Annotated[
        Path | None,
        typer.Option("--evidence", help="导出相互矛盾的检查点 · write contradicting checkpoints to"),
    ] = None,
    folder: FolderOption = HERE,
    lang: LanguageOption = "zh",
) -> None:
    """公钥、监看的日志、上次签名、矛盾的检查点。 Key, logs, what was signed last, what contradicts it."""
    from minping_engine.cli.witness.folder import open_witness
    from minping_engine.cli.witness.showing import print_witness, write_evidence

    language = checked_language(lang)
    witness = open_witness(folder)
    print_witness(witness, language)
    if evidence is not None:
        write_evidence(witness, evidence)


def _bounded(file: Path) -> bytes:
    """A file as far as a request may be long; what is longer is refused as malformed."""
    from minping_engine.cli.witness.serving import LONGEST_BODY

    with file.open("rb") as opened:
        return opened.read(LONGEST_BODY + 1)


def _print_refusal(answer: Answer, file: str, lang: str) -> None:
    from dataclasses import replace

    from minping_engine.cli.problems import print_problems
    from minping_engine.errors import Place

    if answer.problem is not None:
        print_problems([replace(answer.problem, place=Place(file=file))], checked_language(lang))
