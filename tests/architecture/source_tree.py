"""The project's own files as the architecture tests see them: no caches, no environments.

In: the project's folder. Out: paths of text files, of modules, parsed modules. Shared by the
tests of this folder; it judges nothing itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
SKIPPED = {
    ".git",
    ".venv",
    ".venv-bench",
    ".venv-spark",
    ".venv-foreign",
    ".setup",
    ".hypothesis",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".import_linter_cache",
    "__pycache__",
    "build",
    "dist",
    "demo",
    "work",
    "site",
}
"""Folders that hold nothing of ours; `demo` and `site` are what commands make at the top."""
TEXT = {".py", ".md", ".yaml", ".yml", ".toml", ".lock", ".txt", ".sh", ".typ", ".json", ".html", ".css"}


def text_files() -> Iterator[Path]:
    """Every text file of the project, spreadsheets and layouts of tests left out."""
    for path in sorted(_walk(ROOT)):
        if path.suffix in TEXT or path.name in {"Makefile", "LICENSE", "NOTICE"} or path.parent.name == ".ci":
            yield path


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_file():
            yield path
        elif path.is_dir() and not _is_skipped(path):
            yield from _walk(path)


def _is_skipped(folder: Path) -> bool:
    made_at_top = folder.name in {"demo", "work", "site", "build", "dist"}
    return folder.name in SKIPPED and (not made_at_top or folder.parent in (ROOT, ROOT / "bench"))


def markdown_files() -> list[Path]:
    """Every page."""
    return [path for path in text_files() if path.suffix == ".md"]


def modules() -> list[Path]:
    """Every module of the packages but migrations, which a command writes."""
    left_out = {"__pycache__", "migrations"}
    return sorted(path for path in SOURCE.rglob("*.py") if not left_out & set(path.parts))


def packages() -> dict[str, list[Path]]:
    """Modules by package and part of it, such as `minping_web/rounds`: what one test looks at."""
    found: dict[str, list[Path]] = {}
    for path in modules():
        found.setdefault("/".join(path.relative_to(SOURCE).parts[:-1][:2]), []).append(path)
    return found


@cache
def tree_of(path: Path) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(path.read_text("utf-8"))


def relative(path: Path) -> str:
    """The path as the project writes it."""
    return path.relative_to(ROOT).as_posix()


def module_name(path: Path) -> str:
    """Dotted name of a module under `src`."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
