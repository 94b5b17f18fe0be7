"""The product's order is told once: settings, contract and ARCHITECTURE.md agree; who may write what."""

from __future__ import annotations

import ast
import re

import pytest
from django.conf import settings

from tests.architecture.source_tree import ROOT, SOURCE, modules, relative, tree_of
from tests.architecture.test_layers import CONTRACTS

PRODUCT = next(one for one in CONTRACTS if one.get("containers") == ["minping_web"])
INSIDE = next(one for one in CONTRACTS if one["name"].startswith("Inside an app"))
APPS = [name.removeprefix("minping_web.") for name in settings.OUR_APPS]
TOLD = re.findall(r"^\| `minping_web/(\w+)/` \|", (ROOT / "ARCHITECTURE.md").read_text("utf-8"), re.MULTILINE)
FREE = {"common", "site"}
"""Not one step of the flow: shared mechanisms below, assembly above."""
WRITES = {
    "create",
    "bulk_create",
    "update",
    "delete",
    "save",
    "get_or_create",
    "update_or_create",
    "bulk_update",
}


def test_settings_contract_and_page_name_the_same_apps_in_the_same_order() -> None:
    assert list(reversed(PRODUCT["layers"])) == APPS == TOLD


def test_every_app_keeps_the_order_inside() -> None:
    assert {name.removeprefix("minping_web.") for name in INSIDE["containers"]} == set(APPS) - FREE


def test_every_folder_of_the_product_is_an_app() -> None:
    folders = {path.parent.name for path in (SOURCE / "minping_web").glob("*/__init__.py")}
    assert folders == set(APPS)


def _imported_models(tree: ast.Module, own: str) -> dict[str, str]:
    """Names of other apps' models in a module -> the app they belong to."""
    return {
        alias.asname or alias.name: node.module.split(".")[1]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and re.fullmatch(r"minping_web\.(?!common)\w+\.models(\.\w+)?", node.module or "")
        and (node.module or "").split(".")[1] != own
        for alias in node.names
    }


def _writes(tree: ast.Module, foreign: dict[str, str]) -> list[str]:
    """Calls like `Area.objects.create(...)` on another app's model."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            text = ast.unparse(node.func)
            name = text.split(".")[0].split("(")[0]
            if name in foreign:
                found.append(f"{text} at line {node.lineno}")
    return found


@pytest.mark.parametrize("app", [app for app in APPS if app not in FREE])
def test_an_app_writes_its_own_tables_only(app: str) -> None:
    """Another app's rows change through its services (style.md 3)."""
    trees = {
        relative(path): tree_of(path) for path in modules() if SOURCE / "minping_web" / app in path.parents
    }
    written = {name: _writes(tree, _imported_models(tree, app)) for name, tree in trees.items()}
    assert trees
    assert {name: writes for name, writes in written.items() if writes} == {}
