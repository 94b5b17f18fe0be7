"""Words of the lab: both languages, every key and closed word of a scheme has a name."""

from __future__ import annotations

import re
import typing
from typing import Any

import pytest
from pydantic import BaseModel

from minping_engine.lab.changes.shown import MILLI_POINTS, speaker_of
from minping_engine.reporting.texts import both_languages
from minping_engine.scheme import Disclosure, model
from minping_engine.scheme.model.words import MilliPoints
from tests.engine.lab.factory import BASE

PARTS = {part for part in vars(model).values() if isinstance(part, type) and issubclass(part, BaseModel)}
FIELDS = sorted((part.__name__, name) for part in PARTS for name in part.model_fields)
NOT_IN_SCHEMES = {"ValueFile", "DatedValue", "DisclosureFile", "Threshold", "Disabled", "Titled"}
"""Parts of other files, and rules that are told by their number (G1)."""


def test_every_word_has_both_languages_with_the_same_parameters() -> None:
    for key, entry in both_languages("lab").items():
        assert set(entry) == {"zh", "en"}, key
        zh, en = (sorted(re.findall(r"{\w+}", entry[language])) for language in ("zh", "en"))
        assert zh == en, key


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_key_of_a_scheme_has_a_name(language: str) -> None:
    words = {key: entry[language] for key, entry in both_languages("lab").items()}
    assert [
        (part, name) for part, name in FIELDS if f"{part}.{name}" not in words and name not in words
    ] == []


def test_every_threshold_has_a_name() -> None:
    assert [name for name in vars(BASE.disclosure) if f"limit_{name}" not in both_languages("lab")] == []
    assert set(vars(BASE.disclosure)) == set(Disclosure.__dataclass_fields__)


def test_points_kept_in_thousandths_are_known() -> None:
    """By the validator that turns points into thousandths."""
    validator = typing.get_args(MilliPoints)[1].func
    kept = {
        (part.__name__, name)
        for part in PARTS
        for name, field in part.model_fields.items()
        if any(getattr(one, "func", None) is validator for one in field.metadata)
    }
    assert kept == MILLI_POINTS


def _words(annotation: Any) -> set[str]:
    if typing.get_origin(annotation) is typing.Literal:
        return {word for word in typing.get_args(annotation) if isinstance(word, str)}
    return set().union(*(_words(part) for part in typing.get_args(annotation) if not isinstance(part, str)))


def test_every_closed_word_is_said_in_chinese() -> None:
    speaker = speaker_of(BASE, "zh")
    raw = [
        (part.__name__, name, word)
        for part in PARTS
        if part.__name__ not in NOT_IN_SCHEMES
        for name, field in part.model_fields.items()
        for word in _words(field.annotation)
        if not re.search(r"[\u4e00-\u9fff]", speaker.value(word, part.__name__, name))
    ]
    assert raw == []
