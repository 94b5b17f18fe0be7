"""The shape of modules (style.md 5 and 9): what each says of itself, how long it is, how it is called."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT, modules, relative, text_files, tree_of

LONGEST = 500
LONGER_BECAUSE: dict[str, str] = {}
"""Modules above the limit, each with its reason."""
MOST_PARAMETERS = 6
MORE_PARAMETERS_BECAUSE: dict[str, str] = {}
"""`module:function` with more, each with its reason."""
EMPTY_WORDS = {"utils", "util", "helpers", "helper", "misc", "base", "manager", "managers", "common_utils"}
OPEN_WORK = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")
ids = {"ids": relative}


@pytest.mark.parametrize("module", modules(), **ids)
def test_every_module_says_what_it_is(module: Path) -> None:
    said = ast.get_docstring(tree_of(module)) or ""
    assert said[:1], "a module docstring is missing"
    assert said.split("\n")[0].endswith((".", ":")) or "\n" in said, "the first line is a whole sentence"
    assert len(said) > 25, "one sentence at least"


@pytest.mark.parametrize("module", modules(), **ids)
def test_no_module_is_long_without_a_reason(module: Path) -> None:
    lines = len(module.read_text("utf-8").splitlines())
    assert lines <= LONGEST or LONGER_BECAUSE.get(relative(module)), f"{lines} lines"


def test_reasons_for_long_modules_are_still_needed() -> None:
    kept = [
        name
        for name in LONGER_BECAUSE
        if not (ROOT / name).is_file() or len((ROOT / name).read_text("utf-8").splitlines()) <= LONGEST
    ]
    assert kept == []


def test_no_module_is_named_after_nothing() -> None:
    names = {relative(path): {path.stem, *path.parent.parts[-1:]} for path in modules()}
    assert [name for name, words in names.items() if words & EMPTY_WORDS] == []


def test_no_work_is_left_as_a_remark() -> None:
    found = [
        f"{relative(path)}: {match.group()}"
        for path in text_files()
        if (match := OPEN_WORK.search(path.read_text("utf-8")))
    ]
    assert found == []


@pytest.mark.parametrize("module", modules(), **ids)
def test_no_function_takes_more_than_six_positional_parameters(module: Path) -> None:
    """Commands are left out: each parameter is an option that people read."""
    functions = [node for node in ast.walk(tree_of(module)) if isinstance(node, ast.FunctionDef)]
    many = [
        node.name
        for node in functions
        if len([one for one in node.args.args if one.arg not in {"self", "cls"}]) > MOST_PARAMETERS
        and not node.name.endswith("_command")
        and f"{relative(module)}:{node.name}" not in MORE_PARAMETERS_BECAUSE
    ]
    assert many == []
