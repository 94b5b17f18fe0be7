"""The flow is told once: folders, import contract and ARCHITECTURE.md agree."""

from __future__ import annotations

import re
import tomllib

from tests.architecture.source_tree import ROOT, SOURCE

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CONTRACTS = PROJECT["tool"]["importlinter"]["contracts"]
LAYERS = next(contract["layers"] for contract in CONTRACTS if contract["type"] == "layers")
FOLDERS = {path.name for path in (SOURCE / "minping_engine").iterdir() if (path / "__init__.py").is_file()}
TOLD = re.findall(r"^\| `(\w+)/` \|", (ROOT / "ARCHITECTURE.md").read_text("utf-8"), re.MULTILINE)


def _layer_numbers() -> dict[str, int]:
    """Layer of each package, 0 at the top; packages beside each other share a number."""
    return {name: number for number, layer in enumerate(LAYERS) for name in re.findall(r"\w+", layer)}


def test_every_folder_has_a_layer() -> None:
    assert FOLDERS - _layer_numbers().keys() == set()


def test_a_layer_without_a_folder_is_marked_as_to_come() -> None:
    """Optional layers stand in brackets; the others exist."""
    firm = {name for layer in LAYERS for name in re.findall(r"(?<!\()\b\w+\b(?!\))", layer)}
    assert firm - FOLDERS == set()


def test_the_page_tells_every_folder_once_in_the_order_of_the_flow() -> None:
    numbers = _layer_numbers()
    assert sorted(TOLD) == sorted(FOLDERS)
    assert [numbers[name] for name in TOLD] == sorted((numbers[name] for name in TOLD), reverse=True)


def test_all_packages_but_the_command_line_are_kept_from_the_clock() -> None:
    banned = [contract for contract in CONTRACTS if contract.get("forbidden_modules") == ["time"]]
    kept = {name.removeprefix("minping_engine.") for one in banned for name in one["source_modules"]}
    assert kept == FOLDERS - {"cli"}
