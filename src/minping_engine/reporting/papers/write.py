"""Papers as PDF/A-2b: data -> typst -> bytes, equal for equal input.

In: `PaperSpan`, a language, a folder or file. Out: files; the date in them is the last day of the span, for
the engine has no clock. A district whose archive asks for another part of the standard names it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Literal, cast

from minping_engine.errors import InputError, MinpingError, Place, Problem
from minping_engine.reporting.filenames import file_names
from minping_engine.reporting.fonts import font_folders
from minping_engine.reporting.papers.annual_card import AnnualCards
from minping_engine.reporting.papers.code import code_picture
from minping_engine.reporting.papers.model import Paper
from minping_engine.reporting.papers.parts import Desk
from minping_engine.reporting.papers.period_report import period_report
from minping_engine.reporting.papers.span import PaperSpan

TEMPLATE = "sheets.typ"
PDF_A: Literal["a-2b"] = "a-2b"


def write_period_report(span: PaperSpan, path: Path, *, language: str = "zh") -> Paper:
    """Write the report of a year or half-year; the paper that was printed, with its code."""
    paper = period_report(Desk(span, language))
    path.parent.mkdir(parents=True, exist_ok=True)
    with _printer([paper]) as printed:
        path.write_bytes(printed(paper))
    return paper


def write_annual_cards(
    span: PaperSpan, folder: Path, *, language: str = "zh", only: Collection[str] | None = None
) -> tuple[Paper, ...]:
    """Write a card for everybody, or for those named; the papers in order of ids.

    Raises `InputError` where `only` names somebody whom no result knows.
    """
    cards = AnnualCards(Desk(span, language))
    people = cards.people.people
    if unknown := sorted(set(only or ()) - set(people)):
        raise InputError([Problem("reporting.unknown_person", params={"id": who}) for who in unknown])
    papers = tuple(cards.card(who) for who in people if only is None or who in only)
    names = file_names(people)
    folder.mkdir(parents=True, exist_ok=True)
    with _printer(papers) as printed:
        for paper in papers:
            (folder / f"{names[paper.subject]}.pdf").write_bytes(printed(paper))
    return papers


def paper_pdf(paper: Paper) -> bytes:
    """The bytes of one paper."""
    with _printer([paper]) as printed:
        return printed(paper)


@contextmanager
def _printer(papers: Sequence[Paper]) -> Iterator[Callable[[Paper], bytes]]:
    """A compiler with its fonts open, for all papers of a call."""
    import typst

    fonts = font_folders(json.dumps(asdict(paper), ensure_ascii=False) for paper in papers)
    with tempfile.TemporaryDirectory(prefix="minping-papers-") as folder:
        work = Path(folder)
        template = resources.files(__package__) / "templates" / TEMPLATE
        (work / TEMPLATE).write_text(template.read_text("utf-8"), "utf-8")
        opened = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[str(path) for path in fonts.folders],
        )
        compiler = typst.Compiler(input=str(work / TEMPLATE), root=folder, font_paths=opened)

        def printed(paper: Paper) -> bytes:
            data = {**paper.content, "code": paper.code}
            (work / "paper.json").write_text(json.dumps(data, ensure_ascii=False), "utf-8")
            (work / "code.svg").write_text(code_picture(paper.code), "utf-8")
            try:
                return cast(bytes, compiler.compile(pdf_tags=False, pdf_standards=[PDF_A]))
            except RuntimeError as error:
                place = Place(key=paper.subject)
                raise MinpingError.of("reporting.paper_failed", place, reason=str(error)) from error

        yield printed
