"""The bulletin in a real browser: it fits a small phone and a desk, and asks nobody for anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from minping_engine.reporting import write_bulletin
from tests.engine.reporting.browser import open_page
from tests.engine.reporting.factory import Worker, make_round


@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_is_never_wider_than_the_screen(tmp_path: Path, width: int, language: str) -> None:
    made = make_round(tmp_path, [[Worker()] * 5, [Worker(points=85.0)] * 4, [Worker()] * 3, [Worker()] * 6])
    page = tmp_path / "bulletin.html"
    write_bulletin(made.result, made.scheme, made.snapshot, page, language=language)
    seen = open_page(page, width)
    assert seen.widest <= width
    assert seen.tall > 800
    assert seen.console == ""
