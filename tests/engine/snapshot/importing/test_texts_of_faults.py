"""Every fault that importing or checking may raise has words in both languages, and none is left over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from minping_engine.errors import catalogue
from minping_engine.snapshot.importing.faults import shown


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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("13912345678", "139…"),
        ("电话13912345678。", "电话139…。"),
        ("320102198001011234", "320…"),
        ("32010219800101123X", "320…"),
        ("320106001001", "320106001001"),
        ("非常满意", "非常满意"),
    ],
)
def test_numbers_of_phones_and_identity_cards_do_not_stand_in_messages(text: str, message: str) -> None:
    assert shown(text) == message
