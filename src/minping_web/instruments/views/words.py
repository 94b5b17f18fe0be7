"""Buttons of the editor in words, for the list of edits."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from minping_engine.errors import Place, Problem
from minping_web.common.language import listed
from minping_web.instruments.rules.sheet import INTRO_WORDS

ACTS: dict[str, str | Promise] = {
    "save": gettext_lazy("Texts changed"),
    "add_item": gettext_lazy("Question added"),
    "add_comment": gettext_lazy("Comment added"),
    "drop_comment": gettext_lazy("Comment left out"),
    "standard_fields": gettext_lazy("The fourteen fields put in"),
    "add_field": gettext_lazy("Field added"),
    "add_about": gettext_lazy("Question about the person added"),
    "go_back": gettext_lazy("Gone back to an earlier state"),
}
VERBS: dict[str, str | Promise] = {
    "up": gettext_lazy("moved up"),
    "down": gettext_lazy("moved down"),
    "remove": gettext_lazy("removed"),
    "copy": gettext_lazy("copied"),
    "add_answer": gettext_lazy("answer added"),
    "add_level": gettext_lazy("step added"),
    "scale": gettext_lazy("answers replaced by a ready scale"),
}
PLACES: dict[str, str | Promise] = {
    "title": gettext_lazy("Title"),
    "intro": gettext_lazy("What is told first"),
    "minimum_answered": gettext_lazy("Number of answers"),
    "items": gettext_lazy("Question"),
    "about": gettext_lazy("About the person"),
    "comment": gettext_lazy("Comment"),
    "fields": gettext_lazy("Field"),
    "answers": pgettext_lazy("questionnaire", "answer"),
    "levels": pgettext_lazy("questionnaire", "step"),
}
THINGS: dict[str, str | Promise] = {
    "item": gettext_lazy("Question"),
    "answer": gettext_lazy("Answer of question"),
    "about": gettext_lazy("Question about the person"),
    "level": pgettext_lazy("questionnaire", "Step"),
    "field": gettext_lazy("Field"),
}


def with_places(problems: Iterable[Problem]) -> list[Problem]:
    """Places of the linter as people say them: `items.0.answers.2` -> "Question 1, answer 3"."""
    return [
        Problem(one.code, Place(key=place_words(one.place.key)), one.params, one.severity) for one in problems
    ]


def place_words(key: str) -> str:
    """One place in words; parts of the introduction by their headings."""
    name, *rest = key.split(".")
    if name not in PLACES:
        return ""
    if name == "intro":
        return str(INTRO_WORDS.get(rest[0], PLACES[name])) if rest else str(PLACES[name])
    words: list[str] = [str(PLACES[name])]
    for part in rest:
        if part.isdigit():
            words[-1] = f"{words[-1]} {int(part) + 1}"
        else:
            words.append(str(PLACES.get(part, part)))
    return listed(words)


def edit_words(what: str) -> str:
    """`item:2:up` -> "Question 3: moved up"."""
    if what.partition(":")[0] in ACTS:
        return str(ACTS[what.partition(":")[0]])
    name, *rest = what.split(":")
    verb = next((VERBS[word] for word in rest if word in VERBS), None)
    if name not in THINGS or verb is None:
        return str(ACTS["save"])
    number = int(rest[0]) + 1 if rest[0].isdigit() else 0
    return _("%(thing)s %(number)s: %(verb)s") % {"thing": THINGS[name], "number": number, "verb": verb}
