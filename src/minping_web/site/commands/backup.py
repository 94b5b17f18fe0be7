"""`minping backup FOLDER`, `minping restore FOLDER`: data and ledger; the keys go another way."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minping_engine.cli import LanguageOption
from minping_web.site.commands.ledger import tell_lost
from minping_web.site.commands.opening import DataOption, Say, opened
from minping_web.site.commands.passphrase import PassphraseOption, passphrase

if TYPE_CHECKING:
    from minping_web.site.backups import Manifest


def backup_command(
    folder: Annotated[Path, typer.Argument(help="新文件夹 · a new folder")],
    keys: Annotated[
        Path | None, typer.Option("--keys", help="密钥另存为加密文件 · keys, sealed, to another place")
    ] = None,
    passphrase_file: PassphraseOption = None,
    data: DataOption = None,
    lang: LanguageOption = "zh",
) -> None:
    """备份数据库和透明日志（运行中也可）。 Back up database and ledger, also while it runs."""
    with opened(lang, data, ready=True) as say:
        from minping_web.site.backups import make_backup

        if keys is not None:
            _seal_keys(say, folder, keys, passphrase_file)
        manifest = make_backup(folder)
        _told(say, manifest)
        say(f"备份完成：{folder}", f"Backed up: {folder}")
        if keys is None:
            say(
                "密钥不在其中。请用 `minping keys export` 另行保存；没有密钥，联系方式无法恢复。",
                "The keys are not in it: save them with `minping keys export`, else no contact can be read.",
            )


def restore_command(
    folder: Annotated[Path, typer.Argument(help="备份文件夹 · folder of the backup")],
    keys: Annotated[
        Path | None, typer.Option("--keys", help="加密的密钥文件 · sealed file of the keys")
    ] = None,
    passphrase_file: PassphraseOption = None,
    data: DataOption = None,
    lang: LanguageOption = "zh",
) -> None:
    """恢复到空的数据库，并接续透明日志。 Restore into an empty target, then recover the ledger."""
    with opened(lang, data) as say:
        from django.conf import settings

        from minping_web.ledger.services import recover
        from minping_web.site.backups import restore_backup
        from minping_web.site.key_files import read_key_file

        if keys is not None:
            read_key_file(keys, settings.KEY_FOLDER, passphrase(say, passphrase_file, twice=False))
        manifest = restore_backup(folder, recover=recover)
        _told(say, manifest)
        tell_lost(say)
        say(
            "恢复完成，行数和校验值与备份一致，透明日志已接续。",
            "Restored; rows and hashes are those of the backup, the ledger is up to date.",
        )


def _seal_keys(say: Say, folder: Path, keys: Path, passphrase_file: Path | None) -> None:
    from django.conf import settings

    from minping_web.common.problems import RefusedError
    from minping_web.site.key_files import write_key_file

    if keys.resolve().is_relative_to(folder.resolve()):
        raise RefusedError.of("site.keys_beside_data")
    write_key_file(settings.KEY_FOLDER, keys, passphrase(say, passphrase_file, twice=True))
    say(f"密钥已加密保存：{keys}", f"Keys sealed: {keys}")


def _told(say: Say, manifest: Manifest) -> None:
    rows, files = sum(manifest.rows.values()), len(manifest.files)
    say(
        f"{manifest.made_at}　{manifest.database}　{len(manifest.rows)} 张表　{rows:,} 行　{files} 个文件",
        f"{manifest.made_at}  {manifest.database}  {len(manifest.rows)} tables  {rows:,} rows  {files} files",
    )
