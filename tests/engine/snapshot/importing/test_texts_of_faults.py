"""Every fault that importing or checking may raise has words in both languages, and none is left over."""

from __future__ import annotations

import re
from pathlib import Path

from minping_engine.errors import catalogue


def test_codes_and_texts_of_importing_are_the_same_set(root: Path) -> None:
    source = root / "src" / "minping_engine"
    modules = [*(source / "snapshot" / "importing").glob("*.py"), *(source / "cli").glob("*.py")]
    used = {code for path in modules for code in re.findall(r'"(importing\.\w+)"', path.read_text("utf-8"))}
    assert used == {code for code in catalogue() if code.startswith("importing.")}


def test_codes_of_checking_have_texts(root: Path) -> None:
    source = root / "src" / "minping_engine"
    modules = [*(source / "snapshot").glob("*.py"), *(source / "cli").glob("*.py")]
    used = {code for path in modules for code in re.findall(r'"(snapshot\.\w+)"', path.read_text("utf-8"))}
    assert used - {"snapshot.json"} <= set(catalogue())
