"""`minping keys` (export, import, rotate): keys to a safe, back from it, and newer ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from minping_engine.cli import LanguageOption
from minping_web.site.commands.opening import DataOption, opened
from minping_web.site.commands.passphrase import PassphraseOption, passphrase

app = typer.Typer(help="密钥：保存、恢复、更换。 Keys: save, put back, rotate.", no_args_is_help=True)


@app.callback()
def keys_group() -> None:
    """密钥：保存、恢复、更换。 Keys: save, put back, rotate."""


@app.command("export")
def export_command(
    file: Annotated[Path, typer.Argument(help="新文件 · a new file")],
    passphrase_file: PassphraseOption = None,
    data: DataOption = None,
    lang: LanguageOption = "zh",
) -> None:
    """把密钥加密保存到一个文件。 Seal the keys into a file; keep it apart from the data."""
    with opened(lang, data, database=False) as say:
        from django.conf import settings

        from minping_web.common.crypto import make_keys
        from minping_web.site.key_files import write_key_file

        make_keys(settings.KEY_FOLDER)
        write_key_file(settings.KEY_FOLDER, file, passphrase(say, passphrase_file, twice=True))
        say(f"密钥已加密保存：{file}", f"Keys sealed: {file}")


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="加密的密钥文件 · sealed file")],
    passphrase_file: PassphraseOption = None,
    data: DataOption = None,
    lang: LanguageOption = "zh",
) -> None:
    """从加密文件放回密钥。 Put the keys back; other keys are never replaced."""
    with opened(lang, data, database=False) as say:
        from django.conf import settings

        from minping_web.site.key_files import read_key_file

        read_key_file(file, settings.KEY_FOLDER, passphrase(say, passphrase_file, twice=False))
        say("密钥已放回。", "The keys are back.")


@app.command("rotate")
def rotate_command(data: DataOption = None, lang: LanguageOption = "zh") -> None:
    """更换加密密钥并重新加密全部联系方式。 Make a newer key and seal every contact again."""
    with opened(lang, data, ready=True) as say:
        from minping_web.frames.services.rotation import rotate_now

        count = rotate_now()
        say(
            f"已用新密钥重新加密 {count} 个值。请重新保存密钥。",
            f"{count} values sealed again. Save the keys anew.",
        )
