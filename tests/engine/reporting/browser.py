"""A page in the machine's Chromium, in a frame of a given width: how wide and tall it is, what it says."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

FRAME = """<!doctype html><body style="margin:0">
<iframe id="f" src="{page}" width="{width}" height="800"
 style="border:0"></iframe><script>
document.getElementById("f").onload = () => {{
  const page = document.getElementById("f").contentDocument.documentElement
  document.title = `widest=${{page.scrollWidth}} tall=${{page.scrollHeight}} pictures=${{
    [...page.querySelectorAll("svg")].filter(one => one.getBoundingClientRect().height > 50).length}}`
}}</script></body>"""


@dataclass(frozen=True)
class Opened:
    """Pixels, pictures taller than 50 of them, and what the console said."""

    widest: int
    tall: int
    pictures: int
    console: str


def open_page(page: Path, width: int) -> Opened:
    """Open a file as wide as a screen. Fails where the machine has no Chromium."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        pytest.fail("no Chromium: run tools/system-packages.sh")
    frame = page.with_name("frame.html")
    frame.write_text(FRAME.format(page=page.name, width=width), "utf-8")
    command = [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"]
    command += [f"--user-data-dir={page.with_name('profile')}", "--virtual-time-budget=3000", "--dump-dom"]
    command += ["--enable-logging=stderr", frame.as_uri()]
    run = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    found = re.search(r"widest=(\d+) tall=(\d+) pictures=(\d+)", run.stdout)
    assert found, run.stdout[:400]
    said = "\n".join(line for line in run.stderr.splitlines() if "CONSOLE" in line)
    return Opened(int(found[1]), int(found[2]), int(found[3]), said)
