"""`minping verify year FOLDER`: a whole year from its files alone, in words or as JSON.

In: the folder that `minping ledger export-year` made, and what the auditor holds. Out: what was checked,
every fault with its file; exit code 1 where something is wrong.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from minping_engine.cli.language import LanguageOption, checked_language, pick

if TYPE_CHECKING:
    from minping_engine.errors import Language, Problem
    from minping_engine.verification import YearReport

MOST_SHOWN = 60
WORDS = {
    "entries": ("日志条目", "entries of the log"),
    "records": ("公开的记录", "opened records"),
    "draws": ("重做的抽样", "draws made again"),
    "units drawn from": ("抽样框单元", "units of their frames"),
    "snapshots": ("快照", "snapshots"),
    "ballots": ("快照中的答卷", "ballots in them"),
    "ballot roots": ("重新计算答卷根的区域", "areas whose ballots' roots were made again"),
    "receipt lists": ("回执名单", "lists of receipts"),
    "receipts": ("回执", "receipts"),
    "schemes": ("考核方案", "schemes"),
    "instruments": ("问卷", "questionnaires"),
    "results": ("结果", "results"),
    "results made again": ("重新计算的结果", "results made again"),
    "publications": ("公布", "publications"),
    "published files": ("公布的文件", "published files"),
    "timestamps": ("时间戳", "timestamps"),
}


def year_command(
    folder: Annotated[Path, typer.Argument(help="年度文件夹 · folder of the year")],
    key: Annotated[str, typer.Option("--key", help="日志公钥：文件或文本 · public key: file or text")] = "",
    since: Annotated[
        Path | None, typer.Option("--since", help="以前留存的检查点 · a checkpoint you kept from before")
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
    authority: Annotated[
        Path | None, typer.Option("--authority", help="时间戳机构根证书 PEM · its root certificates")
    ] = None,
    processes: Annotated[int, typer.Option(help="进程数 · processes", min=1)] = min(2, os.cpu_count() or 1),
    as_json: Annotated[
        Path | None, typer.Option("--json", help="报告另存为 JSON · write the report as JSON")
    ] = None,
    lang: LanguageOption = "zh",
) -> None:
    """核对全年：日志、抽样、快照、规则、结果和公布，只凭文件。 Check a whole year from its files."""
    from minping_engine.cli.verify_outside import outside_proofs, text_of
    from minping_engine.verification import verify_year

    language = checked_language(lang)
    given = witness or quorum is not None or policy or printed or authority
    proofs = outside_proofs(witness or [], quorum, policy, printed, None, None) if given else None
    if proofs is not None and authority is not None:
        from dataclasses import replace

        proofs = replace(proofs, roots=authority.read_bytes())
    report = verify_year(
        folder, text_of(key).partition("\n")[0], older_checkpoint=since.read_bytes() if since else None,
        older_name=since.name if since else "", outside=proofs, processes=processes,
    )  # fmt: skip
    if as_json is not None:
        as_json.write_text(json.dumps(report_json(report), ensure_ascii=False, indent=1) + "\n", "utf-8")
    _print(report, language)
    if not report.is_sound:
        raise typer.Exit(1)


def report_json(report: YearReport) -> dict[str, Any]:
    """The report for programs: texts in both languages, places apart."""
    from minping_engine.errors import render

    return {
        "year": report.year,
        "sound": report.is_sound,
        "origin": report.log.origin if report.log else "",
        "size": report.log.size if report.log else None,
        "root": report.log.root.hex() if report.log else "",
        "key_given": report.key_is_own,
        "cosigned": [one.name for one in report.log.cosigned] if report.log else [],
        "counts": dict(report.counts),
        "problems": [
            {
                "code": one.code, "severity": one.severity.value, "file": one.place.file,
                "row": one.place.row, "column": one.place.column, "key": one.place.key,
                "zh": render(one, "zh").what, "en": render(one, "en").what,
            }
            for one in report.problems
        ],
    }  # fmt: skip


def _print(report: YearReport, language: Language) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, box=None)
    table.add_row(Text(pick(language, "年度", "year")), Text(str(report.year)))
    if report.log is not None:
        from minping_engine.cli.verify_outside import outside_rows

        table.add_row(Text(pick(language, "日志", "log")), Text(report.log.origin, overflow="fold"))
        for zh, en, value in outside_rows(report.log):
            table.add_row(Text(pick(language, zh, en)), Text(value, overflow="fold"))
    for what, (zh, en) in WORDS.items():
        if report.counts.get(what):
            table.add_row(Text(pick(language, zh, en)), Text(f"{report.counts[what]:,}"))
    Console().print(table)
    _print_problems(report.problems, language)
    if report.is_sound:
        Console().print(pick(language, *_verdict(report)), markup=False, highlight=False)


def _print_problems(problems: tuple[Problem, ...], language: Language) -> None:
    from rich.console import Console

    from minping_engine.cli.problems import print_problems

    print_problems(problems[:MOST_SHOWN], language)
    rest = len(problems) - MOST_SHOWN
    if rest > 0:
        text = pick(language, f"另有 {rest:,} 个问题未列出。", f"{rest:,} more problems are not listed.")
        Console(stderr=True).print(text, highlight=False)


def _verdict(report: YearReport) -> tuple[str, str]:
    """What the check shows, and the one thing that it cannot show by itself."""
    zh = "核对通过：抽样重做、结果重新计算，都与日志中封存的一致。"
    en = "Nothing is wrong: draws and results were made again and are what the log sealed."
    if not report.counts.get("results made again"):
        zh = "核对通过：抽样重做，与日志中封存的一致。结果没有提供，因此未重新计算。"
        en = (
            "Nothing is wrong: draws were made again and are what the log sealed. "
            "No results were handed out, so none was made again."
        )
    log = report.log
    if log is None or (not log.cosigned and log.older_size is None and log.printed_size is None):
        zh += "\n没有见证方签名、留存的检查点或纸面的根，因此不能排除全部历史被改写后重新签名。"
        en += (
            "\nWithout witnesses, an older checkpoint or a printed root a wholly rewritten and re-signed "
            "history looks the same."
        )
    return zh, en
