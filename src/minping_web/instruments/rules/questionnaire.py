"""One reading of a questionnaire's content and of what somebody answered; page, cast and closing share it.

Content is JSON as an `InstrumentVersion` keeps it:

    {"id": "gulou-worker", "version": "1", "title": {"zh": "…", "en": "…"},
     "intro": {"who": {…}, "why": {…}, "what_happens": {…}, "object": {…}},
     "minimum_answered": 4,
     "items": [{"id": "q1", "kind": "scale", "text": {…}, "short": {…},
                "answers": [{"code": 5, "label": {…}, "points": 20}], "reversed": false}],
     "respondent": [{"variable": "age_band", "text": {…}, "levels": [{"level": 0, "label": {…}}]}],
     "comment": {"text": {…}, "fields": [{"code": "property", "label": {…}}]}}

Every text is a pair zh, en. Levels of a respondent question are the levels of a cell variable of the
snapshot. Names of form fields: `item_<id>`, `about_<variable>`, `comment`, `field` (several), `help`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LONGEST_COMMENT = 500
"""Characters; so that every ballot fits the one length that is sealed (`ballots.rules.sealing`)."""
HELP_LEVELS = ("alone", "helped", "proxy")
"""Filled in alone, with help, or by somebody else for the household; level = place in this list."""
HELP_VARIABLE = "help"


@dataclass(frozen=True)
class Words:
    """A text in both languages."""

    zh: str
    en: str = ""

    def said(self, language: str) -> str:
        """In this language (`zh-hans` or `en`); the Chinese text where English is missing."""
        return self.en if language.startswith("en") and self.en else self.zh


@dataclass(frozen=True)
class Answer:
    """One answer of an item: its code in the snapshot, what is read, its points where it has some."""

    code: int
    label: Words
    points: float | None = None


@dataclass(frozen=True)
class Item:
    """One question that is scored: a radio group."""

    id: str
    kind: str
    text: Words
    answers: tuple[Answer, ...]
    reversed: bool = False
    short: Words = Words("")

    @property
    def name(self) -> str:
        """Name of its form field."""
        return f"item_{self.id}"

    @property
    def codes(self) -> frozenset[int]:
        """Codes that may be answered."""
        return frozenset(answer.code for answer in self.answers)


@dataclass(frozen=True)
class About:
    """A question about who answers; its levels are those of a cell variable. Optional for the resident."""

    variable: str
    text: Words
    levels: tuple[tuple[int, Words], ...]

    @property
    def name(self) -> str:
        """Name of its form field."""
        return f"about_{self.variable}"


@dataclass(frozen=True)
class Comment:
    """The free opinion with its fields (S25)."""

    text: Words
    fields: tuple[tuple[str, Words], ...] = ()


@dataclass(frozen=True)
class Questionnaire:
    """A questionnaire as everything reads it."""

    id: str
    version: str
    title: Words
    items: tuple[Item, ...]
    about: tuple[About, ...] = ()
    comment: Comment | None = None
    intro: Mapping[str, Words] = field(default_factory=dict)
    minimum_answered: int = 0

    @property
    def key(self) -> str:
        """`ID@VERSION`, as snapshots name it."""
        return f"{self.id}@{self.version}"


@dataclass(frozen=True)
class Given:
    """What somebody answered, checked against the questionnaire; None = left out."""

    items: Mapping[str, int | None]
    about: Mapping[str, int]
    help: int = 0
    comment: str = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fault:
    """Why answers cannot be taken: the form field and a code (`missing`, `unknown`, `too_long`)."""

    name: str
    code: str


def questionnaire_of(content: Mapping[str, Any]) -> Questionnaire:
    """Read content; KeyError and ValueError mean that it was never checked."""
    items = tuple(_item(row) for row in content["items"])
    comment = content.get("comment")
    return Questionnaire(
        id=content["id"],
        version=str(content["version"]),
        title=_words(content["title"]),
        items=items,
        about=tuple(_about(row) for row in content.get("respondent", ())),
        comment=_comment(comment) if comment else None,
        intro={name: _words(text) for name, text in content.get("intro", {}).items()},
        minimum_answered=int(content.get("minimum_answered") or len(items)),
    )


def read_answers(questionnaire: Questionnaire, data: Mapping[str, Sequence[str]]) -> Given | list[Fault]:
    """Check a form (field -> values) against the questionnaire; all faults at once."""
    faults: list[Fault] = []
    items = {item.id: _code(item.name, data, item.codes, faults) for item in questionnaire.items}
    answered = sum(code is not None for code in items.values())
    if answered < questionnaire.minimum_answered:
        wrong = {fault.name for fault in faults}
        missing = (item.name for item in questionnaire.items if items[item.id] is None)
        faults += [Fault(name, "missing") for name in missing if name not in wrong]
    about = {one.variable: _code(one.name, data, {level for level, _ in one.levels}, faults)
             for one in questionnaire.about}  # fmt: skip
    help_level = _code("help", data, set(range(len(HELP_LEVELS))), faults)
    comment, fields = _opinion(questionnaire, data, faults)
    if faults:
        return faults
    known = {variable: level for variable, level in about.items() if level is not None}
    return Given(items, known, help_level or 0, comment, fields)


def check_given(questionnaire: Questionnaire, given: Given) -> bool:
    """Whether answers that were read back fit the questionnaire: what closing asks of every ballot."""
    codes = {item.id: item.codes for item in questionnaire.items}
    levels = {one.variable: {level for level, _ in one.levels} for one in questionnaire.about}
    allowed = {code for code, _ in questionnaire.comment.fields} if questionnaire.comment else set()
    return (
        given.items.keys() == codes.keys()
        and all(code is None or code in codes[name] for name, code in given.items.items())
        and sum(code is not None for code in given.items.values()) >= questionnaire.minimum_answered
        and all(level in levels.get(name, ()) for name, level in given.about.items())
        and 0 <= given.help < len(HELP_LEVELS)
        and len(given.comment) <= LONGEST_COMMENT
        and set(given.fields) <= allowed
    )


def _code(
    name: str, data: Mapping[str, Sequence[str]], allowed: frozenset[int] | set[int], faults: list[Fault]
) -> int | None:
    told = [value for value in data.get(name, ()) if value]
    if not told:
        return None
    if len(told) == 1 and told[0].isascii() and told[0].isdigit() and int(told[0][:6]) in allowed:
        return int(told[0][:6])
    faults.append(Fault(name, "unknown"))
    return None


def _opinion(
    questionnaire: Questionnaire, data: Mapping[str, Sequence[str]], faults: list[Fault]
) -> tuple[str, tuple[str, ...]]:
    if questionnaire.comment is None:
        return "", ()
    text = "\n".join(data.get("comment", ())).replace("\r\n", "\n").replace("\0", "").strip()
    if len(text) > LONGEST_COMMENT:
        faults.append(Fault("comment", "too_long"))
    allowed = [code for code, _ in questionnaire.comment.fields]
    told = set(data.get("field", ()))
    if told - set(allowed):
        faults.append(Fault("field", "unknown"))
    return text, tuple(code for code in allowed if code in told)


def _words(value: Mapping[str, str] | str) -> Words:
    return Words(value) if isinstance(value, str) else Words(value["zh"], value.get("en", ""))


def _item(row: Mapping[str, Any]) -> Item:
    answers = tuple(Answer(int(a["code"]), _words(a["label"]), a.get("points")) for a in row["answers"])
    return Item(
        row["id"], row["kind"], _words(row["text"]), answers,
        bool(row.get("reversed")), _words(row.get("short", "")),
    )  # fmt: skip


def _about(row: Mapping[str, Any]) -> About:
    levels = tuple((int(one["level"]), _words(one["label"])) for one in row["levels"])
    return About(row["variable"], _words(row["text"]), levels)


def _comment(row: Mapping[str, Any]) -> Comment:
    fields = tuple((one["code"], _words(one["label"])) for one in row.get("fields", ()))
    return Comment(_words(row["text"]), fields)
