"""Is this paper ours? The papers are made anew from the results and compared, by code and byte by byte.

In: results (`PaperSpan`), a code or the file itself. Out: `CheckedPaper`, or None if no paper has the code.
A file is the same only if all its bytes are: the code inside a PDF proves nothing, for whoever changes a
figure leaves it there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from minping_engine.reporting.papers.annual_card import AnnualCards
from minping_engine.reporting.papers.code import SIGNS, read_code
from minping_engine.reporting.papers.model import Figures, Paper
from minping_engine.reporting.papers.parts import Desk
from minping_engine.reporting.papers.period_report import period_report
from minping_engine.reporting.papers.span import PaperSpan
from minping_engine.reporting.papers.write import paper_pdf

_IN_FILE = re.compile(rb"MINPING ([%s-]{19})" % SIGNS.encode())
LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class CheckedPaper:
    """A paper that has the code. `same_bytes` is None where only a code was given."""

    paper: Paper
    same_bytes: bool | None

    @property
    def says(self) -> tuple[tuple[str, str], ...]:
        """What the genuine paper says, for comparing with the one in hand."""
        paper = self.paper
        figures = [block for block in paper.blocks if isinstance(block, Figures)]
        large = [
            (label, f"{value} {note}".strip()) for block in figures for label, value, note in block.items
        ]
        return ((paper.title, paper.subtitle), *paper.head, *large)


def find_paper(span: PaperSpan, given: str | bytes) -> CheckedPaper | None:
    """The paper of these results that has the code, or whose file this is."""
    code = read_code(given) if isinstance(given, str) else code_in_file(given)
    found = next((paper for paper in _papers(span) if paper.code == code), None) if code else None
    if found is None:
        return None
    return CheckedPaper(found, None if isinstance(given, str) else paper_pdf(found) == given)


def code_in_file(content: bytes) -> str | None:
    """The code that a PDF claims in its description."""
    found = _IN_FILE.search(content)
    return read_code(found.group(1).decode()) if found else None


def _papers(span: PaperSpan) -> Iterator[Paper]:
    """All papers of these results, reports first."""
    for language in LANGUAGES:
        yield period_report(Desk(span, language))
    for language in LANGUAGES:
        cards = AnnualCards(Desk(span, language))
        yield from map(cards.card, cards.people.people)
