"""The manual as PDF: the description goes to a typst template as data, nothing of it is markup.

Equal input gives equal bytes: no date is written, and the bundled fonts are used unless a text needs
rarer characters (`reporting/fonts.py`).
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Any

from minping_engine.errors import MinpingError, Place, Problem
from minping_engine.reporting.fonts import font_folders
from minping_engine.reporting.texts import texts
from minping_engine.scheme.describe import Block, Heading, Line, Lines, Manual


def write_manual_pdf(manual: Manual, path: Path) -> tuple[Problem, ...]:
    """Write the PDF; warnings of fonts are given back. Raises `MinpingError` where setting fails."""
    fonts = font_folders(manual.texts)
    with tempfile.TemporaryDirectory(prefix="minping-manual-") as folder:
        work = Path(folder)
        template = resources.files(__package__) / "manual.typ"
        (work / "manual.typ").write_text(template.read_text("utf-8"), "utf-8")
        (work / "manual.json").write_text(json.dumps(_data(manual), ensure_ascii=False), "utf-8")
        path.write_bytes(_printed(work, [str(font) for font in fonts.folders], path.name))
    return fonts.warnings


def _printed(work: Path, fonts: list[str], name: str) -> bytes:
    import typst

    opened = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=fonts)
    try:
        made: bytes = typst.compile(
            str(work / "manual.typ"), root=str(work), font_paths=opened, pdf_tags=False
        )
    except RuntimeError as error:
        raise MinpingError.of("reporting.card_failed", Place(file=name), reason=str(error)) from error
    return made


def _data(manual: Manual) -> dict[str, Any]:
    """The manual as the template reads it."""
    return {
        "language": manual.language,
        "title": manual.title,
        "subtitle": manual.subtitle,
        "notices": manual.notices,
        "head": manual.head,
        "footer": manual.footer,
        "page": texts("manual", manual.language)["page"],
        "chapters": [
            {"title": chapter.title, "blocks": [_block(block) for block in chapter.blocks]}
            for chapter in manual.chapters
        ],
    }


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"kind": "heading", "text": block.text}
    if isinstance(block, Line):
        return {"kind": "line", **asdict(block)}
    return {"kind": "lines" if isinstance(block, Lines) else "table", **asdict(block)}
