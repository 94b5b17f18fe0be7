"""Reading printed cards back: text, pages, picture. Skips where poppler-utils are not installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest


def _run(*command: str | Path) -> bytes:
    if shutil.which(str(command[0])) is None:
        pytest.skip(f"{command[0]} is not installed (Debian package poppler-utils)")
    return subprocess.run([str(part) for part in command], check=True, capture_output=True).stdout


def text_of(path: Path) -> str:
    """All text, blanks removed, since layout puts them anywhere."""
    return "".join(_run("pdftotext", "-layout", path, "-").decode().split())


def pages_of(path: Path) -> int:
    lines = _run("pdfinfo", path).decode().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("Pages:")))


def picture_of(path: Path) -> np.ndarray:
    """The first page in grey, 0 black to 255 white, at 40 dots per inch."""
    data = _run("pdftoppm", "-r", "40", "-gray", "-f", "1", "-l", "1", path)
    _, width, height, rest = data.split(maxsplit=3)
    pixels = rest.split(b"\n", 1)[1]
    return np.frombuffer(pixels, dtype=np.uint8).reshape(int(height), int(width))
