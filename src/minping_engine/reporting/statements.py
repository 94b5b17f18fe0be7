"""One fixed sentence for every state and every interval, in words a resident understands.

In: a member of a closed list, or the name of an interval, and its numbers as text. Out: the sentence
of `texts/statements.yaml`, the same on card, workbook and bulletin. Explained with pictures in
docs/how-to/what-a-score-says.md. Leaves what may be shown to the callers.
"""

from __future__ import annotations

from enum import Enum

from minping_engine.reporting.numbers import rounded
from minping_engine.reporting.texts import both_languages

LIKELY = ((95, "chance_sure"), (80, "chance_likely"), (60, "chance_fair"))
"""Least percent of a chance, and how it is put into words; below them it is open."""


def statement(word: Enum | str, language: str, **numbers: object) -> str:
    """The sentence of a state or interval, filled with `numbers`."""
    return both_languages("statements")[statement_key(word)][language].format(**numbers)


def statement_key(word: Enum | str) -> str:
    """Key in `statements.yaml`: `List.member` of a state, else the name itself."""
    # Members of a StrEnum are str as well: the enum is asked first.
    return f"{type(word).__name__}.{word.name.lower()}" if isinstance(word, Enum) else word


def chance_text(chance: float, language: str) -> str:
    """A chance (0-1) as a whole percentage; never 0% and never 100%, which nobody can promise."""
    if chance < 0.01:
        return statement("chance_least", language)
    if chance > 0.99:
        return statement("chance_most", language)
    return f"{rounded(chance * 100, 0)}%"


def likely_text(chance: float, language: str) -> str:
    """A chance (0-1) in a word or two; judged as it is printed, in whole percent."""
    percent = int(rounded(chance * 100, 0))
    return statement(next((key for least, key in LIKELY if percent >= least), "chance_open"), language)
