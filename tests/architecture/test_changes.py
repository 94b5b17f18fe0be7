"""Change fragments are well-formed and the changelog is made from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT
from tools.make_changelog import faults, filled


def test_fragments_are_well_formed() -> None:
    assert faults(ROOT / "changes") == []


def test_the_changelog_is_in_step_with_the_fragments() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert filled(changelog, ROOT / "changes") == changelog


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("new-thing.md", "A new thing."),
        ("added-thing.md", ""),
        ("added-thing.md", "# Heading."),
        ("added-thing.md", "No full stop"),
        ("added-thing.md", "Too long. " * 100),
    ],
)
def test_a_fragment_that_breaks_the_form_is_named(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    assert len(faults(tmp_path)) == 1
    assert name in faults(tmp_path)[0]
