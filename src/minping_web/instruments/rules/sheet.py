"""A questionnaire as the one template shows it: rows with names, ids, labels, what is ticked, what is wrong.

In: `Questionnaire`, what was sent (field -> values, or nothing), faults, a language. Out: `Sheet`. The
resident's page, the preview of the editor and the printed copy all go through here, so that what an
official approves is what a resident sees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from minping_web.instruments.rules.questionnaire import (
    HELP_LEVELS,
    LONGEST_COMMENT,
    About,
    Comment,
    Fault,
    Item,
    Questionnaire,
    Words,
)

Sent = Mapping[str, Sequence[str]]
FAULT_WORDS: dict[str, str | Promise] = {
    "missing": _("Please choose one answer."),
    "unknown": _("Please choose one of the answers that are shown."),
    "too_long": _("Please shorten your text."),
}
HELP_WORDS: dict[str, str | Promise] = {
    "alone": _("I fill it in myself"),
    "helped": _("Somebody helps me; the answers are mine"),
    "proxy": _("I fill it in for another person of the household"),
}
INTRO_WORDS: dict[str, str | Promise] = {
    "who": _("Who asks"),
    "why": _("Why"),
    "what_happens": _("What happens with your answers"),
    "object": _("How to object"),
}
"""The four things that everybody is told before answering, in the order in which they are told."""


@dataclass(frozen=True)
class Option:
    """One radio button or tick box."""

    value: str
    id: str
    label: str | Promise
    ticked: bool


@dataclass(frozen=True)
class Row:
    """One group of answers. `place` is its number among the scored questions; 0 = not scored."""

    name: str
    text: str | Promise
    options: tuple[Option, ...]
    problem: str | Promise = ""
    place: int = 0

    @property
    def first_id(self) -> str:
        """Where a link to the problem leads."""
        return self.options[0].id if self.options else self.name


@dataclass(frozen=True)
class CommentRow:
    """The free text with its fields."""

    text: str
    value: str
    fields: tuple[Option, ...]
    problem: str | Promise
    longest: int = LONGEST_COMMENT


@dataclass(frozen=True)
class Sheet:
    """Everything that is shown, in order."""

    language: str
    title: str
    intro: tuple[tuple[str, str | Promise, str], ...]
    """(key, heading, text) of what is told first."""
    items: tuple[Row, ...]
    about: tuple[Row, ...]
    help: Row
    comment: CommentRow | None
    wanted: int
    """How many of the items must be answered."""

    @property
    def wrong(self) -> list[tuple[str, str | Promise, str | Promise]]:
        """(id to jump to, what is asked, what is wrong) of every fault."""
        rows = (*self.items, *self.about, self.help)
        found = [(row.first_id, row.text, row.problem) for row in rows if row.problem]
        if self.comment and self.comment.problem:
            found.append(("comment", self.comment.text, self.comment.problem))
        return found

    @property
    def all_wanted(self) -> bool:
        """Whether no item may be left out."""
        return self.wanted >= len(self.items)


def sheet_of(
    questionnaire: Questionnaire, sent: Sent | None = None, *, faults: Iterable[Fault] = (), language: str
) -> Sheet:
    """What the template shows."""
    told, wrong = sent or {}, {fault.name: FAULT_WORDS[fault.code] for fault in faults}

    def said(words: Words) -> str:
        return words.said(language)

    return Sheet(
        language="en" if language.startswith("en") else "zh-Hans",
        title=said(questionnaire.title),
        intro=tuple(
            (key, heading, said(questionnaire.intro[key]))
            for key, heading in INTRO_WORDS.items()
            if key in questionnaire.intro and said(questionnaire.intro[key])
        ),
        items=tuple(
            _item(item, place, told, wrong, language)
            for place, item in enumerate(questionnaire.items, start=1)
        ),
        about=tuple(_about(one, told, wrong, language) for one in questionnaire.about),
        help=_help(told, wrong),
        comment=_comment(questionnaire.comment, told, wrong, language),
        wanted=questionnaire.minimum_answered,
    )


Wrong = Mapping[str, "str | Promise"]


def _item(item: Item, place: int, told: Sent, wrong: Wrong, language: str) -> Row:
    options = _options(item.name, [(str(one.code), one.label.said(language)) for one in item.answers], told)
    return Row(item.name, item.text.said(language), options, wrong.get(item.name, ""), place)


def _about(one: About, told: Sent, wrong: Wrong, language: str) -> Row:
    """With a way to say nothing: a radio button that was chosen cannot be taken back without a script."""
    levels: list[tuple[str, str | Promise]] = [
        (str(level), label.said(language)) for level, label in one.levels
    ]
    options = _options(one.name, [*levels, ("", _("I prefer not to say"))], told)
    return Row(one.name, one.text.said(language), options, wrong.get(one.name, ""))


def _help(told: Sent, wrong: Wrong) -> Row:
    levels = [(str(level), HELP_WORDS[name]) for level, name in enumerate(HELP_LEVELS)]
    return Row("help", _("Who fills this in?"), _options("help", levels, told), wrong.get("help", ""))


def _comment(comment: Comment | None, told: Sent, wrong: Wrong, language: str) -> CommentRow | None:
    if comment is None:
        return None
    fields = [(code, label.said(language)) for code, label in comment.fields]
    return CommentRow(
        comment.text.said(language),
        "\n".join(told.get("comment", ())),
        _options("field", fields, told),
        wrong.get("comment", "") or wrong.get("field", ""),
    )


def _options(name: str, pairs: Sequence[tuple[str, str | Promise]], told: Sent) -> tuple[Option, ...]:
    chosen = set(told.get(name, ()))
    return tuple(Option(value, f"{name}-{value or 'none'}", label, value in chosen) for value, label in pairs)
