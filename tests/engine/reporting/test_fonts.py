"""The bundled fonts cover GBK; rarer characters ask the machine, or say that they cannot."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from minping_engine.reporting import fonts
from minping_engine.reporting.fonts import BUNDLED, font_folders, manifest, rare_characters

RARE = "𠮷"


def test_bundled_fonts_are_what_their_manifest_says() -> None:
    for font in manifest()["fonts"]:
        assert hashlib.sha256((BUNDLED / font["file"]).read_bytes()).hexdigest() == font["sha256"]


def test_the_licence_of_the_fonts_lies_beside_them() -> None:
    assert "SIL OPEN FONT LICENSE" in (BUNDLED / "OFL.txt").read_text("utf-8")


def test_ordinary_text_needs_no_other_fonts() -> None:
    assert font_folders(["鼓楼区 喆堃 94.5 ① ± é"]).folders == (BUNDLED,)


def test_a_character_outside_gbk_is_rare() -> None:
    assert rare_characters(["王" + RARE]) == {RARE}


def test_a_rare_character_adds_the_folder_of_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(fonts.SETTING, str(tmp_path))
    assert font_folders([RARE]).folders == (BUNDLED, tmp_path)


def test_without_a_font_for_it_a_rare_character_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(fonts.SETTING, str(tmp_path / "absent"))
    found = font_folders([RARE])
    assert [problem.code for problem in found.warnings] == ["reporting.rare_characters"]
    assert RARE not in str(found.warnings)
