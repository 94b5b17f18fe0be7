"""Kinds of ledger entries: as the code stages them, and as the table of docs/method/ledger.md lists them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT, PAGE = ROOT / "src" / "minping_web", ROOT / "docs" / "method" / "ledger.md"
STAGERS = {"stage", "stage_many"}
HANDS_ON = {"staging.py", "erasing.py"}
"""What stages kinds that others name."""
CLOCKS = "register_clocks("
"""Who registers clocks names the kind of their entries."""
ROW = re.compile(r"^\| `([a-z_.]+)` \|", re.MULTILINE)


def listed() -> list[str]:
    """Kinds of the table."""
    table = PAGE.read_text("utf-8").partition("## Kinds of entries")[2].partition("\n## ")[0]
    return ROW.findall(table)


@cache
def staged() -> frozenset[tuple[str, str]]:
    """(kind, module) of every call; the changing part of a kind is `*`."""
    return frozenset(_found())


def _found() -> Iterator[tuple[str, str]]:
    for module in sorted(PRODUCT.rglob("*.py")):
        text = module.read_text("utf-8")
        if (
            "migrations" in module.parts
            or module.name in HANDS_ON
            or not ("stage(" in text or CLOCKS in text)
        ):
            continue
        tree = ast.parse(text)
        if CLOCKS not in text and not _stages(tree):
            continue
        known, helpers = constants(tree) | _imported(tree), _helpers(tree)
        if CLOCKS in text:
            helpers["Clock"] = 1
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                for kind in _kinds(node, helpers, known, tree):
                    yield kind, module.relative_to(PRODUCT).as_posix()


def _stages(tree: ast.Module) -> bool:
    """Whether the module imports the log's way in."""
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    return any(name.name in STAGERS for node in nodes for name in node.names)


def _helpers(tree: ast.Module) -> dict[str, int]:
    """Functions that hand their own argument on as a kind, with its place."""
    found = dict.fromkeys(STAGERS, 0)
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        names = [one.arg for one in function.args.args]
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in STAGERS:
                for inner in ast.walk(node.args[0]):
                    if isinstance(inner, ast.Name) and inner.id in names and inner is node.args[0]:
                        found[function.name] = names.index(inner.id)
    return found


def _kinds(node: ast.Call, helpers: dict[str, int], known: dict[str, str], tree: ast.Module) -> list[str]:
    """The kinds that one call may stage; none where the argument is handed on from a caller."""
    place = helpers.get(node.func.id) if isinstance(node.func, ast.Name) else None
    if place is None or len(node.args) <= place:
        return []
    given = node.args[place]
    if isinstance(given, ast.Name) and given.id not in known:
        return _either(tree, given.id)
    return [kind_of(given, known)]


def _either(tree: ast.Module, name: str) -> list[str]:
    """A kind chosen just before: `kind = "a" if … else "b"`."""
    found: list[str] = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.IfExp):
            continue
        if isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
            found += [kind_of(one, {}) for one in (node.value.body, node.value.orelse)]
    return found


def kind_of(node: ast.expr, known: dict[str, str]) -> str:
    """The kind that an expression gives."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else "*" for one in node.values)
    return known.get(node.id, "?") if isinstance(node, ast.Name) else "?"


def constants(tree: ast.Module) -> dict[str, str]:
    """Names of a module that stand for a text."""
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            found |= _assigned(node.targets[0], node.value)
    return found


def _assigned(target: ast.expr, value: ast.expr) -> dict[str, str]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = zip(target.elts, value.elts, strict=True)
        return {name: text for one, two in pairs for name, text in _assigned(one, two).items()}
    if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
        return {target.id: value.value}
    return {}


def _imported(tree: ast.Module) -> dict[str, str]:
    """Constants that come from another module of the product, or from the engine's draws."""
    found = {"FRAME_SEALED": "frame.sealed", "SEED_NAMED": "draw.seed_named", "DRAWN": "draw.made"}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("minping_web."):
            home = PRODUCT.parent / f"{(node.module or '').replace('.', '/')}.py"
            if home.is_file():
                known = constants(ast.parse(home.read_text("utf-8")))
                names = {one.asname or one.name: known[one.name] for one in node.names if one.name in known}
                found |= names
    return found
