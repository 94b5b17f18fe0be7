"""`minping verify page FILE --publication publication.json`: is this what was published?

In: a saved page or a file, the manifest of the publication; perhaps the folder of the log with its key and
the record that opens the publication's entry. Out: which file it is; exit code 1 if it is none, or if the log
does not hold the manifest.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minping_engine.cli.language import LanguageOption, checked_language, pick

if TYPE_CHECKING:
    from minping_engine.errors import Language
    from minping_engine.verification import PageReport

OptionalPath = Path | None


def page_command(
    file: Annotated[Path, typer.Argument(help="保存的网页或文件 · saved page or file")],
    publication: Annotated[Path, typer.Option("--publication", help="publication.json")],
    log: Annotated[OptionalPath, typer.Option("--log", help="日志文件夹 · folder of the log")] = None,
    key: Annotated[str, typer.Option("--key", help="日志公钥：文件或文本 · public key: file or text")] = "",
    opened: Annotated[OptionalPath, typer.Option("--opened", help="record.jsonl")] = None,
    lang: LanguageOption = "zh",
) -> None:
    """核对公布的网页或文件。 Check a published page or file."""
    from minping_engine.verification import verify_page

    language = checked_language(lang)
    report = verify_page(file.read_bytes(), publication.read_bytes())
    typer.echo(_verdict(report, language))
    is_sealed = True
    if log is not None:
        if opened is None or not key:
            raise typer.BadParameter("--log: --key, --opened", param_hint="--log")
        is_sealed = _sealed(log, key, opened, report.manifest_sha256)
        typer.echo(_verdict_of_log(is_sealed, language))
    if report.path is None or not is_sealed:
        raise typer.Exit(1)


def _sealed(log: Path, key: str, opened: Path, manifest_sha256: str) -> bool:
    """Whether the log is sound, opens these records, and one of them names the manifest."""
    from minping_engine.cli.verify_outside import text_of
    from minping_engine.verification import verify_log

    if not verify_log(log, text_of(key).partition("\n")[0], None, opened=opened).is_sound:
        return False
    lines = (json.loads(line) for line in opened.read_text("utf-8").splitlines() if line.strip())
    return any(line["record"].get("manifest_sha256") == manifest_sha256 for line in lines)


def _verdict(report: PageReport, language: Language) -> str:
    if report.path is None:
        return pick(
            language,
            f"不符：该公布没有这个文件。SHA-256 {report.sha256}",
            f"Wrong: this publication holds no such file. SHA-256 {report.sha256}",
        )
    where = pick(language, "（保存的网页中的公布内容）", " (the published part of a saved page)")
    return pick(language, "属实：", "Genuine: ") + report.path + (where if report.is_page else "")


def _verdict_of_log(is_sealed: bool, language: Language) -> str:
    if is_sealed:
        return pick(language, "日志收录了该公布。", "The log holds the publication.")
    return pick(language, "不符：日志没有收录该公布。", "Wrong: the log does not hold the publication.")
