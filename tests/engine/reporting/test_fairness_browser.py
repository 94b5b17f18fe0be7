"""The fairness page in a real browser: no wider than the screen, and no complaint on the console."""

from __future__ import annotations

from pathlib import Path

import pytest

from minping_engine.reporting import write_fairness
from tests.engine.reporting.browser import open_page
from tests.engine.reporting.fair_factory import make_fair


@pytest.mark.parametrize(("width", "language"), [(360, "zh"), (360, "en"), (1440, "zh"), (1440, "en")])
def test_the_page_fits_the_screen_and_the_console_stays_silent(
    tmp_path: Path, width: int, language: str
) -> None:
    made = make_fair(tmp_path)
    page = tmp_path / "fairness.html"
    write_fairness(made.result, made.scheme, made.snapshot, page, language=language)
    seen = open_page(page, width)
    assert seen.widest <= width
    assert seen.tall > 2000
    assert seen.pictures == 5
    assert seen.console == ""
