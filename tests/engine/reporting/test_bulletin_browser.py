"""The bulletin in a real browser: it fits a small phone and a desk, and asks nobody for anything."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from minping_engine.reporting import write_bulletin
from tests.engine.reporting.factory import Worker, make_round

FRAME = """<!doctype html><body style="margin:0">
<iframe id="f" src="bulletin.html" width="{width}" height="800"
 style="border:0"></iframe><script>
document.getElementById("f").onload = () => {{
  const page = document.getElementById("f").contentDocument.documentElement
  document.title = `widest=${{page.scrollWidth}} tall=${{page.scrollHeight}}`
}}</script></body>"""


@pytest.fixture(scope="module")
def browser() -> str:
    """The machine's Chromium."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.fail("no Chromium: run tools/system-packages.sh")
    return found


@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_is_never_wider_than_the_screen(
    browser: str, tmp_path: Path, width: int, language: str
) -> None:
    made = make_round(tmp_path, [[Worker()] * 5, [Worker(points=85.0)] * 4, [Worker()] * 3, [Worker()] * 6])
    write_bulletin(made.result, made.scheme, made.snapshot, tmp_path / "bulletin.html", language=language)
    (tmp_path / "frame.html").write_text(FRAME.format(width=width), "utf-8")
    command = [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"]
    command += [f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=3000", "--dump-dom"]
    dom = subprocess.run(
        [*command, (tmp_path / "frame.html").as_uri()],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    ).stdout
    found = re.search(r"widest=(\d+) tall=(\d+)", dom)
    assert found, dom[:400]
    assert int(found[1]) <= width
    assert int(found[2]) > 800
