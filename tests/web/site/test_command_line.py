"""The product's commands beside the engine's: found, bilingual, and clear about what is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.web.site.running import Deployment

COMMANDS = (
    "backup", "check", "init", "keys", "ledger", "migrate", "restore", "seed", "serve", "users", "worker",
)  # fmt: skip
WITHOUT = (
    "import sys\nsys.modules[{name!r}] = None\nsys.argv = ['minping', 'init', '--lang', {lang!r}]\n"
    "from minping_engine.cli import main\nmain()\n"
)


def _without(name: str, lang: str, data: Path) -> subprocess.CompletedProcess[str]:
    """Run `minping init` in an interpreter in which a package cannot be found."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT.format(name=name, lang=lang)],
        env=os.environ | {"MINPING_DATA": str(data)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["django", "ninja"])
def test_without_the_extra_a_line_says_what_to_install(name: str, tmp_path: Path) -> None:
    done = _without(name, "en", tmp_path)
    assert done.returncode == 5
    assert "pip install 'minping[web]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_says_so_in_chinese_as_well(tmp_path: Path) -> None:
    done = _without("django", "zh", tmp_path)
    assert "pip install 'minping[web]'" in done.stderr
    assert any("\u4e00" <= sign <= "\u9fff" for sign in done.stderr)


def test_help_lists_every_command_of_the_product(tmp_path: Path) -> None:
    shown = Deployment(tmp_path, more={"COLUMNS": "200"}).minping("--help").stdout
    words = {word for line in shown.splitlines() for word in line.replace("│", " ").split()[:1]}
    assert set(COMMANDS) <= words


def test_an_unknown_language_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    done = Deployment(tmp_path / "data").minping("migrate", "--lang", "fr")
    assert done.returncode == 2
    assert not (tmp_path / "data").exists()


def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    done = Deployment(tmp_path, more={"MINPING_HTTPS": "maybe"}).minping("migrate")
    assert done.returncode == 5
    assert "MINPING_HTTPS" in done.stderr
