"""Examples in how-to pages work: the scheme shown loads and its example holds, the values fit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from minping_engine.assessment import run_examples
from minping_engine.scheme import load_scheme, read_values
from tests.architecture.source_tree import ROOT

HOW_TO = ROOT / "docs" / "how-to"
BLOCK = re.compile(r"```yaml\n# (\S+)\n(.*?)```", re.DOTALL)
LANGUAGES = ("", ".zh-CN")


def _write_blocks(page: Path, folder: Path) -> None:
    """Blocks whose first line is a file name, as files."""
    for name, text in BLOCK.findall(page.read_text("utf-8")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_scheme_of_the_how_to_page_loads_and_its_example_holds(tmp_path: Path, language: str) -> None:
    _write_blocks(HOW_TO / f"own-scheme{language}.md", tmp_path)
    lines = list(run_examples(load_scheme(tmp_path)))
    assert len(lines) == 3
    lines += run_examples(load_scheme(tmp_path / "clean-grid", demo=True))
    assert len(lines) > 10
    assert [line for line in lines if not line.holds] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_district_values_of_the_how_to_page_fit_the_scheme(tmp_path: Path, language: str) -> None:
    _write_blocks(HOW_TO / f"district-values{language}.md", tmp_path)
    scheme = load_scheme("gulou-worker", values=read_values(tmp_path / "values.yaml"))
    assert [band.grade for band in scheme.bands] == ["A", "B", "C", "D"]
    assert scheme.warnings == ()


def test_blocks_of_both_languages_are_the_same() -> None:
    for page in ("own-scheme", "district-values"):
        zh, en = (
            [
                yaml.safe_load(text)
                for _, text in BLOCK.findall((HOW_TO / f"{page}{language}.md").read_text("utf-8"))
            ]
            for language in LANGUAGES
        )
        assert zh == en
