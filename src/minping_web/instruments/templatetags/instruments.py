"""What the editor's templates ask: names of fields put together, points as typed, words of the intro."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minping_web.instruments.rules.sheet import INTRO_WORDS

register = template.Library()


@register.filter
def joined(first: object, second: object) -> str:
    """Both beside each other as text: `"item-"|joined:3` is `item-3`."""
    return f"{first}{second}"


@register.filter
def typed(points: object) -> str:
    """Points as somebody would type them, whatever the language of the page; nothing where there are none."""
    return "" if points is None else str(points)


@register.filter
def intro_word(key: str) -> str | Promise:
    """The heading of one of the four texts."""
    return INTRO_WORDS.get(key, key)


PARTS: dict[str, str | Promise] = {
    "title": _("Title"),
    "intro": _("What is told first"),
    "minimum_answered": _("Questions that must be answered at least"),
    "item": _("Question"),
    "about": _("About the person"),
    "comment": _("Comment"),
    "field": _("Field"),
    "text": _("words"),
    "short": _("short name"),
    "kind": _("kind"),
    "reversed": _("direction"),
    "place": _("place in the order"),
    "answers": _("answers"),
}


VARIABLES: dict[str, str | Promise] = {
    "age_band": pgettext_lazy("about the person", "Age"),
    "sex": pgettext_lazy("about the person", "Sex"),
    "tenure": pgettext_lazy("about the person", "Home owned or rented"),
}
CLOSED: dict[tuple[str, str], str | Promise] = {
    ("kind", "scale"): _("how satisfied"),
    ("kind", "behaviour"): _("what happened"),
    ("reversed", "reversed"): _("worded the other way round"),
}
"""Words of the file that people read otherwise: (last part of the key, word)."""


@register.filter
def variable_word(variable: str) -> str | Promise:
    """`age_band` -> "Age"; a variable of the district's own as it is called."""
    return VARIABLES.get(variable, variable)


@register.filter
def said_of(text: str, key: str) -> str | Promise:
    """One side of a difference; closed words of the file in those of people."""
    return CLOSED.get((key.rpartition("|")[2], text), text)


@register.filter
def part_words(key: str) -> str:
    """`item|q1|answers` -> "Question q1 · answers"."""
    name, *rest = key.split("|")
    words = [str(PARTS.get(name, name))]
    if rest:
        names = {"intro": INTRO_WORDS, "about": VARIABLES}.get(name, {})
        words[0] += f" {names.get(rest[0], rest[0])}"
    return " · ".join([*words, *(str(PARTS.get(word, word)) for word in rest[1:])])
