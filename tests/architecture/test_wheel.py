"""The wheel that a bare `pip install` gets holds everything that the command needs."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT

SOURCE = ROOT / "src"
SCHEMES = ROOT / "schemes"


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Paths in the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        return set(wheel.namelist())


def files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_every_file_of_the_package_is_in_the_wheel(inside: set[str]) -> None:
    """Fonts, templates, texts and the demo's places are files beside the code."""
    assert files(SOURCE) - inside == set()


def test_every_file_of_the_scheme_library_is_in_the_wheel(inside: set[str]) -> None:
    assert {f"minping_engine/scheme_library/{name}" for name in files(SCHEMES)} - inside == set()


def test_nothing_else_is_in_the_wheel(inside: set[str]) -> None:
    """No tests, no data, no tools."""
    assert {name.split("/")[0].partition("-")[0] for name in inside} == {
        "minping_engine",
        "minping_web",
        "minping",
    }
