"""Problem codes and their texts: every code used has texts in two languages, every text is used."""

from __future__ import annotations

import ast
import re
from functools import cache
from string import Formatter

import pytest

from minping_engine.errors import catalogue as catalogue_of_engine
from minping_web.access.rules import PERMISSIONS_OF
from minping_web.common.problems import texts as catalogue_of_product
from tests.architecture.source_tree import modules, relative, tree_of


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """The engine's and the product's texts; no code may stand in both."""
    engine, product = catalogue_of_engine(), catalogue_of_product()
    assert engine.keys() & product.keys() == set()
    return {**engine, **product}


CODES = sorted(catalogue())
STEPS = {code.split(".")[0] for code in CODES}
CODE = re.compile(rf"(?:{'|'.join(STEPS)})\.[a-z0-9_]+")
LANGUAGES = ("en", "zh")
FIELDS = ("en", "zh", "mend_en", "mend_zh")
NAMERS = {"Problem", "of", "add", "warn", "CellError"}
"""Calls whose first argument names a code."""
FILE_ENDINGS = (".yaml", ".json", ".parquet", ".xlsx")
"""`snapshot.json` is a file."""
OTHER_NAMES = {permission for some in PERMISSIONS_OF.values() for permission in some} | {"importing.raw"}
"""Permissions and module paths are written alike."""
STEPS_WITH_NOTES = {"guess"}
"""A guess explains itself in notes; nothing is wrong, so nothing is to be mended."""


@cache
def _texts() -> tuple[tuple[str, ast.AST], ...]:
    """Every text, put-together text and call of every module."""
    kinds = (ast.Constant, ast.JoinedStr, ast.Call)
    return tuple(
        (name, node)
        for name, module in ((relative(module), module) for module in modules())
        for node in ast.walk(tree_of(module))
        if isinstance(node, kinds)
    )


def _named() -> dict[str, str]:
    """Codes that stand as whole texts somewhere in the code -> a module where they stand."""
    parts = {id(part) for _, node in _texts() if isinstance(node, ast.JoinedStr) for part in node.values}
    return {
        node.value: module
        for module, node in _texts()
        if isinstance(node, ast.Constant)
        and id(node) not in parts
        and isinstance(node.value, str)
        and CODE.fullmatch(node.value)
        and not node.value.endswith(FILE_ENDINGS)
        and node.value not in OTHER_NAMES
    }


def _called() -> dict[str, str]:
    """First arguments of calls that name a code, whatever they look like."""
    found = {}
    for module, node in _texts():
        if isinstance(node, ast.Call) and node.args and _callee(node.func) in NAMERS:
            first = node.args[0]
            if isinstance(first, ast.Constant) and re.fullmatch(r"[a-z]+\.[a-z0-9_]+", str(first.value)):
                found[str(first.value)] = module
    return found


def _callee(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _stems() -> set[str]:
    """Beginnings of codes that are put together, e.g. `assessment.rejected_` + reason."""
    stems = set()
    for _, node in _texts():
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            start = str(node.values[0].value)
            if re.fullmatch(rf"(?:{'|'.join(STEPS)})\.[a-z0-9_]*", start):
                stems.add(start)
    return stems


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_code_that_is_used_has_texts() -> None:
    """In the product, acts, tasks and permissions are written like codes: there the calls decide."""
    of_engine = {
        code: module for code, module in _named().items() if module.startswith("src/minping_engine/")
    }
    used = {**of_engine, **_called()}
    assert {code: module for code, module in used.items() if code not in catalogue()} == {}


def test_every_text_belongs_to_a_code_that_is_used() -> None:
    used, stems = set(_named()), tuple(_stems())
    assert [code for code in CODES if code not in used and not (stems and code.startswith(stems))] == []


def _of_step(step: str) -> dict[str, dict[str, str]]:
    return {code: texts for code, texts in catalogue().items() if code.split(".")[0] == step}


@pytest.mark.parametrize("step", sorted(STEPS))
def test_a_code_says_what_is_wrong_and_how_to_mend_it_in_both_languages(step: str) -> None:
    for code, texts in _of_step(step).items():
        is_note = step in STEPS_WITH_NOTES and not any(field.startswith("mend") for field in texts)
        assert sorted(texts) == sorted(LANGUAGES if is_note else FIELDS), code
        assert [field for field in texts if not str(texts[field]).strip()] == [], code


@pytest.mark.parametrize("step", sorted(STEPS))
def test_both_languages_speak_of_the_same_parameters(step: str) -> None:
    for code, texts in _of_step(step).items():
        en, zh = (
            _placeholders(texts[language]) | _placeholders(texts.get(f"mend_{language}", ""))
            for language in LANGUAGES
        )
        assert {_plain(name) for name in en} == {_plain(name) for name in zh}, code


def _plain(name: str) -> str:
    """`title_en` is the English twin of `title`."""
    return name.removesuffix("_en").removesuffix("_zh")


def test_the_tree_of_errors_is_drawn_as_it_is() -> None:
    """The drawing in the package's docstring names every class and no other."""
    from minping_engine import errors
    from minping_engine.errors import MinpingError

    def below(kind: type[MinpingError]) -> set[str]:
        return {kind.__name__}.union(*(below(child) for child in kind.__subclasses__()))

    drawn = set(re.findall(r"\b[A-Z]\w*Error\b", errors.__doc__ or ""))
    assert drawn == below(MinpingError)


NOT_PARAMETERS = {"place", "params", "severity", "count"}


def _given(call: ast.Call) -> set[str] | None:
    """Names of the parameters that a call gives; None where they cannot be read off."""
    names = {keyword.arg for keyword in call.keywords} - NOT_PARAMETERS
    dictionaries = [*call.args[2:3], *(word.value for word in call.keywords if word.arg == "params")]
    for dictionary in dictionaries:
        if not isinstance(dictionary, ast.Dict) or None in dictionary.keys:
            return None
        names |= {str(ast.literal_eval(key)) for key in dictionary.keys if isinstance(key, ast.Constant)}
    return None if None in names else {name for name in names if name}


def _calls() -> list[tuple[str, int, str, set[str]]]:
    """(module, line, code, parameters) of calls that name a code and show what they give."""
    found = []
    for module, node in _texts():
        if isinstance(node, ast.Call) and node.args and _callee(node.func) in NAMERS:
            first, given = node.args[0], _given(node)
            if isinstance(first, ast.Constant) and first.value in catalogue() and given is not None:
                found.append((module, node.lineno, str(first.value), given))
    return found


def test_a_problem_brings_every_parameter_that_its_text_names() -> None:
    lacking = []
    for module, line, code, given in _calls():
        wanted = set().union(*(_placeholders(str(text)) for text in catalogue()[code].values()))
        if wanted - given:
            lacking.append((f"{module}:{line}", code, sorted(wanted - given)))
    assert len(_calls()) > len(CODES) / 4, "the reader of calls sees hardly any"
    assert lacking == []
