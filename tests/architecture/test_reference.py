"""Reference pages: made from the code and in step with it; the glossary holds every word."""

from __future__ import annotations

import re
from enum import Enum

import pytest
from pydantic import BaseModel

from minping_engine import terms
from minping_engine.scheme import model as scheme_model
from tests.architecture.source_tree import ROOT
from tools.make_reference import PAGES, out_of_step

GLOSSARY = (ROOT / "docs" / "reference" / "glossary.md").read_text("utf-8")
CLOSED_LISTS = [
    words
    for name in terms.__all__
    if isinstance(words := getattr(terms, name), type) and issubclass(words, Enum)
]
MEMBERS = [word for words in CLOSED_LISTS for word in words]


def _models() -> list[type[BaseModel]]:
    found = [
        thing
        for thing in vars(scheme_model).values()
        if isinstance(thing, type)
        and issubclass(thing, BaseModel)
        and thing.__module__.startswith(scheme_model.__name__)
    ]
    return [model for model in found if model.model_fields and not model.__subclasses__()]


KEYS = sorted({field.alias or name for model in _models() for name, field in model.model_fields.items()})


def _rows() -> list[list[str]]:
    lines = [line for line in GLOSSARY.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_reference_pages_are_in_step_with_the_code() -> None:
    """Mend with `python tools/make_reference.py`."""
    assert out_of_step() == []


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_reference_page_explains_every_row(name: str) -> None:
    """A column, field or code without a meaning would show as an empty last cell."""
    text = (ROOT / "docs" / "reference" / name).read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `") and name != "scheme.md"]
    assert [row for row in rows if row.rstrip().endswith("|  |")] == []


@pytest.mark.parametrize("model", _models(), ids=lambda model: model.__name__)
def test_the_page_of_schemes_lists_every_model_of_the_package(model: type[BaseModel]) -> None:
    assert f"\n### {model.__name__}\n" in PAGES["scheme.md"]()


@pytest.mark.parametrize("word", MEMBERS, ids=lambda word: f"{type(word).__name__}.{word.name}")
def test_the_glossary_has_every_word_of_the_closed_lists_in_both_languages(word: Enum) -> None:
    wanted = {f"`{word.name.lower()}`", terms.label(word), terms.label(word, "en")}
    assert any(wanted <= set(row) for row in _rows()), wanted


@pytest.mark.parametrize("key", KEYS)
def test_the_glossary_has_every_key_of_a_scheme(key: str) -> None:
    assert re.search(rf"^\| `{re.escape(key)}` \|", GLOSSARY, re.MULTILINE)


def test_a_word_has_one_meaning() -> None:
    """The same identifier stands twice only in lists that name what it belongs to."""
    section, seen, twice = "", set(), []
    for line in GLOSSARY.splitlines():
        section = line if line.startswith("## ") else section
        if match := re.match(r"\| `([^`]+)` \|", line):
            entry = (section, match.group(1))
            twice += [entry] if entry in seen else []
            seen.add(entry)
    assert twice == []
