"""Fonts for printing: the bundled subset, and the machine's own for rarer characters.

In: the texts that will be printed. Out: `FontFolders` for the compiler. The bundled subset of
Noto Sans SC covers what GBK can write; only if a text needs more, the machine's Noto CJK is
added (slower to open, and then the bytes of a card depend on it). `MINPING_FONTS` names a folder
of a district's own. Made by `tools/make_fonts.py`; OFL text and hashes lie beside the fonts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from minping_engine.errors import Place, Problem, SetupError, Severity

BUNDLED = Path(__file__).resolve().parent / "fonts"
SETTING = "MINPING_FONTS"
SYSTEM = (
    Path("/usr/share/fonts/opentype/noto"),
    Path("/usr/share/fonts/noto-cjk"),
    Path("/usr/share/fonts/google-noto-cjk"),
)
"""Where Debian, Arch and Fedora keep Noto CJK."""


@dataclass(frozen=True)
class FontFolders:
    """Folders to open, and what to warn of."""

    folders: tuple[Path, ...]
    warnings: tuple[Problem, ...] = ()


def font_folders(printed: Iterable[str]) -> FontFolders:
    """Folders that can set `printed`. Raises `SetupError` if the bundled fonts are missing."""
    _require_bundled()
    rare = rare_characters(printed)
    if not rare:
        return FontFolders((BUNDLED,))
    setting = os.environ.get(SETTING)
    candidates = [Path(setting)] if setting else list(SYSTEM)
    found = next((folder for folder in candidates if folder.is_dir()), None)
    if found is None:
        problem = Problem("reporting.rare_characters", params={"count": len(rare)}, severity=Severity.WARNING)
        return FontFolders((BUNDLED,), (problem,))
    return FontFolders((BUNDLED, found))


def rare_characters(printed: Iterable[str]) -> frozenset[str]:
    """Characters that the bundled fonts lack."""
    letters: set[str] = set()
    for text in printed:
        letters.update(text)
    return frozenset(letter for letter in letters if not is_bundled(letter))


@cache
def is_bundled(letter: str) -> bool:
    """Whether the bundled fonts have the character."""
    code = ord(letter)
    if code < 0x20 or 0x20 <= code < 0x7F or 0xA0 <= code < 0x100 or letter in manifest()["extra"]:
        return True
    try:
        return len(letter.encode("gbk")) == 2
    except UnicodeEncodeError:
        return False


@cache
def manifest() -> dict[str, Any]:
    """What the bundled fonts are: family, files, hashes, signs beyond GBK."""
    content: dict[str, Any] = json.loads((BUNDLED / "manifest.json").read_text("utf-8"))
    return content


def _require_bundled() -> None:
    names = [str(font["file"]) for font in manifest()["fonts"]] if BUNDLED.is_dir() else ["manifest.json"]
    missing = [name for name in names if not (BUNDLED / name).is_file()]
    if missing:
        raise SetupError([Problem("reporting.font_missing", Place(file=name)) for name in missing])
