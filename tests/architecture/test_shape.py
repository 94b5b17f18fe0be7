"""The shape of modules (style.md 5 and 9): what each says of itself, how long it is, how it is called."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT, modules, packages, relative, text_files, tree_of

LONGEST = 500
LONGER_BECAUSE: dict[str, str] = {}
"""Modules above the limit, each with its reason."""
MOST_PARAMETERS = 6
MORE_PARAMETERS_BECAUSE: dict[str, str] = {}
"""`module:function` with more, each with its reason."""
EMPTY_WORDS = {"utils", "util", "helpers", "helper", "misc", "base", "manager", "managers", "common_utils"}
OPEN_WORK = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")
each_package = pytest.mark.parametrize("package", packages().values(), ids=packages())


@each_package
def test_every_module_says_what_it_is(package: list[Path]) -> None:
    for module in package:
        said = ast.get_docstring(tree_of(module)) or ""
        assert said[:1], f"{relative(module)}: a module docstring is missing"
        whole = said.split("\n")[0].endswith((".", ":")) or "\n" in said
        assert whole, f"{relative(module)}: the first line is a whole sentence"
        assert len(said) > 25, f"{relative(module)}: one sentence at least"


@each_package
def test_no_module_is_long_without_a_reason(package: list[Path]) -> None:
    lines = {relative(module): len(module.read_text("utf-8").splitlines()) for module in package}
    assert {name: n for name, n in lines.items() if n > LONGEST and not LONGER_BECAUSE.get(name)} == {}


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


@each_package
def test_no_function_takes_more_than_six_positional_parameters(package: list[Path]) -> None:
    """Commands are left out: each parameter is an option that people read."""
    many = [
        f"{relative(module)}:{node.name}"
        for module in package
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.FunctionDef)
        and len([one for one in node.args.args if one.arg not in {"self", "cls"}]) > MOST_PARAMETERS
        and not node.name.endswith("_command")
    ]
    assert [name for name in many if name not in MORE_PARAMETERS_BECAUSE] == []
