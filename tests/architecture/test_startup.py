"""The command starts fast: heavy libraries load when a command runs, not before."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "duckdb",
    "pyarrow",
    "scipy",
    "pandas",
    "polars",
    "typst",
    "numpy",
    "openpyxl",
    "xlsxwriter",
    "pydantic",
}
FRONTS = ["snapshot", "snapshot.importing", "scheme", "evidence", "estimation", "scoring", "assessment"]


def _loaded_by(statement: str) -> set[str]:
    """Heavy libraries that a fresh interpreter has loaded after `statement`."""
    program = f"{statement}\nimport sys\nprint(' '.join(name for name in sys.modules if '.' not in name))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return HEAVY & set(run.stdout.split())


def test_the_command_tree_loads_no_heavy_library() -> None:
    assert _loaded_by("import minping_engine.cli.app") == set()


def test_help_loads_no_heavy_library() -> None:
    program = (
        "import sys, contextlib\nsys.argv = ['minping', '--help']\nfrom minping_engine.cli import main\n"
    )
    assert _loaded_by(program + "with contextlib.suppress(SystemExit):\n    main()") == set()


def test_package_fronts_load_their_modules_on_first_use() -> None:
    imports = "\n".join(f"import minping_engine.{front}" for front in [*FRONTS, "reporting", "demo"])
    assert _loaded_by(imports) == set()


@pytest.mark.parametrize("front", ["errors", "terms"])
def test_words_and_errors_need_no_library_at_all(front: str) -> None:
    assert _loaded_by(f"import minping_engine.{front}") == set()
