"""What the editor's templates ask: names of fields put together, points as typed, words of the intro."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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


@register.filter
def part_words(key: str) -> str:
    """`item|q1|answers` -> "Question q1 · answers"."""
    name, *rest = key.split("|")
    words = [str(PARTS.get(name, name))]
    if rest:
        words[0] += f" {INTRO_WORDS.get(rest[0], rest[0])}" if name == "intro" else f" {rest[0]}"
    return " · ".join([*words, *(str(PARTS.get(word, word)) for word in rest[1:])])
