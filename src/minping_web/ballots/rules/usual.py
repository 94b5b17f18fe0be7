"""What is said where a questionnaire says nothing: who asks, why, what happens, how to object; the fields.

The texts are those that the editor offers, so that no resident is asked without having been told.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from minping_web.instruments.rules import presets
from minping_web.instruments.rules.questionnaire import Questionnaire, Words


@cache
def usual_intro() -> dict[str, Words]:
    """The four texts by key."""
    return {key: Words(text["zh"], text["en"]) for key, text in presets.intro().items()}


@cache
def fields() -> tuple[tuple[str, Words], ...]:
    """Code and name of the fourteen fields in which something may be amiss (S25)."""
    return tuple(
        (one["code"], Words(one["label"]["zh"], one["label"]["en"])) for one in presets.comment()["fields"]
    )


def field_name(code: str, language: str) -> str:
    """A field in words; its code where it is none of ours any more."""
    return next((words.said(language) for known, words in fields() if known == code), code)


def told(questionnaire: Questionnaire) -> Questionnaire:
    """The questionnaire with every text of its beginning; its own come before the usual ones."""
    own = {key: words for key, words in questionnaire.intro.items() if words.zh.strip()}
    return replace(questionnaire, intro=usual_intro() | own)
