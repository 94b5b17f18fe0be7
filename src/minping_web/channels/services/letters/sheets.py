"""Single sheets: a poster and a link card for the open link, and the questionnaire on paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Literal

import numpy as np
import segno

from minping_web.channels.services.letters.codes import CodeMaker, codes_of
from minping_web.channels.services.letters.joining import joined
from minping_web.channels.services.letters.making import square
from minping_web.channels.services.letters.press import Press
from minping_web.channels.services.letters.rows import LetterRow

FORMS_TOGETHER = 50


@dataclass(frozen=True)
class LinkCard:
    """What a messenger shows for a link: a title, a line, a square picture of at least 300 pixels."""

    title: str
    summary: str
    url: str
    picture: bytes


@dataclass(frozen=True)
class PaperItem:
    """One question on paper, with its answers in order."""

    number: str
    text: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class PaperQuestionnaire:
    """A questionnaire as plain rows; the apps above read their own content and hand it over."""

    title: str
    lead: str
    items: tuple[PaperItem, ...]
    respondent: tuple[PaperItem, ...] = ()
    comment: str = ""
    back: str = ""
    """Where the sheet is to be returned."""


def make_poster(
    url: str, *, title: str, lead: str, lines: Sequence[str], foot: str, paper: Literal["a3", "a4"] = "a4"
) -> bytes:
    """A poster for the open link as PDF."""
    data = {"title": title, "lead": lead, "lines": list(lines), "foot": foot, "paper": paper, "url": url}
    with Press("poster.typ", [str(data)]) as press:
        return press.pdf(data | _code(url))


def link_card(url: str, *, title: str, summary: str) -> LinkCard:
    """Title, line and picture that messengers such as WeChat take from a page; the picture has no code."""
    with Press("card.typ", [title]) as press:
        return LinkCard(title[:32], summary[:60], url, press.png({"title": title}))


def make_paper_forms(questionnaire: PaperQuestionnaire, rows: Iterable[LetterRow]) -> Iterator[bytes]:
    """One sheet (or more) per household with its own code, as the bytes of one PDF."""
    return joined(_forms(questionnaire, rows))


def _forms(questionnaire: PaperQuestionnaire, rows: Iterable[LetterRow]) -> Iterator[bytes]:
    words = _form_data(questionnaire)
    source, makers = iter(rows), dict[int, CodeMaker]()
    first = list(islice(source, FORMS_TOGETHER))
    if not first:
        return
    with Press("form.typ", [str(words), *(row.place_label for row in first)]) as press:
        for piece in chain([first], iter(lambda: list(islice(source, FORMS_TOGETHER)), [])):
            codes = codes_of([row.url for row in piece], makers)
            sheets = [
                {"serial": row.serial, "place": row.place_label, "code": row.short_code} | square(modules)
                for row, modules in zip(piece, codes, strict=True)
            ]
            yield press.pdf(words | {"sheets": sheets})


def _form_data(questionnaire: PaperQuestionnaire) -> dict[str, Any]:
    def told(item: PaperItem) -> dict[str, Any]:
        return {"number": item.number, "text": item.text, "answers": list(item.answers)}

    return {
        "title": questionnaire.title, "lead": questionnaire.lead, "comment": questionnaire.comment,
        "back": questionnaire.back, "items": [told(item) for item in questionnaire.items],
        "respondent": [told(item) for item in questionnaire.respondent],
    }  # fmt: skip


def _code(url: str) -> dict[str, Any]:
    drawn = segno.make(url, error="q", micro=False)
    return square(np.array([list(row) for row in drawn.matrix], np.uint8))
