"""Package fronts: what a package offers is listed once, resolves, and changes only on purpose."""

from __future__ import annotations

import ast
from importlib import import_module

import pytest

from tests.architecture.public_names import LIST, fronts, public_names
from tests.architecture.source_tree import SOURCE, tree_of

FRONTS = fronts()


def _tree(front: str) -> ast.Module:
    return tree_of(SOURCE.joinpath(*front.split(".")) / "__init__.py")


def _imported(body: list[ast.stmt]) -> set[str]:
    return {
        alias.asname or alias.name
        for node in body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def _for_types(front: str) -> set[str]:
    """Names that type checkers see."""
    blocks = [
        node
        for node in _tree(front).body
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
    ]
    return set().union(*(_imported(block.body) for block in blocks))


def _lazy_call(front: str) -> ast.Call | None:
    calls = [node for node in ast.walk(_tree(front)) if isinstance(node, ast.Call)]
    return next((call for call in calls if ast.unparse(call.func) == "lazy_front"), None)


def _lazy(front: str) -> set[str]:
    """Names that load on first use."""
    call = _lazy_call(front)
    if call is None:
        return set()
    homes = call.args[1]
    if isinstance(homes, ast.Dict):
        return {str(ast.literal_eval(key)) for key in homes.keys if key}
    return set(import_module(front).__all__)


def _eager(front: str) -> set[str]:
    defined = {
        node.name for node in _tree(front).body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    } | {
        target.id
        for node in _tree(front).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return _imported(_tree(front).body) | defined


@pytest.mark.parametrize("front", FRONTS)
def test_every_public_name_resolves(front: str) -> None:
    module = import_module(front)
    assert [name for name in module.__all__ if getattr(module, name, None) is None] == []


@pytest.mark.parametrize("front", FRONTS)
def test_the_list_is_sorted_and_without_doubles(front: str) -> None:
    names = list(import_module(front).__all__)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("front", [front for front in FRONTS if _lazy_call(front)])
def test_a_lazy_front_offers_what_it_finds_and_shows_it_to_type_checkers(front: str) -> None:
    offered = set(import_module(front).__all__)
    assert _for_types(front) == _lazy(front)
    assert offered - _lazy(front) <= _eager(front)
    assert _lazy(front) <= offered


@pytest.mark.parametrize("front", [front for front in FRONTS if _lazy_call(front)])
def test_a_lazy_front_refuses_unknown_names(front: str) -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        import_module(front).no_such_name  # noqa: B018


def test_public_names_change_only_on_purpose() -> None:
    """After a change that is meant: `python -m tests.architecture.public_names`."""
    assert public_names() == LIST.read_text("utf-8").split()
