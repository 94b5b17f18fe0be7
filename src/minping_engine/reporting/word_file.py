"""Parts that Word files share: fonts by name, page numbers, rows of tables, files without a time.

In: objects of python-docx. Out: the same with what that library has no words for. Used by the manual of a
scheme and the report of a place.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

LATIN = "Times New Roman"


def timeless(made: BytesIO) -> bytes:
    """The same file without the time of writing that every zip entry holds."""
    packed = BytesIO()
    with ZipFile(made) as source, ZipFile(packed, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = ZipInfo(name)  # first day that zip can write
            entry.compress_type = ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return packed.getvalue()


def set_font(style: Any, chinese: str, size: float) -> None:
    """The font of a style; without `eastAsia` Word takes another one for Chinese."""
    style.font.name, style.font.size = LATIN, Pt(size)
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), chinese)


def field(paragraph: Any, name: str) -> None:
    """A number that Word fills in."""
    made = OxmlElement("w:fldSimple")
    made.set(qn("w:instr"), name)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    made.append(run)
    paragraph._p.append(made)


def repeat_head(row: Any) -> None:
    """The head stands on every page that the table reaches."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def keep_whole(row: Any) -> None:
    """No row is torn between two pages."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
