"""The fairness page in a real browser: no wider than the screen, and no complaint on the console."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from minping_engine.reporting import write_fairness
from tests.engine.reporting.fair_factory import make_fair

FRAME = """<!doctype html><body style="margin:0">
<iframe id="f" src="fairness.html" width="{width}" height="800"
 style="border:0"></iframe><script>
document.getElementById("f").onload = () => {{
  const page = document.getElementById("f").contentDocument.documentElement
  document.title = `widest=${{page.scrollWidth}} tall=${{page.scrollHeight}} pictures=${{
    [...page.querySelectorAll("svg")].filter(one => one.getBoundingClientRect().height > 50).length}}`
}}</script></body>"""


@pytest.fixture(scope="module")
def browser() -> str:
    """The machine's Chromium."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.fail("no Chromium: run tools/system-packages.sh")
    return found


@pytest.mark.parametrize(("width", "language"), [(360, "zh"), (360, "en"), (1440, "zh"), (1440, "en")])
def test_the_page_fits_the_screen_and_the_console_stays_silent(
    browser: str, tmp_path: Path, width: int, language: str
) -> None:
    made = make_fair(tmp_path)
    write_fairness(made.result, made.scheme, made.snapshot, tmp_path / "fairness.html", language=language)
    (tmp_path / "frame.html").write_text(FRAME.format(width=width), "utf-8")
    command = [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"]
    command += [f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=3000", "--dump-dom"]
    command += ["--enable-logging=stderr"]
    run = subprocess.run(
        [*command, (tmp_path / "frame.html").as_uri()],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    found = re.search(r"widest=(\d+) tall=(\d+) pictures=(\d+)", run.stdout)
    assert found, run.stdout[:400]
    assert int(found[1]) <= width
    assert int(found[2]) > 2000
    assert int(found[3]) == 5
    assert "CONSOLE" not in run.stderr
