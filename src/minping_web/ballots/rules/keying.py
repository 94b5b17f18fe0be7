"""Keying of a paper form: boxes by their place, two keyings compared field by field. Pure.

Paper shows boxes in a row; who keys types the place of the ticked one, 1 for the first. Nothing typed means
no box, two boxes, or not readable. Comments agree when their letters agree: blanks and marks are typed as
each person is used to.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from minping_web.instruments.rules.questionnaire import LONGEST_COMMENT, Given, Questionnaire, read_answers

Keyed = dict[str, str]
"""Field -> value as the resident's own form would send it; what was left out is missing."""
COMMENT = "comment"
_LOOSE = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class KeyField:
    """One group of boxes: its field, the question, (value, words) of its boxes in order."""

    name: str
    text: str
    boxes: tuple[tuple[str, str], ...]

    def words_of(self, value: str) -> str:
        """What a value means; empty for nothing."""
        return next((words for known, words in self.boxes if known == value), "")

    def place_of(self, value: str) -> str:
        """The place of a value's box as it is typed."""
        return next((str(place) for place, (known, _) in enumerate(self.boxes, 1) if known == value), "")


@dataclass(frozen=True)
class Differing:
    """A field that the two keyings read differently."""

    field: KeyField | None
    """None for the comment."""
    first: str
    second: str


def key_fields(questionnaire: Questionnaire, language: str) -> tuple[KeyField, ...]:
    """The groups of boxes in the order of the sheet."""
    items = [
        KeyField(
            item.name, item.text.said(language),
            tuple((str(answer.code), answer.label.said(language)) for answer in item.answers),
        )
        for item in questionnaire.items
    ]  # fmt: skip
    about = [
        KeyField(
            one.name,
            one.text.said(language),
            tuple((str(level), words.said(language)) for level, words in one.levels),
        )
        for one in questionnaire.about
    ]
    return (*items, *about)


def read_keying(fields: Sequence[KeyField], typed: Mapping[str, str]) -> tuple[Keyed, list[str]]:
    """Places become values; names of the fields that name no box."""
    keyed: Keyed = {}
    wrong = []
    for field in fields:
        place = typed.get(field.name, "").strip()
        if not place:
            continue
        if place.isascii() and place.isdigit() and 1 <= int(place[:4]) <= len(field.boxes):
            keyed[field.name] = field.boxes[int(place[:4]) - 1][0]
        else:
            wrong.append(field.name)
    comment = typed.get(COMMENT, "").strip()
    if len(comment) > LONGEST_COMMENT:
        wrong.append(COMMENT)
    elif comment:
        keyed[COMMENT] = comment
    return keyed, wrong


def differing(fields: Sequence[KeyField], first: Keyed, second: Keyed) -> list[Differing]:
    """Where the keyings do not agree, in the order of the sheet."""
    found = [
        Differing(field, first.get(field.name, ""), second.get(field.name, ""))
        for field in fields
        if first.get(field.name) != second.get(field.name)
    ]
    one, other = first.get(COMMENT, ""), second.get(COMMENT, "")
    return found if _letters(one) == _letters(other) else [*found, Differing(None, one, other)]


def wrong_fields(fields: Sequence[KeyField], keyed: Keyed, agreed: Keyed) -> int:
    """How many fields of a keying are not what counts."""
    return len(differing(fields, keyed, agreed))


def given_of(questionnaire: Questionnaire, keyed: Keyed) -> Given | None:
    """What counts as the household's answer; None for a sheet with too few answers."""
    given = read_answers(questionnaire, {name: [value] for name, value in keyed.items()})
    return None if isinstance(given, list) else given


def _letters(text: str) -> str:
    return _LOOSE.sub("", unicodedata.normalize("NFKC", text)).casefold()
