"""The printed manual: Word and PDF say the same, on A4, in Chinese fonts; equal schemes, equal bytes."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn

from minping_engine.reporting.manual import scheme_manual, write_manual_docx, write_manual_pdf
from minping_engine.reporting.texts import both_languages
from minping_engine.scheme import load_scheme
from minping_engine.scheme.describe import Chapter, Line, Manual
from minping_engine.scheme.describe.document import Table, texts_of
from minping_engine.snapshot import json_sha256

SCHEMES = ("gulou-worker", "baotaqiao-grid")


@pytest.fixture(scope="module", params=SCHEMES)
def manual(request: pytest.FixtureRequest) -> Manual:
    return scheme_manual(load_scheme(request.param))


@pytest.fixture
def docx(manual: Manual, tmp_path: Path) -> Path:
    write_manual_docx(manual, tmp_path / "manual.docx")
    return tmp_path / "manual.docx"


def _pdf_text(path: Path) -> str:
    done = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, text=True
    )
    return done.stdout


def _together(text: str) -> str:
    """Without what setting adds: spaces, ends of lines, breaks inside long names."""
    return re.sub(r"[\s\u200b]", "", text)


def test_the_manual_names_version_and_fingerprint(manual: Manual) -> None:
    head = dict(manual.head)
    loaded = load_scheme(head["方案编号与版本"].split("@")[0])
    assert head["指纹（sha256）"].replace(" ", "") == json_sha256(loaded.content)


def test_every_worked_example_has_title_reason_and_outcome() -> None:
    """S18: examples belong to the manual, so that officials can work them by hand."""
    chapter = scheme_manual(load_scheme("baotaqiao-grid", demo=True)).chapters[-1]
    told = "\n".join(text for text in _texts(chapter))
    assert "查实一次投诉，当月不超过二档、不发奖（对应 S93、S95）" in told
    assert "甲 95 分本为一档" in told
    (veto,) = re.findall(r"得分：95；等次：二档；否决：(.+?)；奖金：无", told)
    assert veto.startswith("查实投诉")


def test_outcomes_that_rest_on_blanks_wait_until_these_are_filled_in() -> None:
    chapter = scheme_manual(load_scheme("baotaqiao-grid")).chapters[-1]
    told = "\n".join(text for block in chapter.blocks for text in texts_of(block))
    assert "查实一次投诉" in told
    assert "要用到尚未填写的参数" in told
    assert "二档；" not in told


def _texts(chapter: Chapter) -> list[str]:
    rows: list[str] = []
    for block in chapter.blocks:
        if isinstance(block, Table):
            rows += [cell.text for row in block.rows for cell in row]
        elif not isinstance(block, Line):
            rows.append(getattr(block, "text", ""))
        else:
            rows.append(block.text)
    return rows


def test_word_holds_every_text_of_the_manual(manual: Manual, docx: Path) -> None:
    document = Document(str(docx))
    written = [paragraph.text for paragraph in document.paragraphs]
    written += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    printed = _together("".join(written) + document.sections[0].footer.paragraphs[0].text)
    assert [text for text in manual.texts if _together(text) not in printed] == []


def test_word_is_a4_with_chinese_fonts_and_headings(docx: Path) -> None:
    document = Document(str(docx))
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    fonts = {
        name: document.styles[name].element.rPr.rFonts.get(qn("w:eastAsia"))
        for name in ("Normal", "Heading 1")
    }
    assert fonts == {"Normal": "宋体", "Heading 1": "黑体"}
    assert sum(paragraph.style.name == "Heading 1" for paragraph in document.paragraphs) == 8


def test_word_repeats_heads_of_tables_and_numbers_pages(docx: Path) -> None:
    document = Document(str(docx))
    heads = [table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for table in document.tables[1:]]
    assert heads
    assert all(heads)
    fields = document.sections[0].footer._element.findall(f".//{qn('w:fldSimple')}")
    assert [field.get(qn("w:instr")) for field in fields] == ["PAGE", "NUMPAGES"]


def test_the_pdf_holds_every_chapter_and_its_pages_are_numbered(manual: Manual, tmp_path: Path) -> None:
    assert write_manual_pdf(manual, tmp_path / "manual.pdf") == ()
    printed = _together(_pdf_text(tmp_path / "manual.pdf"))
    for chapter in manual.chapters:
        assert _together(chapter.title) in printed
    assert "第2页，共" in printed


def test_equal_schemes_give_equal_bytes(manual: Manual, tmp_path: Path) -> None:
    for name in ("first", "second"):
        write_manual_pdf(manual, tmp_path / f"{name}.pdf")
        write_manual_docx(manual, tmp_path / f"{name}.docx")
    for kind in ("pdf", "docx"):
        assert (tmp_path / f"first.{kind}").read_bytes() == (tmp_path / f"second.{kind}").read_bytes()


def test_text_of_a_scheme_is_never_read_as_markup(tmp_path: Path) -> None:
    odd = "#panic() *star* $x$ <b> \\ @cite"
    manual = Manual("zh", odd, odd, (odd,), ((odd, odd),), (Chapter(odd, (Line(odd, odd),)),), odd)
    write_manual_pdf(manual, tmp_path / "odd.pdf")
    assert _together(_pdf_text(tmp_path / "odd.pdf")).count(_together(odd)) >= 7


def test_every_word_has_both_languages_with_the_same_parameters() -> None:
    for key, entry in both_languages("manual").items():
        zh, en = (sorted(re.findall(r"{\w+}", entry[language])) for language in ("zh", "en"))
        assert zh == en, key
